package wavegate.server.registration.limit;

/**
 * A token bucket, kept as the time at which it would be full again: {@code fullAt <= now} is a full bucket, and each token taken moves that
 * time. Nanoseconds of a monotonic clock. Not thread-safe.
 */
final class Bucket {
    private final Rate rate;
    private long fullAt;
    private boolean used;

    /** How fast a bucket refills, and how far it may be overdrawn before it is empty. */
    record Rate(long nanosPerToken, long nanosPerBurst) {
        static Rate of(int perSecond, int burst) {
            if (perSecond < 1 || burst < 1) {
                throw new IllegalArgumentException(
                        "rate: " + perSecond + "/s, burst " + burst + " (expected: at least 1 each)");
            }
            long perToken = Math.max(1, 1_000_000_000L / perSecond);
            return new Rate(perToken, perToken * burst);
        }

        /** @param burst as above, of tokens that come so many a minute */
        static Rate perMinute(int perMinute, int burst) {
            if (perMinute < 1 || burst < 1) {
                throw new IllegalArgumentException(
                        "rate: " + perMinute + "/min, burst " + burst + " (expected: at least 1 each)");
            }
            long perToken = Math.max(1, 60_000_000_000L / perMinute);
            return new Rate(perToken, perToken * burst);
        }

        /** Whether a bucket that would be full at {@code fullAt} has a token now. */
        boolean hasToken(long fullAt, long now) {
            return fullAt - now <= nanosPerBurst - nanosPerToken;
        }

        long afterOne(long fullAt, long now) {
            return (fullAt - now > 0 ? fullAt : now) + nanosPerToken;
        }
    }

    Bucket(Rate rate) {
        this.rate = rate;
    }

    boolean take(long now) {
        long at = used ? fullAt : now;
        if (!rate.hasToken(at, now)) {
            return false;
        }
        used = true;
        fullAt = rate.afterOne(at, now);
        return true;
    }
}
