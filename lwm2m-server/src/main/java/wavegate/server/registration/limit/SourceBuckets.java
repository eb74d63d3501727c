package wavegate.server.registration.limit;

/**
 * A token bucket for each source, in arrays of fixed size. Where a set of places is taken, the source that has used least gives way: it loses
 * nothing by being forgotten, while one that is over its share cannot be flushed out by inventing others. Allocates nothing after it is made.
 * Not thread-safe.
 */
final class SourceBuckets {
    private static final int WAYS = 8;

    private final Bucket.Rate rate;
    private final long[] sources;
    private final long[] fullAt;
    private final int sets;

    /** @param capacity sources remembered; a power of two, at least 8 */
    SourceBuckets(Bucket.Rate rate, int capacity) {
        if (capacity < WAYS || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: a power of two, at least 8)");
        }
        this.rate = rate;
        this.sources = new long[capacity];
        this.fullAt = new long[capacity];
        this.sets = capacity / WAYS;
    }

    /** @param source as {@link Source#of} makes it */
    boolean take(long source, long now) {
        int at = place(source, now);
        if (!rate.hasToken(fullAt[at], now)) {
            return false;
        }
        fullAt[at] = rate.afterOne(fullAt[at], now);
        return true;
    }

    private int place(long source, long now) {
        int first = (int) (Source.mixed(source) & (sets - 1)) * WAYS;
        int least = first;
        for (int i = first; i < first + WAYS; i++) {
            if (sources[i] == source) {
                return i;
            }
            if (sources[i] == 0 || (sources[least] != 0 && fullAt[i] - fullAt[least] < 0)) {
                least = i;
            }
        }
        sources[least] = source;
        fullAt[least] = now;
        return least;
    }
}
