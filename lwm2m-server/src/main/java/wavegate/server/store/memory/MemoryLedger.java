package wavegate.server.store.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;
import wavegate.firmware.event.Fact;
import wavegate.server.rollout.Ledger;
import wavegate.server.rollout.LedgerFailure;
import wavegate.server.rollout.Recorded;

/**
 * A ledger in memory, which can be made to fail at a chosen commit, before or after the batch was kept, and to be opened again after that.
 */
public final class MemoryLedger implements Ledger {
    /** What happens to a commit. */
    public enum Outcome {
        DONE,
        /** Fails, and the batch is not there after {@link MemoryLedger#reopened}: a crash before the write. */
        LOST,
        /** Fails, but the batch is there after {@link MemoryLedger#reopened}: a crash between fsync and acknowledgement. */
        KEPT_UNACKNOWLEDGED
    }

    /** Says what happens to the k-th commit of this ledger, counted from 1. */
    public interface Weather {
        Outcome at(int commit);

        /** Nothing fails. */
        static Weather fair() {
            return commit -> Outcome.DONE;
        }

        static Weather losing(IntPredicate which) {
            return commit -> which.test(commit) ? Outcome.LOST : Outcome.DONE;
        }
    }

    private final Function<Fact, byte[]> encoding;
    private final Weather weather;
    private final List<List<Recorded>> batches;
    private int commits;
    private boolean stopped;
    private volatile long lastSequence;

    private MemoryLedger(Function<Fact, byte[]> encoding, Weather weather, List<List<Recorded>> batches) {
        this.encoding = encoding;
        this.weather = weather;
        this.batches = new ArrayList<>(batches);
        lastSequence = batches.stream().mapToLong(List::size).sum();
    }

    /** @param encoding gives the payload of a fact; where nobody reads payloads it may give no bytes */
    public MemoryLedger(Function<Fact, byte[]> encoding, Weather weather) {
        this(encoding, weather, List.of());
    }

    /** One that never fails and keeps no payloads. */
    public MemoryLedger() {
        this(fact -> new byte[0], Weather.fair());
    }

    @Override
    public synchronized List<Recorded> commit(List<Fact> facts) {
        if (stopped) {
            throw new LedgerFailure("ledger in memory takes no more commits");
        }
        if (facts.isEmpty()) {
            return List.of();
        }
        List<Recorded> batch = new ArrayList<>(facts.size());
        for (Fact fact : facts) {
            batch.add(new Recorded(lastSequence + 1 + batch.size(), fact, encoding.apply(fact)));
        }
        commits++;
        Outcome outcome = weather.at(commits);
        if (outcome != Outcome.LOST) {
            batches.add(List.copyOf(batch));
        }
        if (outcome != Outcome.DONE) {
            stopped = true;
            throw new LedgerFailure("ledger in memory: commit " + commits + " failed as asked: " + outcome);
        }
        lastSequence += batch.size();
        return List.copyOf(batch);
    }

    /** The ledger as the next process would find it. This one takes no more commits. */
    public synchronized MemoryLedger reopened(Weather next) {
        stopped = true;
        return new MemoryLedger(encoding, next, batches);
    }

    /** The batches as they were committed, oldest first. */
    public synchronized List<List<Recorded>> batches() {
        return List.copyOf(batches);
    }

    @Override
    public long lastSequence() {
        return lastSequence;
    }

    @Override
    public void replay(long afterSequence, Consumer<Recorded> consumer) {
        long until = lastSequence;
        for (List<Recorded> batch : batches()) {
            for (Recorded each : batch) {
                if (each.sequence() > afterSequence && each.sequence() <= until) {
                    consumer.accept(each);
                }
            }
        }
    }

    @Override
    public synchronized void close() {
        stopped = true;
    }
}
