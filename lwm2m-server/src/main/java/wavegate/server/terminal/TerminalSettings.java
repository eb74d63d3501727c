package wavegate.server.terminal;

import java.time.Duration;

/**
 * How often terminals are told to ask, and how many there may be.
 *
 * @param interval between two questions of a terminal that nothing is open for
 * @param watchedInterval the same while a campaign watches it: what it says is the gate's evidence
 * @param busyInterval the same while an update of it is open
 * @param sessions most terminals at a time
 * @param answerWithin how long an answer may wait for the loop; then it is to wait and ask again soon. Shorter than the 2 s after which CoAP repeats
 */
public record TerminalSettings(
        Duration interval, Duration watchedInterval, Duration busyInterval, int sessions, Duration answerWithin) {
    public static final Duration ANSWER_WITHIN = Duration.ofMillis(1500);

    public TerminalSettings {
        for (Duration each : new Duration[] {interval, watchedInterval, busyInterval}) {
            if (each.toSeconds() < 1) {
                throw new IllegalArgumentException("terminal interval: " + each + " (expected: at least 1 s)");
            }
        }
        if (sessions < 1) {
            throw new IllegalArgumentException("terminal sessions: " + sessions + " (expected: at least 1)");
        }
    }
}
