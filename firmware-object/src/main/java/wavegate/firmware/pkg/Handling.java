package wavegate.firmware.pkg;

import java.time.Duration;
import java.util.Optional;

/**
 * How an update to a package is to be handled, by operators and by devices.
 *
 * @param releaseClass why the package is released; empty: not said
 * @param severity what a device is told in /5/0/11; empty: nothing
 * @param maxDefer how long a device may put the update off, told in /5/0/13; whole seconds, 0 to a year; empty: nothing is told
 */
public record Handling(Optional<ReleaseClass> releaseClass, Optional<Severity> severity, Optional<Duration> maxDefer) {
    public static final Handling NONE = new Handling(Optional.empty(), Optional.empty(), Optional.empty());
    private static final Duration LONGEST = Duration.ofDays(366);

    public Handling {
        maxDefer.filter(defer -> defer.isNegative() || defer.compareTo(LONGEST) > 0 || defer.toNanosPart() != 0)
                .ifPresent(defer -> {
                    throw new IllegalArgumentException(
                            "max defer period: " + defer + " (expected: whole seconds, 0 to " + LONGEST + ")");
                });
    }
}
