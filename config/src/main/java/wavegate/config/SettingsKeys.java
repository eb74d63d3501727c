package wavegate.config;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The keys of {@link Settings}, derived from its records: {@code http.maxBody} is {@code http.max-body}, or WAVEGATE_HTTP_MAX_BODY. */
public final class SettingsKeys {
    private static final String PREFIX = "WAVEGATE_";

    private SettingsKeys() {}

    /**
     * @param name dotted, kebab-case
     * @param env the environment variable that overrides it: upper case, dots and dashes as underscores
     * @param value as it stands in the settings asked about, secrets masked
     */
    public record Key(String name, String env, Class<?> type, String value) {}

    /** Every key with its default, in the order of the records. */
    public static List<Key> defaults() {
        return of(Settings.DEFAULT);
    }

    /** Every key with its value in these settings, secrets masked. */
    public static List<Key> of(Settings settings) {
        List<Key> keys = new ArrayList<>();
        collect("", settings, keys);
        return keys;
    }

    /** The settings in force, a {@code key = value} each, secrets masked. */
    public static List<String> lines(Settings settings) {
        return of(settings).stream()
                .map(key -> key.name() + " = " + key.value())
                .toList();
    }

    static String envOf(String name) {
        return PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    static boolean isSection(Class<?> type) {
        return type.isRecord() && type != DataSize.class && type != Secret.class;
    }

    static Object valueOf(RecordComponent component, Object of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("settings record without accessor: " + component, e);
        }
    }

    private static void collect(String prefix, Object section, List<Key> into) {
        for (RecordComponent component : section.getClass().getRecordComponents()) {
            String name = prefix + kebab(component.getName());
            Object value = valueOf(component, section);
            if (isSection(component.getType())) {
                collect(name + ".", value, into);
            } else {
                into.add(new Key(name, envOf(name), component.getType(), text(value)));
            }
        }
    }

    private static String text(Object value) {
        if (value instanceof Duration duration) {
            return Durations.format(duration);
        }
        if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
        if (value instanceof Path path) {
            return path.toString().replace('\\', '/');
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Object::toString).collect(Collectors.joining(","));
        }
        return value.toString();
    }
}
