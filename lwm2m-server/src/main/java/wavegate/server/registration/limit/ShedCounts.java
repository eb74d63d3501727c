package wavegate.server.registration.limit;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what one socket has shed, by reason, and says so at most once in ten seconds. Thread-safe. */
public final class ShedCounts {
    private static final Logger LOG = LoggerFactory.getLogger(ShedCounts.class);
    private static final long REPORT_NANOS = 10_000_000_000L;
    private static final long CROWDED_NANOS = 1_000_000_000L;
    /** Honest devices send none; a single vandal, short of this, does not close the door to newcomers. */
    private static final int MALFORMED_A_SECOND = 1000;

    private final String socket;
    private final Map<Admission, LongAdder> counts = new EnumMap<>(Admission.class);
    private final AtomicLong reportFrom = new AtomicLong(Long.MIN_VALUE);
    private final InSecond malformed = new InSecond();
    private volatile long crowdedUntil;
    private volatile boolean everCrowded;

    /** @param socket what it is called in the log, like {@code coaps} */
    public ShedCounts(String socket) {
        this.socket = socket;
        for (Admission admission : Admission.values()) {
            counts.put(admission, new LongAdder());
        }
    }

    /** @return whether the datagram goes on */
    boolean count(Admission admission, long now) {
        counts(admission).increment();
        if (admission == Admission.ADMITTED) {
            return true;
        }
        if (isTooMuch(admission, now)) {
            crowdedUntil = now + CROWDED_NANOS;
            everCrowded = true;
        }
        long from = reportFrom.get();
        if ((from == Long.MIN_VALUE || now - from >= 0) && reportFrom.compareAndSet(from, now + REPORT_NANOS)) {
            LOG.warn("load is shed socket={} {}", socket, this);
        }
        return false;
    }

    /**
     * Whether more came than somebody's share, or so much that is not CoAP as no device sends. A backlog alone is a server that is slow, as each is
     * after its start: devices that were let in wait their turn, the others come again.
     */
    private boolean isTooMuch(Admission admission, long now) {
        return switch (admission) {
            case SOURCE, STRANGERS, KNOWN -> true;
            case MALFORMED -> malformed.isBeyond(MALFORMED_A_SECOND, now);
            case ADMITTED, NO_SESSION, BACKLOG -> false;
        };
    }

    /** How often something has happened in the present second. */
    private static final class InSecond {
        private long from = Long.MIN_VALUE;
        private int count;

        synchronized boolean isBeyond(int limit, long now) {
            if (from == Long.MIN_VALUE || now - from >= CROWDED_NANOS) {
                from = now;
                count = 0;
            }
            count++;
            return count > limit;
        }
    }

    /** Whether in the last second datagrams have been shed because they were too many, or far too many of them were not CoAP. */
    public boolean isCrowded(long now) {
        return everCrowded && now - crowdedUntil < 0;
    }

    private LongAdder counts(Admission admission) {
        return java.util.Objects.requireNonNull(counts.get(admission));
    }

    public long of(Admission admission) {
        return counts(admission).sum();
    }

    /** All that was not admitted. */
    public long shed() {
        long sum = 0;
        for (Admission admission : Admission.values()) {
            sum += admission == Admission.ADMITTED ? 0 : of(admission);
        }
        return sum;
    }

    /** All that was not admitted, by reason as in {@link #toString}. */
    public Map<String, Long> byReason() {
        Map<String, Long> reasons = new LinkedHashMap<>();
        counts.forEach((admission, count) -> {
            if (admission != Admission.ADMITTED) {
                reasons.put(label(admission), count.sum());
            }
        });
        return reasons;
    }

    private static String label(Admission admission) {
        return admission.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String socket() {
        return socket;
    }

    /** {@code admitted=7 malformed=0 ...} since the start. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        counts.forEach((admission, count) -> text.append(text.isEmpty() ? "" : " ")
                .append(label(admission))
                .append('=')
                .append(count.sum()));
        return text.toString();
    }
}
