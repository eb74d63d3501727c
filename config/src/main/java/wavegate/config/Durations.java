package wavegate.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How durations are written: {@code 250ms}, {@code 30s}, {@code 5m}, {@code 24h}, {@code 3d}, together as {@code 1h30m}, or ISO-8601 as {@code PT30S}. */
public final class Durations {
    private static final Pattern PART = Pattern.compile("(\\d{1,15})(ms|s|m|h|d)");

    private Durations() {}

    /** @throws IllegalArgumentException naming the text and what was expected */
    public static Duration parse(String text) {
        String trimmed = text.strip();
        try {
            return trimmed.toUpperCase(Locale.ROOT).startsWith("P") ? Duration.parse(trimmed) : parts(trimmed);
        } catch (DateTimeParseException | ArithmeticException e) {
            throw refused(text, e);
        }
    }

    /** The shortest spelling that {@link #parse} reads back: {@code 1h30m}, {@code 250ms}. */
    public static String format(Duration duration) {
        if (duration.isNegative() || duration.toNanosPart() % 1_000_000 != 0) {
            return duration.toString();
        }
        if (duration.isZero()) {
            return "0s";
        }
        StringBuilder text = new StringBuilder();
        append(text, duration.toHours(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        return text.toString();
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount != 0) {
            text.append(amount).append(unit);
        }
    }

    private static Duration parts(String text) {
        Matcher matcher = PART.matcher(text);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (end < text.length()) {
            if (!matcher.find(end) || matcher.start() != end) {
                throw refused(text, null);
            }
            long amount = Long.parseLong(matcher.group(1));
            sum = sum.plus(
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(amount);
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        case "h" -> Duration.ofHours(amount);
                        default -> Duration.ofDays(amount);
                    });
            end = matcher.end();
        }
        if (end == 0) {
            throw refused(text, null);
        }
        return sum;
    }

    private static IllegalArgumentException refused(String text, @org.jspecify.annotations.Nullable Throwable cause) {
        return new IllegalArgumentException(
                "\"" + text + "\" (expected: a duration like 250ms, 30s, 5m, 24h, 1h30m)", cause);
    }
}
