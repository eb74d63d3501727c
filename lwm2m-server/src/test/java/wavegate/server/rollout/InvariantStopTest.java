package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.store.memory.MemoryLedger;
import wavegate.server.store.memory.MemoryRolloutStore;

/** What a violation does to the campaign it was found in. */
class InvariantStopTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final MemoryArtifacts artifacts = new MemoryArtifacts();
    private final MemoryLedger ledger = new MemoryLedger();

    private RolloutEngine running() throws Exception {
        Sha256 members = new MembershipFiles(artifacts)
                .write(new Membership(List.of(new Membership.WaveMembers(List.of(new Endpoint("d-0")), List.of()))));
        FirmwarePackage release = new FirmwarePackage(
                SeededRollout.TARGET_PACKAGE,
                new Manifest("fw", FirmwareVersion.of("2"), "Acme", "M1", "rev-a", 1000, Sha256.of(new byte[] {3}), 1),
                "key",
                NOW,
                false);
        Campaign draft = Campaign.draft(SeededRollout.CAMPAIGN, SeededSpecs.spec(), NOW);
        Wave open = new Wave(0, WavePhase.DISPATCHING, 1, 0, NOW, Instant.MAX, Instant.MAX, 0, "");
        Campaign campaign = ForgedRollout.with(draft, CampaignPhase.RUNNING, Optional.of(members), List.of(open));
        ledger.commit(List.of(
                new Fact.PackageChanged(NOW, release, "test"), new Fact.CampaignChanged(NOW, campaign, "K2", "test")));
        MemoryRolloutStore view = new MemoryRolloutStore();
        ledger.replay(0, recorded -> view.apply(List.of(recorded)));
        RolloutEngine engine = new RolloutEngine(new RolloutEngine.Parts(
                ledger,
                view,
                artifacts,
                each -> {},
                batch -> {},
                new SingleNode(),
                new Fence(() -> NOW),
                () -> NOW,
                new Random(1),
                Runnable::run,
                Runnable::run,
                RolloutSettings.DEFAULT));
        ledger.replay(0, recorded -> engine.state().apply(recorded.fact()));
        return engine;
    }

    private static Campaign campaign(RolloutEngine engine) {
        return engine.state().run(SeededRollout.CAMPAIGN).orElseThrow().campaign();
    }

    @Test
    void a_violation_that_could_lead_firmware_astray_pauses_the_campaign_and_says_why() throws Exception {
        RolloutEngine engine = running();

        engine.watch().require(false, Invariant.PASS_BEFORE_NEXT_WAVE, SeededRollout.CAMPAIGN, "wave", 1);
        engine.commit();

        assertThat(campaign(engine).phase()).isEqualTo(CampaignPhase.PAUSED);
        assertThat(campaign(engine).reason()).isEqualTo("invariant 8 violated: pass-before-next-wave wave=1");
        assertThat(engine.figures().violations()).containsEntry(Invariant.PASS_BEFORE_NEXT_WAVE, 1L);
    }

    @Test
    void a_sum_that_is_wrong_is_counted_and_pauses_nothing() throws Exception {
        RolloutEngine engine = running();

        engine.watch().require(false, Invariant.CONSERVATION, SeededRollout.CAMPAIGN, "counted", 1);
        engine.commit();

        assertThat(campaign(engine).phase()).isEqualTo(CampaignPhase.RUNNING);
        assertThat(engine.figures().violations()).containsEntry(Invariant.CONSERVATION, 1L);
    }
}
