package wavegate.sim.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One mapping of a YAML file while it is read: every key asked for is known, every other one is a fault. */
final class Section {
    private static final Pattern DURATION = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("([0-9]+)(B|KiB|MiB)");

    private final String path;
    private final Optional<JsonNode> node;
    private final List<String> faults;
    private final Set<String> asked = new TreeSet<>();

    Section(String path, Optional<JsonNode> node, List<String> faults) {
        this.path = path;
        this.faults = faults;
        this.node = node.filter(present -> !present.isNull() && !present.isMissingNode());
        if (this.node.isPresent() && !this.node.get().isObject()) {
            faults.add(name(path) + ": " + this.node.get() + " (expected: keys and values)");
        }
    }

    private static String name(String path) {
        return path.isEmpty() ? "the file" : path;
    }

    private Optional<JsonNode> get(String key) {
        asked.add(key);
        return node.filter(JsonNode::isObject)
                .map(present -> present.get(key))
                .filter(value -> value != null && !value.isNull());
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private void fault(String key, JsonNode value, String expected) {
        faults.add(at(key) + ": " + value + " (expected: " + expected + ")");
    }

    Section section(String key) {
        return new Section(at(key), get(key), faults);
    }

    /** The entries of a list of mappings. */
    List<Section> sections(String key) {
        List<Section> sections = new ArrayList<>();
        get(key).ifPresent(list -> {
            if (!list.isArray() || list.isEmpty()) {
                fault(key, list, "a list with at least one entry");
            }
            for (int i = 0; i < list.size(); i++) {
                sections.add(new Section(at(key) + "[" + i + "]", Optional.of(list.get(i)), faults));
            }
        });
        return sections;
    }

    /** A mapping from any name to a share. */
    Map<String, Double> shares(String key) {
        Map<String, Double> shares = new LinkedHashMap<>();
        get(key).ifPresent(mapping -> {
            if (!mapping.isObject() || mapping.isEmpty()) {
                fault(key, mapping, "names with their shares");
                return;
            }
            for (Map.Entry<String, JsonNode> field : mapping.properties()) {
                if (field.getValue().isNumber() && field.getValue().asDouble() > 0) {
                    shares.put(field.getKey(), field.getValue().asDouble());
                } else {
                    fault(key + "." + field.getKey(), field.getValue(), "a share above 0");
                }
            }
        });
        return shares;
    }

    /** A list of texts. */
    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        get(key).ifPresent(list -> {
            if (!list.isArray()) {
                fault(key, list, "a list");
            }
            list.forEach(one -> texts.add(one.asText()));
        });
        return texts;
    }

    String text(String key, String otherwise) {
        return get(key).map(JsonNode::asText).orElse(otherwise);
    }

    boolean flag(String key) {
        Optional<JsonNode> value = get(key);
        if (value.isPresent() && !value.get().isBoolean()) {
            fault(key, value.get(), "true or false");
        }
        return value.map(JsonNode::asBoolean).orElse(false);
    }

    double number(String key, double otherwise, double least, double most) {
        Optional<JsonNode> value = get(key);
        if (value.isEmpty()) {
            return otherwise;
        }
        double number = value.get().asDouble(Double.NaN);
        if (!value.get().isNumber() || !(number >= least && number <= most)) {
            fault(key, value.get(), plain(least) + ".." + plain(most));
            return otherwise;
        }
        return number;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    Duration duration(String key, Duration otherwise) {
        Optional<JsonNode> value = get(key);
        if (value.isEmpty()) {
            return otherwise;
        }
        Matcher matcher = DURATION.matcher(value.get().asText());
        if (!matcher.matches()) {
            fault(key, value.get(), "a duration such as 500ms, 30s, 10m, 2h");
            return otherwise;
        }
        try {
            double amount = Double.parseDouble(matcher.group(1));
            double millis =
                    switch (matcher.group(2)) {
                        case "ms" -> amount;
                        case "s" -> amount * 1000;
                        case "m" -> amount * 60_000;
                        case "h" -> amount * 3_600_000;
                        default -> amount * 86_400_000;
                    };
            return Duration.ofMillis(Math.round(millis));
        } catch (NumberFormatException | DateTimeParseException e) {
            fault(key, value.get(), "a duration such as 500ms, 30s, 10m, 2h");
            return otherwise;
        }
    }

    long size(String key, long otherwise) {
        Optional<JsonNode> value = get(key);
        if (value.isEmpty()) {
            return otherwise;
        }
        Matcher matcher = SIZE.matcher(value.get().asText());
        if (!matcher.matches() || matcher.group(1).length() > 9) {
            fault(key, value.get(), "a size such as 512B, 256KiB, 8MiB");
            return otherwise;
        }
        int shift =
                switch (matcher.group(2)) {
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    default -> 0;
                };
        return Long.parseLong(matcher.group(1)) << shift;
    }

    /** Call after the last key was asked for. */
    void done() {
        if (node.isEmpty() || !node.get().isObject()) {
            return;
        }
        node.get().fieldNames().forEachRemaining(key -> {
            if (!asked.contains(key)) {
                faults.add(at(key) + ": unknown key (did you mean " + at(nearest(key, asked)) + "?)");
            }
        });
    }

    /** The candidate with the fewest edits to {@code word}. */
    static String nearest(String word, Iterable<String> candidates) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int edits = edits(word.toLowerCase(Locale.ROOT), candidate);
            if (edits < least) {
                least = edits;
                best = candidate;
            }
        }
        return best;
    }

    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
