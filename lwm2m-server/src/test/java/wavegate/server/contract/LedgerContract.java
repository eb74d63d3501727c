package wavegate.server.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import wavegate.firmware.event.Fact;
import wavegate.server.rollout.Ledger;
import wavegate.server.rollout.LedgerFailure;
import wavegate.server.rollout.Recorded;

/** What every ledger keeps. */
public abstract class LedgerContract {
    protected final RandomFacts facts = new RandomFacts(11, 20);

    /** An empty ledger. */
    protected abstract Ledger ledger();

    /** The same ledger as the next process finds it, after {@code before} was closed. */
    protected abstract Ledger reopened(Ledger before);

    @Test
    void an_empty_ledger_ends_at_zero_and_replays_nothing() {
        try (Ledger ledger = ledger()) {
            assertThat(ledger.lastSequence()).isZero();
            assertThat(replayed(ledger, 0)).isEmpty();
        }
    }

    @Test
    void sequences_are_dense_from_one_over_batches_of_any_size() {
        try (Ledger ledger = ledger()) {
            List<Recorded> all = new ArrayList<>();
            for (int size : new int[] {1, 7, 1, 64}) {
                all.addAll(ledger.commit(facts.next(size)));
            }
            assertThat(all).extracting(Recorded::sequence).containsExactlyElementsOf(oneTo(73));
            assertThat(ledger.lastSequence()).isEqualTo(73);
        }
    }

    @Test
    void an_empty_batch_changes_nothing() {
        try (Ledger ledger = ledger()) {
            ledger.commit(facts.next(2));
            assertThat(ledger.commit(List.of())).isEmpty();
            assertThat(ledger.lastSequence()).isEqualTo(2);
        }
    }

    @Test
    void replay_gives_what_was_committed_after_a_sequence() {
        try (Ledger ledger = ledger()) {
            List<Recorded> all = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                all.addAll(ledger.commit(facts.next(5)));
            }
            for (int after : new int[] {0, 1, 4, 5, 26, 49, 50, 90}) {
                assertSame(replayed(ledger, after), all.subList(Math.min(after, 50), 50));
            }
        }
    }

    @Test
    void everything_committed_is_there_after_reopening_and_the_next_fact_follows_it() {
        Ledger first = ledger();
        List<Recorded> all = new ArrayList<>(first.commit(facts.next(20)));
        first.close();
        Ledger second = reopened(first);
        assertSame(replayed(second, 0), all);
        all.addAll(second.commit(facts.next(3)));
        second.close();
        try (Ledger third = reopened(second)) {
            assertThat(third.lastSequence()).isEqualTo(23);
            assertSame(replayed(third, 0), all);
        }
    }

    @Test
    void a_closed_ledger_takes_no_commit() {
        Ledger ledger = ledger();
        ledger.commit(facts.next(1));
        ledger.close();
        List<Fact> more = facts.next(1);
        assertThatThrownBy(() -> ledger.commit(more)).isInstanceOf(LedgerFailure.class);
    }

    protected static List<Recorded> replayed(Ledger ledger, long after) {
        List<Recorded> replayed = new ArrayList<>();
        ledger.replay(after, replayed::add);
        return replayed;
    }

    /** Records compare arrays by identity. */
    protected static void assertSame(List<Recorded> actual, List<Recorded> expected) {
        assertThat(actual)
                .extracting(Recorded::sequence)
                .isEqualTo(expected.stream().map(Recorded::sequence).toList());
        assertThat(actual)
                .extracting(Recorded::fact)
                .isEqualTo(expected.stream().map(Recorded::fact).toList());
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i).payload()).isEqualTo(expected.get(i).payload());
        }
    }

    private static List<Long> oneTo(int last) {
        return java.util.stream.LongStream.rangeClosed(1, last).boxed().toList();
    }
}
