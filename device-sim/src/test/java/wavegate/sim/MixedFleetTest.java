package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.core.ConditionTimeoutException;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.device.Quirk;
import wavegate.sim.scenario.Scenario;

/** Client families over real CoAP, on a bad line, with a server that reads before it writes and knows nothing of them. */
class MixedFleetTest {
    private static final int DEVICES = 60;
    /** Some clients wait without end for a push that broke off. */
    private static final int MOST_READS_IN_STATE_1 = 15;

    private final TinyLwM2mServer server = TinyLwM2mServer.started(0);
    private final Map<String, CompletableFuture<Response>> open = new HashMap<>();
    private final Map<String, Integer> waits = new HashMap<>();
    private byte[] image = new byte[0];

    private void nudge(DeviceReport device) {
        String endpoint = device.endpoint();
        CompletableFuture<Response> last = open.get(endpoint);
        if ((last != null && !last.isDone()) || !server.byEndpoint.containsKey(endpoint)) {
            return;
        }
        Optional<String> state = last == null || last.isCompletedExceptionally()
                ? Optional.empty()
                : Optional.ofNullable(last.join().getPayloadString());
        int patience = waits.merge(endpoint, state.equals(Optional.of("1")) ? 1 : 0, (a, b) -> b == 0 ? 0 : a + b);
        open.put(
                endpoint,
                state.filter(read -> read.equals("0") || read.equals("2") || patience > MOST_READS_IN_STATE_1)
                        .map(read -> act(device, read))
                        .orElseGet(() -> server.read(endpoint, "5/0/3")));
    }

    private CompletableFuture<Response> act(DeviceReport device, String state) {
        if (state.equals("2")) {
            return server.execute(device.endpoint(), "5/0/2");
        }
        DeviceProfile profile = DeviceProfile.named(device.profile()).orElseThrow();
        boolean push = !profile.delivery().method().canPull()
                || (profile.delivery().method().canPush()
                        && !profile.has(Quirk.APPENDS_AFTER_ABORT)
                        && device.identity().index() % 2 == 0);
        return push
                ? server.write(device.endpoint(), "5/0/0", image, MediaTypeRegistry.APPLICATION_OCTET_STREAM)
                : server.write(
                        device.endpoint(),
                        "5/0/1",
                        server.uri("image").getBytes(StandardCharsets.UTF_8),
                        MediaTypeRegistry.TEXT_PLAIN);
    }

    private static boolean updatable(DeviceReport device) {
        return !device.profile().equals("wakaama") && !device.profile().equals("components");
    }

    @Test
    void every_family_that_can_be_updated_is_updated_on_a_bad_line() {
        Scenario mixed = Scenario.named("mixed").withCoap(new DeviceSettings.Coap(500, 1.5, 4, 5000));
        image = mixed.firmware(new byte[4 << 10], "2.0.0");
        server.files.put("image", image);
        FleetPlan plan = FleetPlan.of(DEVICES, server.address(), mixed).withTimeFactor(120);
        try (server;
                VirtualFleet fleet = VirtualFleet.start(plan)) {
            List<String> late = new ArrayList<>();
            try {
                await().atMost(Duration.ofSeconds(100))
                        .pollInterval(Duration.ofMillis(50))
                        .until(() -> {
                            late.clear();
                            for (DeviceReport device : fleet.devices()) {
                                if (updatable(device) && !device.version().equals("2.0.0")) {
                                    nudge(device);
                                    late.add(device.profile() + " " + device.status() + " " + device.counters());
                                }
                            }
                            return late.isEmpty();
                        });
            } catch (ConditionTimeoutException e) {
                throw new AssertionError("not updated: " + String.join("\n", late), e);
            }

            FleetReport report = fleet.report();
            assertThat(report.userDataIntact()).isEqualTo(DEVICES);
            Set<String> seen = new HashSet<>();
            fleet.devices().forEach(device -> {
                seen.add(device.profile());
                assertThat(device.version()).isEqualTo(updatable(device) ? "2.0.0" : "1.0.0");
            });
            assertThat(seen)
                    .contains("spec", "anjay", "anjay-lite", "zephyr", "nrf", "modem")
                    .hasSizeGreaterThan(12);
        }
    }
}
