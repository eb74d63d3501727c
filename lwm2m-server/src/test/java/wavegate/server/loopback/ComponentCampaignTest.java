package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.scenario.Scenario;

/** Modules with several components, Object 33629: a package for one of them goes to that one alone, with the results only they have. */
class ComponentCampaignTest {
    private static final int DEVICES = 60;
    private static final List<FieldMatrix.Fate> FATES = List.of(
            FieldMatrix.Fate.NONE,
            FieldMatrix.Fate.CONFLICTING,
            FieldMatrix.Fate.DEPENDENT,
            FieldMatrix.Fate.INSTALL_FAILS,
            FieldMatrix.Fate.DAMAGED);

    @TempDir
    private Path directory;

    @Test
    void a_package_for_a_component_is_delivered_applied_and_proven_there() throws Exception {
        Scenario scenario = ConformanceMatrixTest.scenario(FATES, List.of(DeviceProfile.COMPONENTS));
        Release release = Release.ofComponent(directory, scenario, 4 * 1024, "application");
        try (WholeServer server = new WholeServer(directory);
                VirtualFleet fleet = VirtualFleet.start(
                        FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                                .withTimeFactor(Trial.FACTOR))) {
            await("devices registered")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> server.devices().stream()
                                    .filter(device -> device.identity().known())
                                    .count()
                            == DEVICES);
            var image = server.upload(release);
            ConformanceMatrixTest.start(server, "pulled", image, DeliveryChoice.PULL);
            ConformanceMatrixTest.start(server, "pushed", image, DeliveryChoice.PUSH);
            ConformanceMatrixTest.ended(server, "pulled");
            ConformanceMatrixTest.ended(server, "pushed");

            Map<String, DeviceReport> truth = new HashMap<>();
            fleet.devices().forEach(device -> truth.put(device.endpoint(), device));
            int judged = 0;
            for (String campaign : List.of("pulled", "pushed")) {
                for (Update update : ConformanceMatrixTest.updates(server, campaign)) {
                    DeviceReport device = truth.get(update.endpoint().name());
                    FieldMatrix.Fate fate =
                            FieldMatrix.Fate.of(device.identity().region());
                    assertThat(fate == FieldMatrix.Fate.NONE ? List.of("SUCCESS/healthy") : fate.ends)
                            .as("%s: %s result %s, the device %s", fate, update.where(), update.lastResult(), device)
                            .contains(update.where());
                    assertThat(update.slot().isComponent()).isTrue();
                    judged++;
                }
            }
            assertThat(judged).isEqualTo(DEVICES);
            assertThat(fleet.report().totals().secondApplies()).isZero();
        }
    }
}
