package wavegate.server.rollout;

import java.util.List;
import java.util.function.Consumer;
import wavegate.firmware.event.Fact;

/** Port: the append-only record of every fact; the truth. Written by the rollout thread alone. */
public interface Ledger extends AutoCloseable {
    /**
     * Appends the facts, in order, as one batch that is there as a whole or not at all after a crash, and forces it to disk before it returns.
     *
     * @return the facts with their sequence numbers, dense from 1
     * @throws LedgerFailure on any failure; the ledger then refuses further commits
     */
    List<Recorded> commit(List<Fact> facts);

    /** Sequence of the last fact; 0 if there is none. Any thread. */
    long lastSequence();

    /**
     * Gives every fact after a sequence, in order.
     *
     * @throws LedgerFailure if a record does not decode
     */
    void replay(long afterSequence, Consumer<Recorded> consumer);

    /**
     * Gives what a state is rebuilt from: of each thing its latest fact as of some sequence, those of a kind in order but with gaps, and every fact
     * after that sequence. The last fact of the ledger is among them. Folded, they make the same state as all facts.
     *
     * @throws LedgerFailure if a record does not decode
     */
    default void rebuild(Consumer<Recorded> consumer) {
        replay(0, consumer);
    }

    /** How many facts {@link #rebuild} gives. */
    default long rebuildFacts() {
        return lastSequence();
    }

    @Override
    void close();
}
