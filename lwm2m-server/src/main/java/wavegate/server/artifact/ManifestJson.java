package wavegate.server.artifact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.ReleaseClass;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Severity;
import wavegate.firmware.pkg.Sha256;

/**
 * A manifest as canonical JSON: one object, members in alphabetical order, no white space. Only exactly these bytes are read back: a member
 * this server does not know may be a condition it would not keep, and two spellings of one manifest would be two packages.
 */
final class ManifestJson {
    private static final JsonFactory JSON = new JsonFactory();

    private ManifestJson() {}

    static byte[] encode(Manifest manifest) {
        TreeMap<String, Object> members = new TreeMap<>();
        members.put("hardware", manifest.hardware());
        members.put("manufacturer", manifest.manufacturer());
        members.put("model", manifest.model());
        members.put("name", manifest.name());
        members.put("sequence", manifest.sequence());
        members.put("sha256", manifest.sha256().hex());
        members.put("size", manifest.sizeBytes());
        members.put("version", manifest.version().text());
        manifest.expires().ifPresent(end -> members.put("expires", end.toString()));
        manifest.component().ifPresent(name -> members.put("component", name));
        putComponents(manifest.components(), members);
        putRequirements(manifest.requirements(), members);
        manifest.handling().releaseClass().ifPresent(each -> members.put("class", each.label()));
        manifest.handling().severity().ifPresent(each -> members.put("severity", each.label()));
        manifest.handling().maxDefer().ifPresent(each -> members.put("maxDefer", each.toSeconds()));
        manifest.imageTerms().format().ifPresent(each -> members.put("format", each.label()));
        manifest.imageTerms().securityCounter().ifPresent(each -> members.put("securityCounter", each));
        if (manifest.imageTerms().encrypted()) {
            members.put("encrypted", true);
        }
        return written(members);
    }

    /** Four lists of the same length and order. */
    private static void putComponents(List<ComponentImage> components, Map<String, Object> members) {
        putList("components", components.stream().map(ComponentImage::name).toList(), members);
        putList(
                "componentVersions",
                components.stream().map(each -> each.version().text()).toList(),
                members);
        putList(
                "componentSizes",
                components.stream().map(each -> Long.toString(each.sizeBytes())).toList(),
                members);
        putList(
                "componentSha256",
                components.stream().map(each -> each.sha256().hex()).toList(),
                members);
    }

    private static void putRequirements(Requirements requires, Map<String, Object> members) {
        putList("carriers", requires.carriers(), members);
        putList("regions", requires.regions(), members);
        putList(
                "fromVersions",
                requires.oneOf().stream().map(FirmwareVersion::text).toList(),
                members);
        requires.atLeast().ifPresent(least -> members.put("fromAtLeast", least.text()));
        requires.atMost().ifPresent(most -> members.put("fromAtMost", most.text()));
        requires.freeMemoryKb().ifPresent(kb -> members.put("freeMemoryKb", kb));
    }

    private static void putList(String name, Collection<String> values, Map<String, Object> members) {
        if (!values.isEmpty()) {
            members.put(name, List.copyOf(values));
        }
    }

    private static byte[] written(Map<String, Object> members) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            for (Map.Entry<String, Object> member : members.entrySet()) {
                out.writeFieldName(member.getKey());
                if (member.getValue() instanceof List<?> items) {
                    out.writeStartArray();
                    for (Object item : items) {
                        out.writeString((String) item);
                    }
                    out.writeEndArray();
                } else if (member.getValue() instanceof Long number) {
                    out.writeNumber(number);
                } else if (member.getValue() instanceof Boolean truth) {
                    out.writeBoolean(truth);
                } else {
                    out.writeString((String) member.getValue());
                }
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    static Manifest decode(byte[] bytes) throws PackageRefused {
        try {
            Members members = Members.of(bytes);
            Manifest manifest = new Manifest(
                    members.text("name"),
                    FirmwareVersion.of(members.text("version")),
                    members.text("manufacturer"),
                    members.text("model"),
                    members.text("hardware"),
                    Long.parseLong(members.text("size")),
                    new Sha256(members.text("sha256")),
                    Long.parseLong(members.text("sequence")),
                    members.maybe("expires").map(Instant::parse),
                    Optional.of(requirements(members)),
                    Optional.of(new Handling(
                            members.label("class", ReleaseClass.values(), ReleaseClass::label),
                            members.label("severity", Severity.values(), Severity::label),
                            members.number("maxDefer").map(Duration::ofSeconds))),
                    Optional.of(new ImageTerms(
                            members.label("format", ImageFormat.values(), ImageFormat::label),
                            members.maybe("encrypted").isPresent(),
                            members.number("securityCounter"))),
                    members.maybe("component"),
                    components(members));
            if (!Arrays.equals(encode(manifest), bytes)) {
                throw malformed("it is not in canonical form, or holds members that are not known: " + members.names());
            }
            return manifest;
        } catch (PackageRefused e) {
            throw e;
        } catch (IOException | IllegalArgumentException | DateTimeException | ArithmeticException e) {
            throw new PackageRefused(PackageRefused.Code.MALFORMED, "manifest: " + e.getMessage(), e);
        }
    }

    private static List<ComponentImage> components(Members members) throws PackageRefused {
        List<String> names = members.list("components");
        List<String> versions = members.list("componentVersions");
        List<String> sizes = members.list("componentSizes");
        List<String> digests = members.list("componentSha256");
        if (versions.size() != names.size() || sizes.size() != names.size() || digests.size() != names.size()) {
            throw malformed("components: " + names.size() + " names, " + versions.size() + " versions, " + sizes.size()
                    + " sizes, " + digests.size() + " digests (expected: as many of each)");
        }
        List<ComponentImage> components = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            components.add(new ComponentImage(
                    names.get(i),
                    FirmwareVersion.of(versions.get(i)),
                    Long.parseLong(sizes.get(i)),
                    new Sha256(digests.get(i))));
        }
        return components;
    }

    private static Requirements requirements(Members members) {
        return new Requirements(
                new TreeSet<>(members.list("carriers")),
                new TreeSet<>(members.list("regions")),
                members.maybe("fromAtLeast").map(FirmwareVersion::of),
                members.maybe("fromAtMost").map(FirmwareVersion::of),
                members.list("fromVersions").stream()
                        .map(FirmwareVersion::of)
                        .collect(Collectors.toCollection(TreeSet::new)),
                members.number("freeMemoryKb"));
    }

    /** The members of the object as texts and lists of texts; whether they were spelled canonically is seen when they are written again. */
    private record Members(Map<String, String> plain, Map<String, List<String>> lists) {
        static Members of(byte[] bytes) throws IOException {
            Members members = new Members(new TreeMap<>(), new TreeMap<>());
            try (JsonParser in = JSON.createParser(bytes)) {
                if (in.nextToken() != JsonToken.START_OBJECT) {
                    throw malformed("it is no JSON object");
                }
                for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
                    JsonToken value = in.nextToken();
                    if (value == JsonToken.START_ARRAY) {
                        members.lists.put(name, items(name, in));
                    } else if (value != null && value.isScalarValue()) {
                        members.plain.put(name, in.getText());
                    } else {
                        throw malformed("member " + name + " is no plain value");
                    }
                }
            }
            return members;
        }

        private static List<String> items(String name, JsonParser in) throws IOException {
            List<String> items = new ArrayList<>();
            for (JsonToken item = in.nextToken(); item != JsonToken.END_ARRAY; item = in.nextToken()) {
                if (item != JsonToken.VALUE_STRING) {
                    throw malformed("member " + name + " is no list of texts");
                }
                items.add(in.getText());
            }
            return items;
        }

        List<String> names() {
            return Stream.concat(plain.keySet().stream(), lists.keySet().stream())
                    .sorted()
                    .toList();
        }

        String text(String name) throws PackageRefused {
            String value = plain.get(name);
            if (value == null) {
                throw malformed("member " + name + " is missing");
            }
            return value;
        }

        Optional<String> maybe(String name) {
            return Optional.ofNullable(plain.get(name));
        }

        Optional<Long> number(String name) {
            return maybe(name).map(Long::parseLong);
        }

        List<String> list(String name) {
            return lists.getOrDefault(name, List.of());
        }

        <T> Optional<T> label(String name, T[] all, Function<T, String> label) throws PackageRefused {
            Optional<String> said = maybe(name);
            if (said.isEmpty()) {
                return Optional.empty();
            }
            for (T each : all) {
                if (label.apply(each).equals(said.get())) {
                    return Optional.of(each);
                }
            }
            throw malformed("member " + name + ": " + said.get() + " (expected: one of "
                    + Arrays.stream(all).map(label).toList() + ")");
        }
    }

    private static PackageRefused malformed(String what) {
        return new PackageRefused(PackageRefused.Code.MALFORMED, "manifest: " + what);
    }
}
