package wavegate.firmware.pkg;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whether a package is for a device, condition by condition. Pure. The conditions are looked at in the order of {@link Condition}, and the first
 * that is not met is the reason.
 */
public final class Compatibility {
    /** What a package may ask of a device. */
    public enum Condition {
        MANUFACTURER,
        MODEL,
        HARDWARE,
        CARRIER,
        REGION,
        VERSION,
        /** Known only once the device was read. */
        MEMORY;

        /** What a device that does not meet it is counted under: {@code wrong-carrier}, {@code too-little-memory}. */
        public String label() {
            return this == MEMORY ? "too-little-memory" : "wrong-" + name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int LONGEST = 64;
    private static final int MOST_NAMED = 8;

    private Compatibility() {}

    /** The first condition that a device which was just read does not meet. */
    public static Optional<Condition> unmet(Manifest manifest, Candidate candidate) {
        return unmetBeforeReading(manifest, candidate)
                .or(() -> enoughMemory(manifest, candidate) ? Optional.empty() : Optional.of(Condition.MEMORY));
    }

    /** The same from what is kept of a device; what only a read can tell is passed over. */
    public static Optional<Condition> unmetBeforeReading(Manifest manifest, Candidate candidate) {
        Requirements requires = manifest.requirements();
        if (!admits(manifest.manufacturer(), candidate.manufacturer())) {
            return Optional.of(Condition.MANUFACTURER);
        }
        if (!admits(manifest.model(), candidate.model())) {
            return Optional.of(Condition.MODEL);
        }
        if (!admits(manifest.hardware(), candidate.hardware())) {
            return Optional.of(Condition.HARDWARE);
        }
        if (!admits(requires.carriers(), candidate.carrier())) {
            return Optional.of(Condition.CARRIER);
        }
        if (!admits(requires.regions(), candidate.region())) {
            return Optional.of(Condition.REGION);
        }
        return requires.admits(candidate.runs()) ? Optional.empty() : Optional.of(Condition.VERSION);
    }

    /** The reason in words: {@code carrier "x" (package is for a, b)}. */
    public static String reason(Condition unmet, Manifest manifest, Candidate candidate) {
        Requirements requires = manifest.requirements();
        return switch (unmet) {
            case MANUFACTURER -> reason("manufacturer", candidate.manufacturer(), manifest.manufacturer());
            case MODEL -> reason("model", candidate.model(), manifest.model());
            case HARDWARE -> reason("hardware", candidate.hardware(), manifest.hardware());
            case CARRIER -> reason("carrier", candidate.carrier(), listed(requires.carriers()));
            case REGION -> reason("region", candidate.region(), listed(requires.regions()));
            case VERSION -> reason("version", candidate.runs().text(), versions(requires));
            case MEMORY ->
                (candidate.freeMemoryKb().isPresent()
                                ? "free memory " + candidate.freeMemoryKb().getAsLong() + " kB"
                                : "free memory not shown")
                        + " (package needs "
                        + requires.freeMemoryKb().map(kb -> kb + " kB").orElse("none") + ")";
        };
    }

    private static boolean enoughMemory(Manifest manifest, Candidate candidate) {
        Optional<Long> needed = manifest.requirements().freeMemoryKb();
        return needed.isEmpty()
                || (candidate.freeMemoryKb().isPresent()
                        && candidate.freeMemoryKb().getAsLong() >= needed.get());
    }

    private static boolean admits(String wanted, String is) {
        return wanted.isEmpty() || wanted.equals(is);
    }

    private static boolean admits(Collection<String> allowed, String is) {
        return allowed.isEmpty() || allowed.contains(is);
    }

    private static String versions(Requirements requires) {
        if (!requires.oneOf().isEmpty()) {
            return listed(requires.oneOf());
        }
        return (requires.atLeast().map(least -> least + " or later").orElse("")
                        + requires.atMost().map(most -> " up to " + most).orElse(""))
                .strip();
    }

    private static String listed(Collection<?> values) {
        String listed = values.stream().limit(MOST_NAMED).map(Object::toString).collect(Collectors.joining(", "));
        return values.size() > MOST_NAMED ? listed + " and " + (values.size() - MOST_NAMED) + " more" : listed;
    }

    private static String reason(String what, String is, String packageIsFor) {
        return what + " \"" + printable(is) + "\" (package is for " + printable(packageIsFor) + ")";
    }

    /** Both texts may come from a device or a stranger's manifest and reach logs and pages. */
    private static String printable(String text) {
        String head = text.length() > LONGEST * MOST_NAMED ? text.substring(0, LONGEST * MOST_NAMED) + "..." : text;
        return head.replaceAll("[\\p{Cntrl}\\p{Cs}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]", "?");
    }
}
