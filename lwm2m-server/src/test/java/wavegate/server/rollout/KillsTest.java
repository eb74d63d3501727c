package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateSignal;

/** A kill switch that takes more than one turn to call off what is in its scope. */
class KillsTest {
    private static final CampaignId OTHER = new CampaignId("other");
    /** More than are called off in one turn. */
    private static final int DEVICES = 130;

    @Test
    void an_update_of_another_campaign_that_began_meanwhile_goes_on() {
        SeededRollout sim = new SeededRollout(2, DEVICES, spec -> spec);
        sim.run(Duration.ofMinutes(30));
        sim.onServer(server -> {
            Orders orders = new Orders(server);
            orders.create(OTHER, sim.spec(SeededRollout.CAMPAIGN), "test");
            orders.start(OTHER, Optional.empty(), "test");
        });
        sim.goOn(Duration.ofSeconds(1));
        AtomicReference<Endpoint> moved = new AtomicReference<>();
        AtomicReference<CompletableFuture<KillReceipt>> receipt = new AtomicReference<>();
        sim.onServer(server -> {
            CampaignRun run = server.state().run(SeededRollout.CAMPAIGN).orElseThrow();
            CampaignRun other = server.state().run(OTHER).orElseThrow();
            assertThat(other.campaign().phase()).isEqualTo(CampaignPhase.SCHEDULED);
            run.members().forEach(endpoint -> reserve(server, run, endpoint));
            KillScope scope = new KillScope(KillScope.Kind.CAMPAIGN, SeededRollout.CAMPAIGN.value());
            receipt.set(new Orders(server)
                    .kill(scope, "test", "operator", sim.fence().raise(scope)));

            List<Update> left = new ArrayList<>(run.open());
            assertThat(left).hasSize(DEVICES - 100);
            moved.set(left.get(left.size() - 1).endpoint());
            server.signal(moved.get(), new UpdateSignal.CancelAsked(UpdateDetail.ABORTED));
            reserve(server, other, moved.get());
        });

        assertThat(sim.state().openUpdate(moved.get()))
                .hasValueSatisfying(update -> assertThat(update.campaign()).isEqualTo(OTHER));
        assertThat(receipt.get().join().cancelled()).isEqualTo(DEVICES - 1);
        assertThat(receipt.get().join().leftAlone()).isZero();
    }

    private static void reserve(RolloutEngine server, CampaignRun run, Endpoint endpoint) {
        server.updates().reserve(run, run.waveOf(endpoint).orElseThrow(), endpoint, "0123456789abcdef");
    }
}
