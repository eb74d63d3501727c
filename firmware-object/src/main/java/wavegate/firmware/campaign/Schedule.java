package wavegate.firmware.campaign;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * When a campaign may touch devices. A transfer and an Execute begin inside a window only; a transfer that has begun may end after it, so that one that
 * takes longer than the window still arrives, and its image waits inert for the next one.
 *
 * @param startAt no device is touched before; empty: from the start on
 * @param endAt what has not begun by then is called off, and the campaign ends; empty: no end
 * @param windows any of them; empty: always
 * @param zone of the windows' clock: an IANA zone or an offset, {@value #DEVICE} for each device's own, {@value #REGION} for that of its region
 * @param jitter devices begin spread over this time after a window has opened, but over no more than half of it
 */
public record Schedule(
        Optional<Instant> startAt, Optional<Instant> endAt, List<WeeklyWindow> windows, String zone, Duration jitter) {
    public static final String DEVICE = "device";
    public static final String REGION = "region";
    private static final int MOST_WINDOWS = 32;
    private static final Duration LONGEST_JITTER = Duration.ofDays(1);
    /** Farthest apart that clocks of two zones stand. */
    private static final Duration ROUND_THE_EARTH = Duration.ofHours(26);
    /** A window that a change of the clock swallows is looked for again this much later. */
    private static final Duration NEVER = Duration.ofDays(15);

    public static final Schedule ALWAYS =
            new Schedule(Optional.empty(), Optional.empty(), List.of(), REGION, Duration.ZERO);

    public Schedule {
        windows = List.copyOf(windows);
        if (windows.size() > MOST_WINDOWS) {
            throw new IllegalArgumentException(
                    "windows: " + windows.size() + " (expected: at most " + MOST_WINDOWS + ")");
        }
        if (jitter.isNegative() || jitter.compareTo(LONGEST_JITTER) > 0) {
            throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0 to " + LONGEST_JITTER + ")");
        }
        if (!zone.equals(DEVICE) && !zone.equals(REGION)) {
            zoneOf(zone);
        }
        if (startAt.isPresent() && endAt.isPresent() && !endAt.get().isAfter(startAt.get())) {
            throw new IllegalArgumentException(
                    "endAt: " + endAt.get() + " (expected: after startAt, " + startAt.get() + ")");
        }
    }

    /** @throws IllegalArgumentException if there is no such zone */
    public static ZoneId zoneOf(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("zone: \"" + text.replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" (expected: like Europe/Berlin or +02:00, or " + DEVICE + " or " + REGION + ")");
        }
    }

    /** The one zone of all devices; empty where each has its own. */
    public Optional<ZoneId> fixedZone() {
        return zone.equals(DEVICE) || zone.equals(REGION) ? Optional.empty() : Optional.of(zoneOf(zone));
    }

    public boolean contains(Instant when, ZoneId where) {
        return windows.isEmpty() || windows.stream().anyMatch(window -> window.contains(when, where));
    }

    /**
     * When a device may begin.
     *
     * @param spread 0..1, fixed per device: its place in the jitter
     * @return empty: now; else not before
     */
    public Optional<Instant> waitsUntil(Instant now, ZoneId where, double spread) {
        if (windows.isEmpty()) {
            return Optional.empty();
        }
        if (!contains(now, where)) {
            return Optional.of(opensAfter(now, where));
        }
        if (jitter.isZero()) {
            return Optional.empty();
        }
        Instant turn = windows.stream()
                .filter(window -> window.contains(now, where))
                .map(window -> turnIn(window, now, where, spread))
                .min(Instant::compareTo)
                .orElseThrow();
        return turn.isAfter(now) ? Optional.of(turn) : Optional.empty();
    }

    private Instant turnIn(WeeklyWindow window, Instant now, ZoneId where, double spread) {
        Instant entered = window.enteredAt(now, where);
        Duration half = window.nextChange(now, where)
                .map(end -> Duration.between(entered, end).dividedBy(2))
                .orElse(jitter);
        Duration over = half.compareTo(jitter) < 0 ? half : jitter;
        return entered.plusMillis((long) (over.toMillis() * spread));
    }

    /** When a window opens next after a moment outside all. */
    private Instant opensAfter(Instant now, ZoneId where) {
        return windows.stream()
                .flatMap(window -> window.nextChange(now, where).stream())
                .min(Instant::compareTo)
                .orElse(now.plus(NEVER));
    }

    /**
     * When a wave that has waited since {@code since} has had its time: not before {@code patience} is over, and not before a whole window has been there
     * for every zone.
     */
    Instant patienceEnds(Instant since, Duration patience) {
        Instant plain = since.plus(patience);
        if (windows.isEmpty()) {
            return plain;
        }
        ZoneId where = fixedZone().orElse(ZoneOffset.UTC);
        Instant opened = windows.stream()
                .flatMap(window -> firstWhole(window, since, where).stream())
                .min(Instant::compareTo)
                .orElse(plain);
        Instant whole = fixedZone().isPresent() ? opened : opened.plus(ROUND_THE_EARTH);
        return whole.isAfter(plain) ? whole : plain;
    }

    /** The end of the first time the window is open from beginning to end. */
    private static Optional<Instant> firstWhole(WeeklyWindow window, Instant since, ZoneId where) {
        Optional<Instant> outside =
                window.contains(since, where) ? window.nextChange(since, where) : Optional.of(since);
        return outside.flatMap(from -> window.nextChange(from, where)).flatMap(open -> window.nextChange(open, where));
    }
}
