package wavegate.server.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import wavegate.firmware.device.DeviceQuery;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;

/** The shapes of all types that occur in facts. A type not listed is refused when the codec is built, not when the first fact is lost. */
final class Shapes {
    private static final int NANOS_PER_MILLI = 1_000_000;
    /** The last second of the year 9999: instants from 1970 to here are written as a number. */
    private static final long LAST_PLAIN_SECOND = 253_402_300_799L;

    private static final Map<Class<?>, Shape> LEAVES = Map.ofEntries(
            Map.entry(String.class, new Text<>(value -> (String) value, text -> text)),
            Map.entry(Endpoint.class, new Text<>(value -> ((Endpoint) value).name(), Endpoint::new)),
            Map.entry(CampaignId.class, new Text<>(value -> ((CampaignId) value).value(), CampaignId::new)),
            Map.entry(PackageId.class, new Text<>(value -> ((PackageId) value).value(), PackageId::new)),
            Map.entry(Sha256.class, new Text<>(value -> ((Sha256) value).hex(), Sha256::new)),
            Map.entry(
                    FirmwareVersion.class, new Text<>(value -> ((FirmwareVersion) value).text(), FirmwareVersion::of)),
            Map.entry(DeviceQuery.class, new Text<>(value -> ((DeviceQuery) value).text(), DeviceQuery::parse)),
            Map.entry(Duration.class, new Text<>(Object::toString, Duration::parse)),
            Map.entry(int.class, new Whole(value -> (Integer) value, value -> value)),
            Map.entry(Integer.class, new Whole(value -> (Integer) value, value -> value)),
            Map.entry(UpdateResult.class, new Whole(value -> ((UpdateResult) value).code(), UpdateResult::new)),
            Map.entry(long.class, new LongWhole()),
            Map.entry(Long.class, new LongWhole()),
            Map.entry(double.class, new Decimal()),
            Map.entry(Double.class, new Decimal()),
            Map.entry(boolean.class, new Truth()),
            Map.entry(Boolean.class, new Truth()),
            Map.entry(Instant.class, new Moment()));

    private Shapes() {}

    static Shape of(Type type) {
        if (type instanceof Class<?> plain) {
            Shape leaf = LEAVES.get(plain);
            if (leaf != null) {
                return leaf;
            }
            if (plain.isRecord()) {
                return RecordShape.of(plain);
            }
            if (plain.isEnum()) {
                return enumOf(plain);
            }
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            Type[] arguments = generic.getActualTypeArguments();
            Shape last = of(arguments[arguments.length - 1]);
            if (raw == Optional.class) {
                return new Maybe(last);
            }
            if (raw == List.class) {
                return new Items(last, items -> items);
            }
            if (raw == SortedSet.class) {
                return new Items(last, TreeSet::new);
            }
            if ((raw == Map.class || raw == SortedMap.class) && arguments[0] == String.class) {
                return new Entries(last, raw == SortedMap.class);
            }
        }
        throw new IllegalArgumentException("fact component of " + type + " (expected: a type that has a shape)");
    }

    private static Shape enumOf(Class<?> type) {
        Map<String, Object> constants = new HashMap<>();
        for (Object constant : type.getEnumConstants()) {
            constants.put(((Enum<?>) constant).name(), constant);
        }
        return new Text<>(value -> ((Enum<?>) value).name(), name -> {
            Object constant = constants.get(name);
            if (constant == null) {
                throw new IllegalArgumentException(name + " (expected: one of " + constants.keySet() + ")");
            }
            return constant;
        });
    }

    static void expect(JsonParser in, JsonToken token, String what) throws IOException {
        if (in.currentToken() != token) {
            throw new MalformedFact(": " + in.getText() + " (expected: " + what + ")");
        }
    }

    private record Text<T>(Function<Object, String> from, Function<String, T> to) implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeString(from.apply(value));
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.VALUE_STRING, "text");
            try {
                return to.apply(in.getText());
            } catch (IllegalArgumentException | DateTimeException e) {
                throw new MalformedFact(": " + e.getMessage(), e);
            }
        }
    }

    private record Whole(ToIntFunction<Object> from, IntFunction<Object> to) implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeNumber(from.applyAsInt(value));
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.VALUE_NUMBER_INT, "a whole number");
            return to.apply(in.getIntValue());
        }
    }

    private record LongWhole() implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeNumber((Long) value);
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.VALUE_NUMBER_INT, "a whole number");
            return in.getLongValue();
        }
    }

    private record Truth() implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeBoolean((Boolean) value);
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            if (!in.currentToken().isBoolean()) {
                throw new MalformedFact(": " + in.getText() + " (expected: true or false)");
            }
            return in.getBooleanValue();
        }
    }

    private record Decimal() implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            double number = (Double) value;
            if (Double.isFinite(number)) {
                out.writeNumber(number);
            } else {
                out.writeString(Double.toString(number));
            }
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            if (in.currentToken().isNumeric()) {
                return in.getDoubleValue();
            }
            return switch (in.getText()) {
                case "NaN" -> Double.NaN;
                case "Infinity" -> Double.POSITIVE_INFINITY;
                case "-Infinity" -> Double.NEGATIVE_INFINITY;
                default -> throw new MalformedFact(": " + in.getText() + " (expected: a number)");
            };
        }
    }

    private record Moment() implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            Instant at = (Instant) value;
            long second = at.getEpochSecond();
            if (second < 0 || second > LAST_PLAIN_SECOND) {
                out.writeString(at.equals(Instant.MAX) ? "max" : at.equals(Instant.MIN) ? "min" : at.toString());
                return;
            }
            long millis = second * 1000 + at.getNano() / NANOS_PER_MILLI;
            int rest = at.getNano() % NANOS_PER_MILLI;
            if (rest == 0) {
                out.writeNumber(millis);
            } else {
                out.writeNumber(fraction(millis, rest));
            }
        }

        private static String fraction(long millis, int nanos) {
            StringBuilder text = new StringBuilder(20).append(millis).append('.');
            int digits = nanos;
            int width = 6;
            while (digits % 10 == 0) {
                digits /= 10;
                width--;
            }
            int from = text.length();
            text.append(digits);
            while (text.length() - from < width) {
                text.insert(from, '0');
            }
            return text.toString();
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            switch (in.currentToken()) {
                case VALUE_NUMBER_INT -> {
                    return Instant.ofEpochMilli(in.getLongValue());
                }
                case VALUE_NUMBER_FLOAT -> {
                    BigInteger nanos =
                            new BigDecimal(in.getText()).movePointRight(6).toBigInteger();
                    BigInteger[] parts = nanos.divideAndRemainder(BigInteger.valueOf(1_000_000_000));
                    return Instant.ofEpochSecond(parts[0].longValue(), parts[1].longValue());
                }
                case VALUE_STRING -> {
                    return ofText(in.getText());
                }
                default -> throw new MalformedFact(": " + in.getText() + " (expected: an instant)");
            }
        }

        private static Instant ofText(String text) {
            try {
                return switch (text) {
                    case "max" -> Instant.MAX;
                    case "min" -> Instant.MIN;
                    default -> Instant.parse(text);
                };
            } catch (DateTimeException e) {
                throw new MalformedFact(": " + text + " (expected: an instant)", e);
            }
        }
    }

    private record Maybe(Shape inner) implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            Optional<?> maybe = (Optional<?>) value;
            if (maybe.isPresent()) {
                inner.write(maybe.get(), out);
            } else {
                out.writeNull();
            }
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            return in.currentToken() == JsonToken.VALUE_NULL ? Optional.empty() : Optional.of(inner.read(in));
        }
    }

    private record Items(Shape item, Function<List<Object>, Collection<Object>> collect) implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeStartArray();
            for (Object element : (Collection<?>) value) {
                item.write(element, out);
            }
            out.writeEndArray();
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.START_ARRAY, "a list");
            List<Object> items = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                try {
                    items.add(item.read(in));
                } catch (MalformedFact e) {
                    throw e.in("[" + items.size() + "]");
                }
            }
            return collect.apply(items);
        }
    }

    private record Entries(Shape entry, boolean sorted) implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeStartObject();
            for (Map.Entry<?, ?> each : ((Map<?, ?>) value).entrySet()) {
                out.writeFieldName((String) each.getKey());
                entry.write(each.getValue(), out);
            }
            out.writeEndObject();
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.START_OBJECT, "an object");
            Map<String, Object> entries = sorted ? new TreeMap<>() : new LinkedHashMap<>();
            for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
                in.nextToken();
                try {
                    entries.put(name, entry.read(in));
                } catch (MalformedFact e) {
                    throw e.in(name);
                }
            }
            return entries;
        }
    }
}
