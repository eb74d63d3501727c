package wavegate.server.rollout;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/**
 * How long the loop is away in one turn, from taking its first input to handing over its last command, and how much of that it waits for the
 * ledger; and how much it computes in one turn, which neither a busy machine nor the collector makes longer. Written by the rollout thread; read by
 * any.
 */
public final class LoopTimes {
    /** Upper bounds of the buckets, in milliseconds; one more holds the rest. */
    private static final List<Integer> BOUNDS = List.of(1, 2, 5, 10, 20, 50, 100, 1000);

    private final AtomicLongArray turns = new AtomicLongArray(BOUNDS.size() + 1);
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong durable = new AtomicLong();
    private final AtomicLong longest = new AtomicLong();
    private final AtomicLong busiest = new AtomicLong();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    /** Processor time at the start of the turn. Rollout thread only. */
    private long processorBefore;

    /** Turns that took at most {@code upTo}, and no more than the bound before; the last bound is for all that took longer. */
    public record Bucket(Duration upTo, long turns) {}

    void begin() {
        processorBefore = threads.getCurrentThreadCpuTime();
    }

    void turn(long nanos) {
        busiest.accumulateAndGet(threads.getCurrentThreadCpuTime() - processorBefore, Math::max);
        long millis = nanos / 1_000_000;
        int bucket = 0;
        while (bucket < BOUNDS.size() && millis >= BOUNDS.get(bucket)) {
            bucket++;
        }
        turns.incrementAndGet(bucket);
        total.addAndGet(nanos);
        longest.accumulateAndGet(nanos, Math::max);
    }

    void committed(long nanos) {
        durable.addAndGet(nanos);
    }

    /** Shortest first. */
    public List<Bucket> buckets() {
        return IntStream.range(0, turns.length())
                .mapToObj(i -> new Bucket(
                        i < BOUNDS.size() ? Duration.ofMillis(BOUNDS.get(i)) : Duration.ofSeconds(Long.MAX_VALUE),
                        turns.get(i)))
                .toList();
    }

    /** In turns so far, all together. */
    public Duration total() {
        return Duration.ofNanos(total.get());
    }

    /** Of that, until facts were durable. */
    public Duration durable() {
        return Duration.ofNanos(durable.get());
    }

    /** The longest turn since the start, or since {@link #startAnew}. */
    public Duration longest() {
        return Duration.ofNanos(longest.get());
    }

    /** Most processor time of one turn since then. */
    public Duration busiest() {
        return Duration.ofNanos(busiest.get());
    }

    /** Forgets the longest and the busiest turn so far. */
    public void startAnew() {
        longest.set(0);
        busiest.set(0);
    }
}
