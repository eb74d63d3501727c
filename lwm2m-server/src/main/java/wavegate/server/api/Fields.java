package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import wavegate.config.Durations;

/**
 * Reads a JSON object field by field and remembers every fault: wrong types, bad values, and fields nobody asked for. {@link #orRefuse} ends
 * the reading. One thread.
 */
final class Fields {
    private final JsonNode object;
    private final String prefix;
    private final List<String> faults;
    private final Set<String> asked = new LinkedHashSet<>();
    private final List<Fields> sections = new ArrayList<>();

    private Fields(JsonNode object, String prefix, List<String> faults) {
        this.object = object;
        this.prefix = prefix;
        this.faults = faults;
    }

    static Fields of(JsonNode body) {
        return new Fields(body, "", new ArrayList<>());
    }

    /** The object under a name; an empty one if it is missing. */
    Fields section(String name) {
        JsonNode node = take(name);
        if (node.isMissingNode() || node.isNull()) {
            node = ApiJson.object();
        } else if (!node.isObject()) {
            faults.add(fault(name, node, "an object"));
            node = ApiJson.object();
        }
        Fields section = new Fields(node, prefix + name + ".", faults);
        sections.add(section);
        return section;
    }

    /** The objects in the list under a name; none if it is missing. */
    List<Fields> sections(String name) {
        JsonNode node = take(name);
        List<Fields> all = new ArrayList<>();
        if (node.isMissingNode() || node.isNull()) {
            return all;
        }
        if (!node.isArray()) {
            faults.add(fault(name, node, "a list of objects"));
            return all;
        }
        for (JsonNode item : node) {
            if (!item.isObject()) {
                faults.add(fault(name, item, "an object"));
                continue;
            }
            Fields section = new Fields(item, prefix + name + "[" + all.size() + "].", faults);
            sections.add(section);
            all.add(section);
        }
        return all;
    }

    /** One more fault, found by whoever reads. */
    void fault(String what) {
        faults.add(prefix + what);
    }

    boolean has(String name) {
        return !take(name).isMissingNode();
    }

    /** Whether it is there, as text. */
    boolean isText(String name) {
        return take(name).isTextual();
    }

    String text(String name, String otherwise) {
        return read(
                name, otherwise, "text", node -> node.isTextual() ? Optional.of(node.textValue()) : Optional.empty());
    }

    /** Text that must be there. */
    String text(String name) {
        if (!has(name)) {
            faults.add(prefix + name + ": missing (expected: text)");
            return "";
        }
        return text(name, "");
    }

    /** Text that no fault shows; empty if it is missing. */
    String secret(String name) {
        JsonNode node = take(name);
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        if (!node.isTextual()) {
            faults.add(prefix + name + ": (expected: text)");
        }
        return node.textValue() == null ? "" : node.textValue();
    }

    /** A sentence of a human: why. */
    String reason() {
        String reason = text("reason").strip();
        if (has("reason") && (reason.isEmpty() || reason.length() > 500)) {
            faults.add(prefix + "reason: " + reason.length() + " characters (expected: 1 to 500, why)");
        }
        return reason;
    }

    int whole(String name, int otherwise) {
        return read(
                name,
                otherwise,
                "a whole number",
                node -> node.canConvertToExactIntegral() && node.canConvertToInt()
                        ? Optional.of(node.intValue())
                        : Optional.empty());
    }

    long wholeLong(String name, long otherwise) {
        return read(
                name,
                otherwise,
                "a whole number",
                node -> node.canConvertToExactIntegral() && node.canConvertToLong()
                        ? Optional.of(node.longValue())
                        : Optional.empty());
    }

    double number(String name, double otherwise) {
        return read(
                name,
                otherwise,
                "a number",
                node -> node.isNumber() ? Optional.of(node.doubleValue()) : Optional.empty());
    }

    boolean truth(String name, boolean otherwise) {
        return read(
                name,
                otherwise,
                "true or false",
                node -> node.isBoolean() ? Optional.of(node.booleanValue()) : Optional.empty());
    }

    Duration duration(String name, Duration otherwise) {
        return read(name, otherwise, "a duration like 30s, 24h or PT24H", node -> {
            try {
                return node.isTextual() ? Optional.of(Durations.parse(node.textValue())) : Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        });
    }

    <E extends Enum<E>> E constant(String name, Class<E> type, E otherwise) {
        return read(
                name,
                otherwise,
                "one of " + constants(type),
                node -> node.isTextual() ? constant(type, node.textValue()) : Optional.empty());
    }

    SortedSet<String> texts(String name) {
        return new TreeSet<>(list(
                name,
                List.of(),
                "a list of texts",
                node -> node.isTextual() ? Optional.of(node.textValue()) : Optional.empty()));
    }

    List<Double> numbers(String name, List<Double> otherwise) {
        return list(
                name,
                otherwise,
                "a list of numbers",
                node -> node.isNumber() ? Optional.of(node.doubleValue()) : Optional.empty());
    }

    /** Makes a value whose constructor checks itself; its refusal is one more fault. */
    <T> T made(Supplier<T> make, T otherwise) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            faults.add(prefix + e.getMessage());
            return otherwise;
        }
    }

    /** @throws Problem.Refusal with every fault there is */
    void orRefuse() {
        findUnknown();
        if (!faults.isEmpty()) {
            throw Problem.invalidBody(faults).asException();
        }
    }

    static <E extends Enum<E>> Optional<E> constant(Class<E> type, String text) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text.replace('-', '_'))) {
                return Optional.of(constant);
            }
        }
        return Optional.empty();
    }

    static String constants(Class<? extends Enum<?>> type) {
        List<String> names = new ArrayList<>();
        for (Enum<?> constant : type.getEnumConstants()) {
            names.add(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return String.join(", ", names);
    }

    private void findUnknown() {
        object.fieldNames().forEachRemaining(name -> {
            if (!asked.contains(name)) {
                faults.add(prefix + Problem.clean(name) + ": unknown field (expected: one of "
                        + String.join(", ", asked) + ")");
            }
        });
        sections.forEach(Fields::findUnknown);
    }

    private JsonNode take(String name) {
        asked.add(name);
        return object.path(name);
    }

    private <T> T read(String name, T otherwise, String expected, Function<JsonNode, Optional<T>> reader) {
        JsonNode node = take(name);
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        Optional<T> value = reader.apply(node);
        if (value.isEmpty()) {
            faults.add(fault(name, node, expected));
        }
        return value.orElse(otherwise);
    }

    private <T> List<T> list(String name, List<T> otherwise, String expected, Function<JsonNode, Optional<T>> reader) {
        return read(name, otherwise, expected, node -> {
            if (!node.isArray()) {
                return Optional.empty();
            }
            List<T> items = new ArrayList<>();
            for (JsonNode item : node) {
                Optional<T> value = reader.apply(item);
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                items.add(value.get());
            }
            return Optional.of(List.copyOf(items));
        });
    }

    private String fault(String name, JsonNode node, String expected) {
        return prefix + name + ": " + Problem.clean(node.toString()) + " (expected: " + expected + ")";
    }
}
