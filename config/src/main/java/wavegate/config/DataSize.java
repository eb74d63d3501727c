package wavegate.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written {@code 512B}, {@code 64KiB}, {@code 16MiB} or {@code 2GiB}. */
public record DataSize(long bytes) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,12})\\s*(B|KiB|MiB|GiB)?");

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("size: " + bytes + " (expected: 0 bytes or more)");
        }
    }

    public static DataSize ofMiB(long count) {
        return new DataSize(count << 20);
    }

    /** @throws IllegalArgumentException naming the text and what was expected */
    public static DataSize parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" (expected: a size like 512B, 64KiB, 16MiB, 2GiB)");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor(unit)));
    }

    private static long factor(String unit) {
        return switch (unit) {
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            default -> 1;
        };
    }

    /** The largest unit that loses nothing. */
    @Override
    public String toString() {
        for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
            if (bytes > 0 && bytes % factor(unit) == 0) {
                return bytes / factor(unit) + unit;
            }
        }
        return bytes + "B";
    }
}
