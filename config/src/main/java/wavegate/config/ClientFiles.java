package wavegate.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads client profiles: those on the class path, and over them those of a folder. A file must say everything; what is unknown is refused. */
public final class ClientFiles {
    private static final List<String> BUILT_IN =
            List.of("spec", "anjay", "anjay-lite", "zephyr", "nrf", "wakaama", "modem");

    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final String source;
    private final JsonNode root;
    private final List<String> faults = new ArrayList<>();
    private final Set<String> asked = new TreeSet<>();

    private ClientFiles(String source, JsonNode root) {
        this.source = source;
        this.root = root;
    }

    /** Those that come with the server. */
    public static List<ClientFile> builtIn() {
        List<ClientFile> files = new ArrayList<>();
        for (String name : BUILT_IN) {
            String resource = "clients/" + name + ".yaml";
            try (InputStream in = ClientFiles.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IllegalStateException(resource + " is not on the class path");
                }
                files.add(parse(resource, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }

    /**
     * Those that come with the server, and those of a folder, which replace ours of the same name.
     *
     * @throws IOException if the folder or a file in it cannot be read
     * @throws SettingsRefused with every fault of the first file that has any
     */
    public static List<ClientFile> with(Path folder) throws IOException {
        Map<String, ClientFile> byName = new LinkedHashMap<>();
        builtIn().forEach(file -> byName.put(file.name(), file));
        List<Path> paths;
        try (Stream<Path> all = Files.list(folder)) {
            paths = all.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
        for (Path path : paths) {
            ClientFile file = parse(path.toString(), Files.readString(path));
            byName.put(file.name(), file);
        }
        return List.copyOf(byName.values());
    }

    /** @throws SettingsRefused with every fault */
    public static ClientFile parse(String source, String yaml) {
        JsonNode root;
        try {
            root = YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new SettingsRefused(source, List.of("not YAML: " + e.getOriginalMessage()));
        }
        if (root == null || !root.isObject()) {
            throw new SettingsRefused(source, List.of("expected keys with values"));
        }
        return new ClientFiles(source, root).file();
    }

    private ClientFile file() {
        ClientFile file = new ClientFile(
                source,
                text("name"),
                list("match").stream().map(this::match).toList(),
                list("reset").stream().map(this::reset).toList(),
                new ClientFile.Words(text("result-kept"), text("deferral"), text("delivery"), text("version")),
                new ClientFile.Flags(
                        flag("shows-push"),
                        flag("refusal-carries-result"),
                        flag("cancel-unannounced"),
                        flag("execute-arguments"),
                        flag("observe")),
                number("max-block"),
                number("max-uri"),
                words("deltas"),
                new ClientFile.Waits(duration("awake"), duration("poll-first"), duration("poll-max")));
        asked.add("description");
        root.fieldNames().forEachRemaining(key -> {
            if (!asked.contains(key)) {
                faults.add(key + ": unknown key (expected: one of " + String.join(", ", asked) + ")");
            }
        });
        if (!faults.isEmpty()) {
            throw new SettingsRefused(source, faults);
        }
        return file;
    }

    private JsonNode take(String key) {
        asked.add(key);
        return root.path(key);
    }

    private void fault(String key, JsonNode value, String expected) {
        faults.add(
                key + ": " + (value.isMissingNode() ? "missing" : value.toString()) + " (expected: " + expected + ")");
    }

    private String text(String key) {
        JsonNode value = take(key);
        if (!value.isTextual()) {
            fault(key, value, "a word");
        }
        return value.asText();
    }

    private boolean flag(String key) {
        JsonNode value = take(key);
        if (!value.isBoolean()) {
            fault(key, value, "true or false");
        }
        return value.asBoolean();
    }

    private int number(String key) {
        JsonNode value = take(key);
        if (!value.isInt()) {
            fault(key, value, "a whole number");
        }
        return value.asInt();
    }

    private Optional<Duration> duration(String key) {
        JsonNode value = take(key);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Durations.parse(value.asText()));
        } catch (IllegalArgumentException e) {
            fault(key, value, "a duration such as 30s, 10m, 2h");
            return Optional.empty();
        }
    }

    private List<JsonNode> list(String key) {
        JsonNode value = take(key);
        if (!value.isArray()) {
            fault(key, value, "a list");
        }
        List<JsonNode> items = new ArrayList<>();
        value.forEach(items::add);
        return items;
    }

    /** A list that may be missing. */
    private List<String> words(String key) {
        JsonNode value = take(key);
        List<String> words = new ArrayList<>();
        if (!value.isMissingNode() && !value.isArray()) {
            fault(key, value, "a list");
        }
        value.forEach(word -> words.add(word.asText()));
        return words;
    }

    private ClientFile.Match match(JsonNode node) {
        known("match", node, Set.of("manufacturer", "model", "object-versions", "behaviours"));
        return new ClientFile.Match(
                pattern(node, "manufacturer"),
                pattern(node, "model"),
                texts(node, "object-versions"),
                texts(node, "behaviours"));
    }

    private ClientFile.Reset reset(JsonNode node) {
        known("reset", node, Set.of("means", "states"));
        List<Integer> states = new ArrayList<>();
        node.path("states").forEach(state -> {
            if (!state.isInt()) {
                fault("reset.states", state, "0, 1, 2 or 4");
            }
            states.add(state.asInt());
        });
        return new ClientFile.Reset(node.path("means").asText(), states);
    }

    private void known(String key, JsonNode node, Set<String> allowed) {
        if (!node.isObject()) {
            fault(key, node, "keys and values");
        }
        node.fieldNames().forEachRemaining(name -> {
            if (!allowed.contains(name)) {
                faults.add(key + "." + name + ": unknown key (expected: one of " + new TreeSet<>(allowed) + ")");
            }
        });
    }

    private static Optional<String> pattern(JsonNode node, String key) {
        return node.path(key).isMissingNode()
                ? Optional.empty()
                : Optional.of(node.path(key).asText());
    }

    /** A list, or one item. */
    private static List<String> texts(JsonNode node, String key) {
        JsonNode value = node.path(key);
        List<String> texts = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(item -> texts.add(item.asText()));
        } else if (!value.isMissingNode()) {
            texts.add(value.asText());
        }
        return texts;
    }
}
