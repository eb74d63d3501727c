package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.ledger.LedgerReport;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.FleetPlan;
import wavegate.sim.FleetReport;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.scenario.Scenario;

/** A whole server and a fleet of virtual modules over CoAP on loopback, from the first registration to the end of a campaign. */
class CampaignOverCoapTest {
    private static final int DEVICES = 200;
    private static final int CANARIES = 40;

    @TempDir
    private Path data;

    @Test
    void a_campaign_by_push_ends_with_every_device_on_the_new_version() throws Exception {
        everyDeviceIsUpdated(Trial.QUICK.scenario("healthy", DeviceProfile.PUSH_ONLY), DeliveryChoice.PUSH);
    }

    @Test
    void a_campaign_by_pull_ends_with_every_device_on_the_new_version() throws Exception {
        everyDeviceIsUpdated(Trial.QUICK.scenario("healthy", DeviceProfile.SPEC), DeliveryChoice.PULL);
    }

    private void everyDeviceIsUpdated(Scenario scenario, DeliveryChoice delivery) throws Exception {
        Release release = Release.of(data, scenario, 64 * 1024);
        try (WholeServer server = new WholeServer(data);
                VirtualFleet fleet = VirtualFleet.start(plan(server, scenario))) {
            server.knows(DEVICES, Duration.ofSeconds(20));
            server.start(Trial.QUICK.campaign(server.upload(release), CANARIES, List.of(0.5, 1.0), 100, delivery));

            CampaignStatus end = server.ended(Duration.ofMinutes(1));

            assertThat(end.campaign().phase()).as("%s", end).isEqualTo(CampaignPhase.COMPLETED);
            assertThat(server.updates())
                    .hasSize(DEVICES)
                    .allMatch(update -> update.phase() == UpdatePhase.SUCCESS, "ended in SUCCESS");
            FleetReport report = fleet.report();
            assertThat(report.running(Release.VERSION)).isEqualTo(DEVICES);
            assertThat(report.userDataIntact()).isEqualTo(DEVICES);
            assertThat(report.totals().applies()).isEqualTo(DEVICES);
            assertThat(report.totals().secondApplies()).isZero();
            assertThat(report.totals().bytes()).isGreaterThanOrEqualTo(DEVICES * 64 * 1024L);
            sound(server.verified());
        }
    }

    @Test
    void a_fleet_of_all_client_families_on_a_bad_line_comes_to_rest_with_every_device_explained() throws Exception {
        // Lost messages are sent again sooner than the standard says, so that a bad line does not make a long test.
        Scenario scenario = Trial.QUICK.scenario(
                Scenario.named("quirks"), new DeviceSettings.Coap(500, 1.5, 4, 5000), Duration.ofSeconds(1));
        Release release = Release.of(data, scenario, 32 * 1024);
        try (WholeServer server = new WholeServer(data);
                VirtualFleet fleet = VirtualFleet.start(plan(server, scenario))) {
            server.knows(DEVICES, Duration.ofSeconds(30));
            server.start(
                    Trial.QUICK.campaign(server.upload(release), CANARIES, List.of(1.0), 200, DeliveryChoice.PULL));

            CampaignStatus end = server.endedWithHeldWavesLetThrough(Duration.ofMinutes(2));

            List<Update> updates = server.updates();
            assertThat(updates).hasSize(DEVICES).allMatch(Update::isFinal);
            FleetReport report = fleet.report();
            for (Update update : updates) {
                DeviceReport device = fleet.device(update.endpoint().name()).orElseThrow();
                boolean updated = update.phase() == UpdatePhase.SUCCESS;
                assertThat(device.version())
                        .as("%s %s, attempt %d, device %s", update.endpoint(), update.where(), update.attempt(), device)
                        .isEqualTo(updated ? Release.VERSION : "1.0.0");
            }
            assertThat(report.running(Release.VERSION)).as("%s", end).isGreaterThanOrEqualTo(DEVICES * 9 / 10);
            assertThat(report.userDataIntact()).isEqualTo(DEVICES);
            assertThat(report.totals().secondApplies()).isZero();
            sound(server.verified());
        }
    }

    private static FleetPlan plan(WholeServer server, Scenario scenario) {
        return FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                .withTimeFactor(Trial.FACTOR);
    }

    private static void sound(LedgerReport ledger) {
        assertThat(ledger.fault()).isEmpty();
        assertThat(ledger.tornTail()).isEmpty();
        assertThat(ledger.records()).isGreaterThan(DEVICES * 7L);
    }
}
