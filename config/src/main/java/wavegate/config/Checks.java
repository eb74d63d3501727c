package wavegate.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong with the values of one section, so that all of it is said at once. Used in compact constructors. */
final class Checks {
    private final List<String> faults = new ArrayList<>();

    /** The values of one section that cannot stand. Each fault begins with the key within the section. */
    static final class BadValues extends IllegalArgumentException {
        private final transient List<String> faults;

        private BadValues(List<String> faults) {
            super(String.join("; ", faults));
            this.faults = List.copyOf(faults);
        }

        List<String> faults() {
            return faults;
        }
    }

    Checks that(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            faults.add(key + ": " + shown(value) + " (expected: " + expected + ")");
        }
        return this;
    }

    Checks port(String key, int port) {
        return that(port >= 0 && port <= 65535, key, port, "0 to 65535, 0 for any free port");
    }

    Checks atLeast(String key, long value, long least) {
        return that(value >= least, key, value, "at least " + least);
    }

    Checks within(String key, double value, double low, double high) {
        return that(value >= low && value <= high, key, value, low + " to " + high);
    }

    Checks share(String key, double value) {
        return that(value > 0 && value <= 1, key, value, "a share above 0, at most 1");
    }

    Checks positive(String key, Duration value) {
        return that(!value.isNegative() && !value.isZero(), key, value, "a duration above zero, like 30s");
    }

    Checks notBlank(String key, String value) {
        return that(!value.isBlank(), key, value, "not empty");
    }

    void done() {
        if (!faults.isEmpty()) {
            throw new BadValues(faults);
        }
    }

    private static String shown(Object value) {
        if (value instanceof Duration duration) {
            return Durations.format(duration);
        }
        return value instanceof String ? "\"" + value + "\"" : value.toString();
    }
}
