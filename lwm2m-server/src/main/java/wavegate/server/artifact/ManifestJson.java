package wavegate.server.artifact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Sha256;

/**
 * A manifest as canonical JSON: one object, members in alphabetical order, no white space. Only exactly these bytes are read back: a member
 * this server does not know may be a condition it would not keep, and two spellings of one manifest would be two packages.
 */
final class ManifestJson {
    private static final JsonFactory JSON = new JsonFactory();

    private ManifestJson() {}

    static byte[] encode(Manifest manifest) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            if (manifest.expires().isPresent()) {
                out.writeStringField("expires", manifest.expires().get().toString());
            }
            out.writeStringField("hardware", manifest.hardware());
            out.writeStringField("manufacturer", manifest.manufacturer());
            out.writeStringField("model", manifest.model());
            out.writeStringField("name", manifest.name());
            out.writeNumberField("sequence", manifest.sequence());
            out.writeStringField("sha256", manifest.sha256().hex());
            out.writeNumberField("size", manifest.sizeBytes());
            out.writeStringField("version", manifest.version().text());
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    static Manifest decode(byte[] bytes) throws PackageRefused {
        Map<String, String> members = new TreeMap<>();
        try (JsonParser in = JSON.createParser(bytes)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw malformed("it is no JSON object");
            }
            for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
                if (!in.nextToken().isScalarValue()) {
                    throw malformed("member " + name + " is no plain value");
                }
                members.put(name, in.getText());
            }
            Manifest manifest = new Manifest(
                    text(members, "name"),
                    FirmwareVersion.of(text(members, "version")),
                    text(members, "manufacturer"),
                    text(members, "model"),
                    text(members, "hardware"),
                    Long.parseLong(text(members, "size")),
                    new Sha256(text(members, "sha256")),
                    Long.parseLong(text(members, "sequence")),
                    Optional.ofNullable(members.get("expires")).map(Instant::parse));
            if (!Arrays.equals(encode(manifest), bytes)) {
                throw malformed(
                        "it is not in canonical form, or holds members that are not known: " + members.keySet());
            }
            return manifest;
        } catch (PackageRefused e) {
            throw e;
        } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
            throw new PackageRefused(PackageRefused.Code.MALFORMED, "manifest: " + e.getMessage(), e);
        }
    }

    private static String text(Map<String, String> members, String name) throws PackageRefused {
        String value = members.get(name);
        if (value == null) {
            throw malformed("member " + name + " is missing");
        }
        return value;
    }

    private static PackageRefused malformed(String what) {
        return new PackageRefused(PackageRefused.Code.MALFORMED, "manifest: " + what);
    }
}
