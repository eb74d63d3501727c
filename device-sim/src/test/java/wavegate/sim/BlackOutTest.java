package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.scenario.Scenario;

/** A region without network and a region without power, over real CoAP. */
class BlackOutTest {
    private static final int DEVICES = 40;

    private static List<DeviceReport> in(VirtualFleet fleet, String region) {
        return fleet.devices().stream()
                .filter(device -> device.identity().region().equals(region))
                .toList();
    }

    @Test
    void a_region_that_was_dark_comes_back_at_once_and_one_without_power_boots_again() {
        try (TinyLwM2mServer server = TinyLwM2mServer.started(0)) {
            FleetPlan plan = FleetPlan.of(DEVICES, server.address(), Scenario.named("black-out"))
                    .withTimeFactor(600);
            try (VirtualFleet fleet = VirtualFleet.start(plan)) {
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> in(fleet, "south").stream().noneMatch(DeviceReport::registered));
                await().atMost(Duration.ofSeconds(20)).until(() -> fleet.devices().stream()
                        .allMatch(device -> device.registered()
                                && (device.identity().region().equals("south")
                                        ? device.counters().registrations() > 1
                                        : device.counters().registrationUpdates() > 0)));

                assertThat(in(fleet, "south"))
                        .isNotEmpty()
                        .allMatch(device -> device.counters().boots() >= 2);
                assertThat(in(fleet, "north")).isNotEmpty();
                assertThat(fleet.report().registered()).isEqualTo(DEVICES);
            }
        }
    }
}
