package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.contract.CompactedFacts;

/** A ledger whose first part is given as a snapshot of it would be: of each key the latest, kind by kind. */
final class CompactedLedger implements Ledger {
    private final Ledger ledger;
    private final long until;

    /** @param percent of its facts that are behind the snapshot */
    CompactedLedger(Ledger ledger, int percent) {
        this.ledger = ledger;
        until = ledger.lastSequence() * percent / 100;
    }

    @Override
    public List<Recorded> commit(List<Fact> facts) {
        return ledger.commit(facts);
    }

    @Override
    public long lastSequence() {
        return ledger.lastSequence();
    }

    @Override
    public void replay(long afterSequence, Consumer<Recorded> consumer) {
        ledger.replay(afterSequence, consumer);
    }

    @Override
    public void rebuild(Consumer<Recorded> consumer) {
        List<Recorded> before = new ArrayList<>();
        ledger.replay(0, recorded -> {
            if (recorded.sequence() <= until) {
                before.add(recorded);
            }
        });
        CompactedFacts compacted = new CompactedFacts();
        compacted.fold(before.subList(0, before.size() / 2));
        compacted.fold(before.subList(before.size() / 2, before.size()));
        compacted.facts().forEach(consumer);
        ledger.replay(until, consumer);
    }

    /** The state from all facts and the one from these are the same in all that is asked of a state. */
    void assertSameState(Function<Sha256, Membership> memberships, Instant now, String which) {
        RolloutState whole = new RolloutState(memberships);
        ledger.replay(0, recorded -> whole.apply(recorded.fact()));
        RolloutState compact = new RolloutState(memberships);
        rebuild(recorded -> compact.apply(recorded.fact()));
        assertThat(compact.devices()).as(which).isEqualTo(whole.devices());
        assertThat(compact.openUpdates()).as(which).containsExactlyInAnyOrderElementsOf(whole.openUpdates());
        assertThat(compact.killSwitches()).as(which).isEqualTo(whole.killSwitches());
        for (CampaignRun run : whole.runs()) {
            CampaignRun other = compact.run(run.campaign().id()).orElseThrow();
            assertThat(other.status(now)).as(which).isEqualTo(run.status(now));
            assertThat(other.counts()).as(which).isEqualTo(run.counts());
            assertThat(other.inFlight()).as(which).isEqualTo(run.inFlight());
            for (int wave = 0; wave < run.waves().size(); wave++) {
                assertThat(other.wave(wave).integrityFailures).as(which).isEqualTo(run.wave(wave).integrityFailures);
            }
            whole.packages().forEach(each -> run.members().forEach(member -> assertThat(
                            compact.isClosed(member, each.manifest().sha256()))
                    .as(which)
                    .isEqualTo(whole.isClosed(member, each.manifest().sha256()))));
        }
    }

    @Override
    public void close() {
        ledger.close();
    }
}
