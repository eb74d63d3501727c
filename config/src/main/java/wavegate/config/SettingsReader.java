package wavegate.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads {@link Settings}: the records' defaults, over them a YAML file, over that the environment. Whatever is unknown or cannot stand is
 * gathered and refused together. Not thread-safe; used once at start.
 */
public final class SettingsReader {
    /** Variables that are the launcher's or the client's, not settings of the server. */
    private static final Set<String> NOT_SETTINGS = Set.of(
            "WAVEGATE_CONFIG",
            "WAVEGATE_HOME",
            "WAVEGATE_URL",
            "WAVEGATE_LOG_LEVEL",
            "WAVEGATE_JAVA_OPTS",
            "WAVEGATE_MAVEN_ARGS");

    /** Kubernetes puts these into every container beside a service called wavegate. */
    private static final String SERVICE_LINKS = "WAVEGATE_(SERVICE_(HOST|PORT)|PORT)(_.*)?";

    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final Map<String, SettingsKeys.Key> known = new LinkedHashMap<>();
    private final Map<String, String> given = new LinkedHashMap<>();
    private final Map<String, String> source = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();

    private SettingsReader() {
        SettingsKeys.defaults().forEach(key -> known.put(key.name(), key));
    }

    /**
     * @param file a YAML file; without one the defaults stand
     * @param environment as {@link System#getenv()} gives it
     * @throws SettingsRefused with every fault
     */
    public static Settings read(Optional<Path> file, Map<String, String> environment) {
        return read(file, environment, settings -> List.of());
    }

    /**
     * The same, together with what the settings lead to.
     *
     * @param more faults beyond the settings themselves, like those in a file they name; is given defaults in place of bad values
     */
    public static Settings read(
            Optional<Path> file, Map<String, String> environment, Function<Settings, List<String>> more) {
        SettingsReader reader = new SettingsReader();
        file.ifPresent(reader::readFile);
        reader.readEnvironment(environment);
        return reader.build(file.map(Path::toString).orElse("settings"), more);
    }

    /** The same from YAML text. */
    public static Settings parse(String yaml, Map<String, String> environment) {
        SettingsReader reader = new SettingsReader();
        reader.readYaml(yaml);
        reader.readEnvironment(environment);
        return reader.build("settings", settings -> List.of());
    }

    private void readFile(Path file) {
        try {
            readYaml(Files.readString(file));
        } catch (IOException e) {
            faults.add(file + ": cannot be read: " + e.getMessage());
        }
    }

    private void readYaml(String text) {
        try {
            JsonNode root = YAML.readTree(text);
            if (root == null || root.isMissingNode() || root.isNull()) {
                return;
            }
            if (!root.isObject()) {
                faults.add("expected keys with values, found: " + root.getNodeType());
                return;
            }
            flatten("", root);
        } catch (JsonProcessingException e) {
            faults.add("not YAML: " + e.getOriginalMessage()
                    + (e.getLocation() == null
                            ? ""
                            : " (line " + e.getLocation().getLineNr() + ")"));
        }
    }

    private void flatten(String prefix, JsonNode section) {
        section.properties().forEach(entry -> {
            String name = prefix + entry.getKey();
            JsonNode value = entry.getValue();
            if (value.isObject()) {
                flatten(name + ".", value);
            } else if (!known.containsKey(name)) {
                boolean emptySection =
                        value.isNull() && known.keySet().stream().anyMatch(k -> k.startsWith(name + "."));
                if (!emptySection) {
                    faults.add(unknown(name));
                }
            } else if (value.isNull()) {
                faults.add(name + ": no value (expected: one, or leave the key out)");
            } else {
                put(name, textOf(value), "");
            }
        });
    }

    private static String textOf(JsonNode value) {
        if (value.isArray()) {
            List<String> items = new ArrayList<>();
            value.forEach(item -> items.add(item.asText()));
            return String.join(",", items);
        }
        return value.asText();
    }

    private void readEnvironment(Map<String, String> environment) {
        Map<String, String> byEnv =
                known.values().stream().collect(Collectors.toMap(SettingsKeys.Key::env, SettingsKeys.Key::name));
        environment.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("WAVEGATE_"))
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> {
                    String variable = entry.getKey();
                    String name = byEnv.get(variable);
                    if (name != null) {
                        put(name, entry.getValue(), " from " + variable);
                    } else if (!NOT_SETTINGS.contains(variable) && !variable.matches(SERVICE_LINKS)) {
                        faults.add(variable + ": unknown variable"
                                + nearest(variable, byEnv.keySet())
                                        .map(near -> ", did you mean " + near + "?")
                                        .orElse(""));
                    }
                });
    }

    private void put(String name, String text, String from) {
        given.put(name, text);
        source.put(name, from);
    }

    private String unknown(String name) {
        return name + ": unknown key"
                + nearest(name, known.keySet())
                        .map(near -> ", did you mean " + near + "?")
                        .orElse("");
    }

    private Settings build(String from, Function<Settings, List<String>> more) {
        Settings settings = (Settings) section("", Settings.DEFAULT);
        faults.addAll(more.apply(settings));
        if (!faults.isEmpty()) {
            throw new SettingsRefused(from, faults);
        }
        return settings;
    }

    /** A bad value is replaced by its default for the moment, so that the rest of the section is still looked at. */
    private Object section(String prefix, Object defaults) {
        RecordComponent[] components = defaults.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            String name = prefix + SettingsKeys.kebab(components[i].getName());
            Object fallback = SettingsKeys.valueOf(components[i], defaults);
            values[i] = SettingsKeys.isSection(components[i].getType())
                    ? section(name + ".", fallback)
                    : leaf(name, components[i].getType(), fallback);
        }
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            return defaults.getClass().getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Checks.BadValues bad) {
                bad.faults().forEach(fault -> faults.add(withSource(prefix, fault)));
                return defaults;
            }
            throw new IllegalStateException("settings record " + defaults.getClass(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("settings record " + defaults.getClass(), e);
        }
    }

    private String withSource(String prefix, String fault) {
        String name = prefix + fault.substring(0, fault.indexOf(':'));
        return prefix + fault + source.getOrDefault(name, "");
    }

    private Object leaf(String name, Class<?> type, Object fallback) {
        String text = given.get(name);
        if (text == null) {
            return fallback;
        }
        try {
            return parse(type, text.strip());
        } catch (IllegalArgumentException | ArithmeticException e) {
            faults.add(name + ": " + e.getMessage() + source.getOrDefault(name, ""));
            return fallback;
        }
    }

    private static Object parse(Class<?> type, String text) {
        if (type == Duration.class) {
            return Durations.parse(text);
        } else if (type == DataSize.class) {
            return DataSize.parse(text);
        } else if (type == Secret.class) {
            return new Secret(text);
        } else if (type == Path.class) {
            return Path.of(text);
        } else if (type == boolean.class) {
            return truth(text);
        } else if (type == int.class) {
            return (int) number(text, "a whole number", Integer::valueOf);
        } else if (type == double.class) {
            return (double) number(text, "a number", Double::valueOf);
        } else if (type == List.class) {
            return Arrays.stream(text.split(","))
                    .map(item -> number(item.strip(), "numbers with commas between", Double::valueOf))
                    .toList();
        } else if (type.isEnum()) {
            return constant(type, text);
        }
        return text;
    }

    private static boolean truth(String text) {
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            return Boolean.parseBoolean(text);
        }
        throw new IllegalArgumentException("\"" + text + "\" (expected: true or false)");
    }

    private static <N> N number(String text, String expected, Function<String, N> parser) {
        try {
            return parser.apply(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" (expected: " + expected + ")", e);
        }
    }

    private static Object constant(Class<?> type, String text) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String name = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
            if (name.equals(text.toLowerCase(Locale.ROOT))) {
                return constant;
            }
            names.add(name);
        }
        throw new IllegalArgumentException("\"" + text + "\" (expected: one of " + String.join(", ", names) + ")");
    }

    private static Optional<String> nearest(String wrong, Set<String> right) {
        return right.stream()
                .min((a, b) -> Integer.compare(distance(wrong, a), distance(wrong, b)))
                .filter(best -> distance(wrong, best) <= Math.max(2, wrong.length() / 3));
    }

    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = above[0];
            above[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = above[j];
                above[j] = Math.min(substituted, Math.min(above[j], above[j - 1]) + 1);
            }
        }
        return above[b.length()];
    }
}
