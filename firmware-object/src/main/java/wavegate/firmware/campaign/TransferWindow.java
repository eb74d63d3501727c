package wavegate.firmware.campaign;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of each day, in UTC. A transfer that has begun in it may end after it.
 *
 * @param fromMinute of the day, 0..1439
 * @param toMinute of the day, 0..1439, itself outside; before {@code fromMinute} for a window over midnight; the same for the whole day
 */
public record TransferWindow(int fromMinute, int toMinute) {
    public static final TransferWindow ALWAYS = new TransferWindow(0, 0);

    private static final Pattern TEXT = Pattern.compile("([01]\\d|2[0-3]):([0-5]\\d)-([01]\\d|2[0-3]):([0-5]\\d)");
    private static final int DAY = 24 * 60;

    public TransferWindow {
        if (fromMinute < 0 || fromMinute >= DAY || toMinute < 0 || toMinute >= DAY) {
            throw new IllegalArgumentException(
                    "window: minute " + fromMinute + " to " + toMinute + " (expected: 0..1439 each)");
        }
    }

    /** {@code 22:00-05:30}; empty for always. */
    public static TransferWindow parse(String text) {
        if (text.isBlank()) {
            return ALWAYS;
        }
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("window: \"" + text + "\" (expected: like 22:00-05:30, in UTC)");
        }
        return new TransferWindow(
                Integer.parseInt(matcher.group(1)) * 60 + Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)) * 60 + Integer.parseInt(matcher.group(4)));
    }

    public boolean contains(Instant when) {
        int minute = when.atOffset(ZoneOffset.UTC).getHour() * 60
                + when.atOffset(ZoneOffset.UTC).getMinute();
        if (fromMinute == toMinute) {
            return true;
        }
        return fromMinute < toMinute
                ? minute >= fromMinute && minute < toMinute
                : minute >= fromMinute || minute < toMinute;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return fromMinute == toMinute
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%02d:%02d-%02d:%02d",
                        fromMinute / 60,
                        fromMinute % 60,
                        toMinute / 60,
                        toMinute % 60);
    }
}
