package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.terminal.TerminalFleet;
import wavegate.sim.terminal.TerminalReport;

/** One campaign over modules that register and terminals that ask. */
class TerminalFleetTest {
    private static final int DEVICES = 200;
    private static final int TERMINALS = 60;
    private static final int CANARIES = 40;

    @TempDir
    private Path data;

    @Test
    void a_campaign_over_modules_and_terminals_updates_both_and_offers_nothing_beyond_its_waves() throws Exception {
        Scenario scenario = Trial.QUICK.scenario("healthy", DeviceProfile.SPEC).withTerminals(0.3);
        Release release = Release.of(data, scenario, 16 * 1024);
        try (WholeServer server = new WholeServer(data, TerminalTest.BRISK);
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                                .withTimeFactor(Trial.FACTOR))) {
            TerminalFleet terminals = fleet.terminals().orElseThrow();
            server.knows(DEVICES, Duration.ofSeconds(30));
            assertThat(server.server.sessions().count()).isEqualTo(DEVICES);
            server.start(Trial.QUICK.campaign(
                    server.upload(release), CANARIES, List.of(0.5, 1.0), 100, DeliveryChoice.PULL));

            await("canary at rest")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> server.status().campaign().waves().get(0).phase() == WavePhase.SOAKING);
            List<TerminalReport> reports = terminals.report();
            Set<String> reserved = server.updates().stream()
                    .map(update -> update.endpoint().name())
                    .collect(Collectors.toSet());
            assertThat(reserved).hasSizeBetween(1, CANARIES);
            assertThat(reports.stream().filter(terminal -> terminal.offers() > 0))
                    .as("terminals in the canary")
                    .isNotEmpty()
                    .allMatch(terminal -> reserved.contains(terminal.identity().endpoint()));

            CampaignStatus end = server.endedWithHeldWavesLetThrough(Duration.ofMinutes(2));

            assertThat(end.campaign().phase()).as("%s", end).isEqualTo(CampaignPhase.COMPLETED);
            assertThat(server.updates())
                    .hasSize(DEVICES)
                    .allMatch(update -> update.phase() == UpdatePhase.SUCCESS, "ended in SUCCESS");
            assertThat(fleet.report().running(Release.VERSION)).isEqualTo(DEVICES - TERMINALS);
            assertThat(terminals.byVersion()).containsEntry(Release.VERSION, TERMINALS);
            assertThat(terminals.report()).hasSize(TERMINALS).allMatch(terminal -> terminal.applies() == 1);
            System.out.printf(
                    "mixed fleet: %d modules, %d terminals, canary with %d of them, %d attempts beyond the first%n",
                    DEVICES - TERMINALS,
                    TERMINALS,
                    reports.stream().filter(terminal -> terminal.offers() > 0).count(),
                    server.updates().stream().mapToInt(Update::attempt).sum() - DEVICES);
        }
    }

    @Test
    void an_image_that_does_not_start_is_rolled_back_by_terminals_and_modules_alike() throws Exception {
        Scenario scenario = Trial.QUICK.scenario("bad-boot", DeviceProfile.SPEC).withTerminals(0.5);
        Release release = Release.of(data, scenario, 16 * 1024);
        try (WholeServer server = new WholeServer(data, TerminalTest.BRISK);
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(60, server.server.coapAddress().orElseThrow(), scenario)
                                .withTimeFactor(Trial.FACTOR))) {
            server.knows(60, Duration.ofSeconds(30));
            server.start(Trial.QUICK.campaign(server.upload(release), 12, List.of(1.0), 100, DeliveryChoice.PULL));

            await("canary ended").atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                assertThat(server.status().notReserved().get(0)).isZero();
                assertThat(server.updates()).isNotEmpty().allMatch(update -> update.where()
                        .equals("ROLLBACK/update-failed"));
            });

            TerminalFleet terminals = fleet.terminals().orElseThrow();
            assertThat(terminals.byVersion()).containsOnlyKeys("1.0.0");
            assertThat(terminals.report().stream().filter(terminal -> terminal.reverts() > 0))
                    .isNotEmpty()
                    .allMatch(terminal -> terminal.lastResult() == 8);
            assertThat(server.status().campaign().phase()).isNotEqualTo(CampaignPhase.COMPLETED);
        }
    }
}
