package wavegate.firmware.campaign;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A part of some days of each week, as a clock on the wall shows it. Where a clock is put forward the skipped minutes are no part of it, where
 * it is put back the repeated ones are part of it twice: nothing ever begins while that clock shows a time outside.
 *
 * @param days on which it opens, in the order of the week, none twice; empty: every day
 * @param fromMinute of the day, 0..1439
 * @param toMinute of the day, 0..1439, itself outside; not after {@code fromMinute} for a window that ends on the next day
 */
public record WeeklyWindow(List<DayOfWeek> days, int fromMinute, int toMinute) {
    private static final Pattern TEXT = Pattern.compile("([01]\\d|2[0-3]):([0-5]\\d)");
    private static final int DAY = 24 * 60;
    /** No zone moves its clock more often than every few weeks; a week and a day holds an opening of every window. */
    private static final int DAYS_AHEAD = 15;

    public WeeklyWindow {
        days = List.copyOf(days.isEmpty() ? List.<DayOfWeek>of() : EnumSet.copyOf(days));
        if (fromMinute < 0 || fromMinute >= DAY || toMinute < 0 || toMinute >= DAY) {
            throw new IllegalArgumentException(
                    "window: minute " + fromMinute + " to " + toMinute + " (expected: 0..1439 each)");
        }
    }

    /**
     * @param days like {@code mon}
     * @param from like {@code 22:00}
     * @param to like {@code 05:30}
     */
    public static WeeklyWindow of(List<String> days, String from, String to) {
        List<DayOfWeek> parsed = new ArrayList<>();
        for (String day : days) {
            parsed.add(dayOf(day));
        }
        return new WeeklyWindow(parsed, minuteOf("from", from), minuteOf("to", to));
    }

    private static DayOfWeek dayOf(String text) {
        for (DayOfWeek day : DayOfWeek.values()) {
            if (labelOf(day).equals(text.strip().toLowerCase(Locale.ROOT))) {
                return day;
            }
        }
        throw new IllegalArgumentException("window day: \"" + text.replaceAll("[^\\x20-\\x7e]", "?")
                + "\" (expected: one of mon, tue, wed, thu, fri, sat, sun)");
    }

    private static String labelOf(DayOfWeek day) {
        return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
    }

    private static int minuteOf(String what, String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("window " + what + ": \"" + text.replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" (expected: a time of the day like 22:00)");
        }
        return Integer.parseInt(matcher.group(1)) * 60 + Integer.parseInt(matcher.group(2));
    }

    /** The days as {@link #of} reads them; empty: every day. */
    public List<String> dayLabels() {
        return days.stream().map(WeeklyWindow::labelOf).toList();
    }

    /** As {@link #of} reads it. */
    public String from() {
        return clock(fromMinute);
    }

    /** As {@link #of} reads it. */
    public String to() {
        return clock(toMinute);
    }

    private static String clock(int minute) {
        return String.format(Locale.ROOT, "%02d:%02d", minute / 60, minute % 60);
    }

    public boolean contains(Instant when, ZoneId zone) {
        LocalDateTime local = LocalDateTime.ofInstant(when, zone);
        int minute = local.getHour() * 60 + local.getMinute();
        DayOfWeek today = local.getDayOfWeek();
        if (fromMinute < toMinute) {
            return opensOn(today) && minute >= fromMinute && minute < toMinute;
        }
        return (opensOn(today) && minute >= fromMinute) || (opensOn(today.minus(1)) && minute < toMinute);
    }

    private boolean opensOn(DayOfWeek day) {
        return days.isEmpty() || days.contains(day);
    }

    /** The first moment after {@code when} at which the window begins to hold the clock of the zone, or does not any more. */
    public Optional<Instant> nextChange(Instant when, ZoneId zone) {
        boolean inside = contains(when, zone);
        for (Instant edge : edges(when, zone)) {
            if (edge.isAfter(when) && contains(edge, zone) != inside) {
                return Optional.of(edge);
            }
        }
        return Optional.empty();
    }

    /** When it was entered; {@code when} must be in it. */
    Instant enteredAt(Instant when, ZoneId zone) {
        Instant entered = when;
        List<Instant> edges = edges(when.minus(Duration.ofDays(2)), zone);
        for (int i = edges.size() - 1; i >= 0; i--) {
            Instant edge = edges.get(i);
            if (edge.isAfter(when)) {
                continue;
            }
            entered = edge;
            if (!contains(edge.minusMillis(1), zone)) {
                return entered;
            }
        }
        return entered;
    }

    /** Every moment from a day before {@code when} on at which the clock may cross an end of the window, in order. */
    private List<Instant> edges(Instant when, ZoneId zone) {
        List<Instant> edges = new ArrayList<>();
        LocalDateTime day =
                LocalDateTime.ofInstant(when, zone).toLocalDate().minusDays(1).atStartOfDay();
        for (int i = 0; i < DAYS_AHEAD; i++) {
            for (int minute : new int[] {0, fromMinute, toMinute}) {
                LocalDateTime local = day.plusDays(i).plusMinutes(minute);
                zone.getRules().getValidOffsets(local).forEach(offset -> edges.add(local.toInstant(offset)));
            }
        }
        ZoneOffsetTransition moved = zone.getRules().nextTransition(when.minus(Duration.ofDays(1)));
        Instant end = when.plus(Duration.ofDays(DAYS_AHEAD));
        while (moved != null && moved.getInstant().isBefore(end)) {
            edges.add(moved.getInstant());
            moved = zone.getRules().nextTransition(moved.getInstant());
        }
        edges.sort(null);
        return edges;
    }

    @Override
    public String toString() {
        String on = days.isEmpty()
                ? "daily"
                : days.stream().map(WeeklyWindow::labelOf).collect(Collectors.joining(","));
        return on + " " + from() + "-" + to();
    }
}
