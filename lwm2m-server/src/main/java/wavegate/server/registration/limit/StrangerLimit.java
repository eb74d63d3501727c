package wavegate.server.registration.limit;

/**
 * How much is taken from senders that nobody here knows. First a share for each source, so that one flood does not use up what the others need;
 * then a share for all together; and beyond that, as much again for those who have called before and waited, because a sender of made-up
 * addresses does not. Not thread-safe.
 */
final class StrangerLimit {
    private static final int SOURCES = 16_384;
    private static final int CALLERS = 1 << 20;

    private final SourceBuckets sources;
    private final Bucket all;
    private final Bucket waiting;
    private final Callers callers;

    StrangerLimit(Bucket.Rate perSource, int ratePerSecond, int burst, long salt) {
        this.sources = new SourceBuckets(perSource, SOURCES);
        this.all = new Bucket(Bucket.Rate.of(ratePerSecond, burst));
        this.waiting = new Bucket(Bucket.Rate.of(ratePerSecond, burst));
        this.callers = new Callers(CALLERS, salt);
    }

    Admission take(long source, long caller, long now) {
        if (!sources.take(source, now)) {
            return Admission.SOURCE;
        }
        if (all.take(now) || (callers.waited(caller, now) && waiting.take(now))) {
            callers.answered(caller, now);
            return Admission.ADMITTED;
        }
        callers.remember(caller, now);
        return Admission.STRANGERS;
    }

    /** Whether a caller that was admitted comes back with what it was given; no more than three times. */
    boolean comesBack(long caller, long now) {
        return callers.comesBack(caller, now);
    }
}
