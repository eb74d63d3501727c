package wavegate.server.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import wavegate.firmware.event.Fact;
import wavegate.server.contract.LedgerContract;
import wavegate.server.rollout.Ledger;
import wavegate.server.rollout.LedgerFailure;

class MemoryLedgerTest extends LedgerContract {
    @Override
    protected Ledger ledger() {
        return new MemoryLedger();
    }

    @Override
    protected Ledger reopened(Ledger before) {
        return ((MemoryLedger) before).reopened(MemoryLedger.Weather.fair());
    }

    @Test
    void a_lost_commit_fails_and_is_not_there_afterwards() {
        MemoryLedger ledger = ledger(MemoryLedger.Weather.losing(commit -> commit == 2));
        ledger.commit(facts.next(3));
        failsFromNowOn(ledger);
        assertThat(replayed(ledger.reopened(MemoryLedger.Weather.fair()), 0)).hasSize(3);
    }

    @Test
    void a_commit_kept_unacknowledged_fails_and_is_there_only_for_the_next_process() {
        MemoryLedger ledger =
                ledger(commit -> commit == 2 ? MemoryLedger.Outcome.KEPT_UNACKNOWLEDGED : MemoryLedger.Outcome.DONE);
        ledger.commit(facts.next(3));
        failsFromNowOn(ledger);
        assertThat(replayed(ledger, 0)).hasSize(3);
        assertThat(replayed(ledger.reopened(MemoryLedger.Weather.fair()), 0)).hasSize(5);
    }

    private void failsFromNowOn(MemoryLedger ledger) {
        for (int i = 0; i < 2; i++) {
            List<Fact> more = facts.next(2);
            assertThatThrownBy(() -> ledger.commit(more)).isInstanceOf(LedgerFailure.class);
        }
        assertThat(ledger.lastSequence()).isEqualTo(3);
    }

    private static MemoryLedger ledger(MemoryLedger.Weather weather) {
        return new MemoryLedger(fact -> new byte[0], weather);
    }
}
