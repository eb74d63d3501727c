package wavegate.server.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import wavegate.firmware.event.Fact;

/**
 * Facts as JSON: {@code {"v":1,"type":"DeviceChanged","at":...,...}}, one member per record component, in the record's order. {@code v} and
 * {@code type} come first. Members that are not known are skipped, so that an older server reads what a newer one wrote with more in it; a
 * missing one is refused by name, unless it is a flag or an {@code Optional}: those came later, and are off and absent. Values are exact both ways:
 *
 * <ul>
 *   <li>an {@code Instant} is epoch milliseconds with up to six decimals; {@code "max"} and {@code "min"} are the ends of time
 *   <li>a {@code Duration} is ISO 8601 text; an enum its name; an absent {@code Optional} is {@code null}
 *   <li>a double is its shortest exact decimal; {@code "NaN"}, {@code "Infinity"}, {@code "-Infinity"} are text
 *   <li>an endpoint, campaign id, package id, digest, firmware version or Update Result is its bare value
 * </ul>
 *
 * Any thread.
 */
public final class FactCodec {
    public static final int VERSION = 1;

    private final JsonFactory json = new JsonFactory();
    private final Map<Class<?>, RecordShape> shapes = new HashMap<>();
    private final Map<String, RecordShape> shapesByType = new HashMap<>();
    private final Map<String, Class<?>> typesByName = new HashMap<>();

    public FactCodec() {
        for (Class<?> type : Fact.class.getPermittedSubclasses()) {
            RecordShape shape = RecordShape.of(type);
            shapes.put(type, shape);
            shapesByType.put(type.getSimpleName(), shape);
            typesByName.put(type.getSimpleName(), type);
        }
    }

    public byte[] encode(Fact fact) {
        RecordShape shape = shapes.get(fact.getClass());
        if (shape == null) {
            throw new IllegalArgumentException(
                    "fact: " + fact.getClass() + " (expected: one of " + shapesByType.keySet() + ")");
        }
        Captured bytes = new Captured();
        try (JsonGenerator out = json.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeNumberField("v", VERSION);
            out.writeStringField("type", fact.getClass().getSimpleName());
            shape.writeMembers(fact, out);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.bytes;
    }

    /** The type of an encoded fact, without reading the rest of it; empty if it is none of ours. */
    Optional<Class<?>> typeOf(byte[] bytes) {
        try (JsonParser in = json.createParser(bytes)) {
            in.nextToken();
            in.nextFieldName();
            in.nextToken();
            return "type".equals(in.nextFieldName())
                    ? Optional.ofNullable(typesByName.get(String.valueOf(in.nextTextValue())))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @throws MalformedFact if the bytes are not one whole fact of this version */
    public Fact decode(byte[] bytes) {
        try (JsonParser in = json.createParser(bytes)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedFact("fact: no object");
            }
            if (!"v".equals(in.nextFieldName())) {
                throw new MalformedFact("fact.v: missing (expected: the first member)");
            }
            in.nextToken();
            int version = in.getValueAsInt(-1);
            if (version != VERSION) {
                throw new MalformedFact("fact.v: " + in.getText() + " (expected: " + VERSION + ")");
            }
            if (!"type".equals(in.nextFieldName())) {
                throw new MalformedFact("fact.type: missing (expected: the second member)");
            }
            String type = in.nextTextValue();
            RecordShape shape = type == null ? null : shapesByType.get(type);
            if (type == null || shape == null) {
                throw new MalformedFact("fact.type: " + type + " (expected: one of " + shapesByType.keySet() + ")");
            }
            Fact fact;
            try {
                fact = (Fact) shape.readMembers(in);
            } catch (MalformedFact e) {
                throw e.in(type);
            }
            if (in.nextToken() != null) {
                throw new MalformedFact("fact: more after its end");
            }
            return fact;
        } catch (IOException e) {
            throw new MalformedFact("fact: " + e.getMessage(), e);
        }
    }

    /** Takes what the generator flushes; a fact below the generator's buffer size arrives in one piece and is copied once. */
    private static final class Captured extends OutputStream {
        private byte[] bytes = new byte[0];

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            if (bytes.length == 0) {
                bytes = Arrays.copyOfRange(from, offset, offset + length);
            } else {
                int old = bytes.length;
                bytes = Arrays.copyOf(bytes, old + length);
                System.arraycopy(from, offset, bytes, old, length);
            }
        }
    }
}
