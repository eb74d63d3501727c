package wavegate.server.api;

import java.time.Duration;

/** So many a second on average, so many at once at most. Time is an argument, in nanoseconds of any origin that only goes forward. Any thread. */
final class Allowance {
    private static final double NANOS = 1e9;

    private final double perSecond;
    private final double most;
    private double left;
    private long at;

    /** Full at first; {@code most} is 1 or more. */
    Allowance(double perSecond, double most, long now) {
        this.perSecond = perSecond;
        this.most = most;
        this.left = most;
        this.at = now;
    }

    /** Takes one, if there is one. */
    synchronized boolean take(long now) {
        refill(now);
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }

    /** How long until one could be taken. */
    synchronized Duration untilNext(long now) {
        refill(now);
        return left >= 1 ? Duration.ZERO : Duration.ofNanos((long) ((1 - left) / perSecond * NANOS));
    }

    /** Whether nothing has been taken for so long that this one says no more than a new one would. */
    synchronized boolean full(long now) {
        refill(now);
        return left >= most;
    }

    private void refill(long now) {
        if (now > at) {
            left = Math.min(most, left + (now - at) / NANOS * perSecond);
            at = now;
        }
    }
}
