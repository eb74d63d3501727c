package wavegate.firmware.campaign;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How many devices a campaign may begin with now. What is not used within ten seconds is lost, so that a pause is not made up for by a burst.
 * Not thread-safe. A clock that is put back takes nothing away and gives nothing.
 */
public final class RateMeter {
    private static final double MINUTE = 60_000;
    private static final double BURST_SECONDS = 10;

    private Optional<Instant> at = Optional.empty();
    private double left;

    /**
     * @param successes devices of the campaign that have ended in SUCCESS
     * @return whole devices
     */
    public int available(DispatchRate rate, int successes, Instant now) {
        double perMinute = rate.after(successes);
        double most = Math.max(1, perMinute * BURST_SECONDS / 60);
        if (at.isEmpty()) {
            left = 1;
        } else if (now.isAfter(at.get())) {
            double grown = perMinute * Duration.between(at.get(), now).toMillis() / MINUTE;
            left = Math.min(most, left + grown);
        }
        at = Optional.of(now);
        return (int) (left + 1e-9);
    }

    /** One has begun. */
    public void took() {
        left -= 1;
    }
}
