package wavegate.firmware.pkg;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a device must be besides the right hardware.
 *
 * @param carriers carriers it may be with; empty: any
 * @param regions regions it may be in; empty: any
 * @param atLeast oldest version it may run now, inclusive
 * @param atMost latest version it may run now, inclusive
 * @param oneOf versions it may run now, if not empty; not together with a range
 * @param freeMemoryKb least free memory it must show in /3/0/10, in kilobytes
 */
public record Requirements(
        SortedSet<String> carriers,
        SortedSet<String> regions,
        Optional<FirmwareVersion> atLeast,
        Optional<FirmwareVersion> atMost,
        SortedSet<FirmwareVersion> oneOf,
        Optional<Long> freeMemoryKb) {
    public static final Requirements NONE = new Requirements(
            new TreeSet<>(), new TreeSet<>(), Optional.empty(), Optional.empty(), new TreeSet<>(), Optional.empty());
    private static final int MOST = 256;

    public Requirements {
        carriers = labels("carrier", carriers);
        regions = labels("region", regions);
        if (oneOf.size() > MOST) {
            throw new IllegalArgumentException(
                    "required versions: " + oneOf.size() + " (expected: at most " + MOST + ")");
        }
        oneOf.forEach(Requirements::known);
        atLeast.ifPresent(Requirements::known);
        atMost.ifPresent(Requirements::known);
        if (!oneOf.isEmpty() && (atLeast.isPresent() || atMost.isPresent())) {
            throw new IllegalArgumentException(
                    "required version: a range and a list (expected: one of them, the list is " + oneOf + ")");
        }
        if (atLeast.isPresent() && atMost.isPresent() && atLeast.get().compareTo(atMost.get()) > 0) {
            throw new IllegalArgumentException("required version: from " + atLeast.get() + " to " + atMost.get()
                    + " (expected: the lower one first)");
        }
        freeMemoryKb.filter(kb -> kb < 1).ifPresent(kb -> {
            throw new IllegalArgumentException("required free memory: " + kb + " kB (expected: 1 or more)");
        });
        oneOf = Collections.unmodifiableSortedSet(new TreeSet<>(oneOf));
    }

    private static void known(FirmwareVersion version) {
        if (!version.known()) {
            throw new IllegalArgumentException("required version: \"\" (expected: one that a device can show)");
        }
    }

    private static SortedSet<String> labels(String what, SortedSet<String> labels) {
        if (labels.size() > MOST) {
            throw new IllegalArgumentException(
                    "package " + what + "s: " + labels.size() + " (expected: at most " + MOST + ")");
        }
        for (String label : labels) {
            if (label.isEmpty()
                    || label.length() > 64
                    || !label.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>')) {
                throw new IllegalArgumentException("package " + what + ": \"" + label.replaceAll("[^\\x20-\\x7e]", "?")
                        + "\" (expected: 1 to 64 printable ASCII characters, no blanks)");
            }
        }
        return Collections.unmodifiableSortedSet(new TreeSet<>(labels));
    }

    /** Whether a device that runs this version may be given the package. One whose version is not known meets no condition on it. */
    public boolean admits(FirmwareVersion version) {
        if (!asksVersion()) {
            return true;
        }
        return version.known()
                && (oneOf.isEmpty() || oneOf.contains(version))
                && atLeast.map(least -> version.compareTo(least) >= 0).orElse(true)
                && atMost.map(most -> version.compareTo(most) <= 0).orElse(true);
    }

    boolean asksVersion() {
        return !oneOf.isEmpty() || atLeast.isPresent() || atMost.isPresent();
    }
}
