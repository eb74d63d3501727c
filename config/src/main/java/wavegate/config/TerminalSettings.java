package wavegate.config;

import java.time.Duration;

/**
 * Terminals: devices that do not register but ask whether a newer version exists.
 *
 * @param enabled whether they are answered, over CoAP and HTTP
 * @param interval they ask this often
 * @param watchedInterval the same while a campaign watches them: what they say is the gate's evidence
 * @param busyInterval the same while an update of theirs is open
 * @param sessions most of them at a time
 */
public record TerminalSettings(
        boolean enabled, Duration interval, Duration watchedInterval, Duration busyInterval, int sessions) {
    private static final Duration LONGEST = Duration.ofDays(30);

    public static final TerminalSettings DEFAULT =
            new TerminalSettings(true, Duration.ofHours(6), Duration.ofMinutes(15), Duration.ofMinutes(1), 150_000);

    public TerminalSettings {
        new Checks()
                .that(inRange(interval), "interval", interval, "1s to 30d")
                .that(inRange(watchedInterval), "watched-interval", watchedInterval, "1s to 30d")
                .that(inRange(busyInterval), "busy-interval", busyInterval, "1s to 30d")
                .atLeast("sessions", sessions, 1)
                .done();
    }

    private static boolean inRange(Duration value) {
        return value.compareTo(Duration.ofSeconds(1)) >= 0 && value.compareTo(LONGEST) <= 0;
    }
}
