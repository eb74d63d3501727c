package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceCounters;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.scenario.Scenario;

/** From the request that stops everything to the last block, Package URI or Execute any device sees, while blocks flow both ways. */
class KillLatencyTest {
    private static final int DEVICES = 200;
    private static final int IMAGE = 256 * 1024;
    /** Of the second wave's 45,000 or more. */
    private static final int FLOWING = 5000;

    private static final Duration BOUND = Duration.ofSeconds(1);
    /** Long enough for everything that retransmits to have been sent again several times. */
    private static final Duration WATCHED = Duration.ofSeconds(8);

    @TempDir
    private Path data;

    @Test
    void a_kill_switch_is_felt_by_every_device_within_a_second() throws Exception {
        Trial trial = new Trial(Duration.ofMillis(500), Duration.ofSeconds(1), 0.01);
        Scenario scenario = trial.scenario(
                Scenario.named("healthy"),
                DeviceSettings.Coap.STANDARD,
                Duration.ofSeconds(1),
                DeviceProfile.SPEC,
                DeviceProfile.PUSH_ONLY);
        Release release = Release.of(data, scenario, IMAGE);
        try (WholeServer server = new WholeServer(data);
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                                .withTimeFactor(Trial.FACTOR))) {
            server.knows(DEVICES, Duration.ofSeconds(30));
            server.start(trial.campaign(server.upload(release), DEVICES, List.of(1.0), DEVICES, DeliveryChoice.PULL));
            server.letsThroughTheCanary(Duration.ofMinutes(1));
            long before = fleet.report().totals().blocks();
            await("blocks flow")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> fleet.report().totals().blocks() > before + FLOWING);

            Instant asked = Instant.now();
            CompletableFuture<JsonNode> answer = CompletableFuture.supplyAsync(() -> killed(server));
            LastDispatch last = new LastDispatch(fleet);
            await("watched long enough")
                    .pollInterval(Duration.ofMillis(2))
                    .atMost(WATCHED.multipliedBy(4))
                    .until(() -> {
                        last.look();
                        return Instant.now().isAfter(asked.plus(WATCHED));
                    });

            JsonNode receipt = answer.get();
            long latency = Duration.between(asked, last.seenAt()).toMillis();
            long answered = Duration.between(
                            asked, Instant.parse(receipt.path("acknowledgedAt").asText()))
                    .toMillis();
            System.out.printf(
                    "kill latency: %d ms from the request to the last dispatch a device saw, in the ledger after %d ms; %d"
                            + " updates called off%n",
                    latency, answered, receipt.path("cancelled").asInt());
            assertThat(latency).isLessThan(BOUND.toMillis());
            assertThat(receipt.path("cancelled").asInt()).isPositive();
            assertThat(server.status().campaign().phase()).isEqualTo(CampaignPhase.PAUSED);
            assertThat(server.updates())
                    .allMatch(
                            update -> update.phase() == UpdatePhase.CANCELLED
                                    || update.phase() == UpdatePhase.SUCCESS
                                    || update.phase().isApplying(),
                            "called off, or left alone");
        }
    }

    private static JsonNode killed(WholeServer server) {
        try {
            return server.rest.post("/kill-switches", "{\"scope\": \"all\", \"reason\": \"trial\"}");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Watches the devices' own counters; a reset is a write too, but takes nothing to a device. */
    private static final class LastDispatch {
        private final VirtualFleet fleet;
        private long count;
        private Instant seenAt = Instant.EPOCH;

        LastDispatch(VirtualFleet fleet) {
            this.fleet = fleet;
        }

        void look() {
            DeviceCounters totals = fleet.report().totals();
            long dispatches =
                    totals.blocks() + totals.executes() + totals.packageWrites() + totals.uriWrites() - totals.resets();
            if (dispatches != count) {
                count = dispatches;
                seenAt = Instant.now();
            }
        }

        Instant seenAt() {
            return seenAt;
        }
    }
}
