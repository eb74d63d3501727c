package wavegate.firmware.pkg;

import java.util.ArrayList;
import java.util.List;

/**
 * A firmware version as a device or a manifest spells it, compared as a version: runs of digits as numbers, other runs as text, missing
 * trailing numbers as zero, so {@code 1.1.1 < 1.1.10} and {@code v1.0} is {@code 1.0.0}. Two spellings of one version are equal. A
 * pre-release tag ({@code 2.0-rc1}) comes before its release. {@link #UNKNOWN} is what a device that has not said runs.
 */
public final class FirmwareVersion implements Comparable<FirmwareVersion> {
    public static final FirmwareVersion UNKNOWN = new FirmwareVersion("");
    private static final int MAX_LENGTH = 255;

    private final String text;

    private FirmwareVersion(String text) {
        this.text = text;
    }

    /**
     * @param text as sent; surrounding white space is dropped; empty means {@link #UNKNOWN}
     * @throws IllegalArgumentException if longer than 255 characters or holding control characters
     */
    public static FirmwareVersion of(String text) {
        String trimmed = text.strip();
        if (trimmed.length() > MAX_LENGTH || trimmed.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("firmware version of " + trimmed.length()
                    + " characters (expected: at most 255, no control characters)");
        }
        return trimmed.isEmpty() ? UNKNOWN : new FirmwareVersion(trimmed);
    }

    public String text() {
        return text;
    }

    public boolean known() {
        return !text.isEmpty();
    }

    @Override
    public int compareTo(FirmwareVersion other) {
        List<String> a = parts(text);
        List<String> b = parts(other.text);
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            int order = comparePart(i < a.size() ? a.get(i) : "", i < b.size() ? b.get(i) : "");
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** A number outranks nothing-but-zero; nothing outranks text, so that 2.0-rc1 comes before 2.0. */
    private static int comparePart(String a, String b) {
        boolean aNumber = isNumber(a);
        boolean bNumber = isNumber(b);
        if ((aNumber || a.isEmpty()) && (bNumber || b.isEmpty())) {
            String x = stripZeros(a);
            String y = stripZeros(b);
            return x.length() != y.length() ? Integer.compare(x.length(), y.length()) : x.compareTo(y);
        }
        if (aNumber || a.isEmpty()) {
            return 1;
        }
        if (bNumber || b.isEmpty()) {
            return -1;
        }
        return a.compareTo(b);
    }

    private static boolean isNumber(String part) {
        return !part.isEmpty() && Character.digit(part.charAt(0), 10) >= 0;
    }

    private static String stripZeros(String digits) {
        int i = 0;
        while (i < digits.length() && digits.charAt(i) == '0') {
            i++;
        }
        return digits.substring(i);
    }

    private static List<String> parts(String text) {
        String body =
                text.length() > 1 && (text.charAt(0) == 'v' || text.charAt(0) == 'V') && isNumber(text.substring(1))
                        ? text.substring(1)
                        : text;
        List<String> parts = new ArrayList<>();
        int i = 0;
        while (i < body.length()) {
            char c = body.charAt(i);
            if (!Character.isLetterOrDigit(c)) {
                i++;
                continue;
            }
            boolean digit = c >= '0' && c <= '9';
            int from = i;
            while (i < body.length()
                    && Character.isLetterOrDigit(body.charAt(i))
                    && (body.charAt(i) >= '0' && body.charAt(i) <= '9') == digit) {
                i++;
            }
            parts.add(body.substring(from, i));
        }
        return parts;
    }

    /** One text for all spellings of a version: {@code v1.0} and {@code 1.0.0} give the same. For grouping, not for people. */
    public String canonicalText() {
        return String.join(".", canonical());
    }

    /** The spelling that all equal versions share. */
    private List<String> canonical() {
        List<String> canonical = new ArrayList<>(parts(text));
        canonical.replaceAll(part -> isNumber(part) ? stripZeros(part) : part);
        while (!canonical.isEmpty() && canonical.get(canonical.size() - 1).isEmpty()) {
            canonical.remove(canonical.size() - 1);
        }
        return canonical;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FirmwareVersion version
                && known() == version.known()
                && (text.equals(version.text) || compareTo(version) == 0);
    }

    @Override
    public int hashCode() {
        return canonical().hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
