package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.scenario.Scenario;

/** Every client family at once on a bad line, against a server that reads and tries again until it is done. */
class QuirkyFleetTest {
    private static final int DEVICES = 60;

    private final TinyLwM2mServer server = TinyLwM2mServer.started(0);
    private final Map<String, CompletableFuture<Response>> open = new HashMap<>();
    private byte[] image = new byte[0];

    /** Reads the State of each idle device, and acts on what was read; one request at a time per device. */
    private void nudge(DeviceReport device) {
        String endpoint = device.endpoint();
        CompletableFuture<Response> last = open.get(endpoint);
        if ((last != null && !last.isDone()) || !server.byEndpoint.containsKey(endpoint)) {
            return;
        }
        Optional<String> state = last == null || last.isCompletedExceptionally()
                ? Optional.empty()
                : Optional.ofNullable(last.join().getPayloadString());
        open.put(
                endpoint,
                state.filter(read -> read.equals("0") || read.equals("2"))
                        .map(read -> act(device, read))
                        .orElseGet(() -> server.read(endpoint, "5/0/3")));
    }

    private CompletableFuture<Response> act(DeviceReport device, String state) {
        if (state.equals("2")) {
            return server.execute(device.endpoint(), "5/0/2");
        }
        boolean push = !device.profile().equals("pull-only")
                && (device.profile().equals("push-only") || device.identity().index() % 2 == 0);
        return push
                ? server.write(device.endpoint(), "5/0/0", image, MediaTypeRegistry.APPLICATION_OCTET_STREAM)
                : server.write(
                        device.endpoint(),
                        "5/0/1",
                        server.uri("image").getBytes(StandardCharsets.UTF_8),
                        MediaTypeRegistry.TEXT_PLAIN);
    }

    @Test
    void a_patient_server_updates_every_device() {
        Scenario quirks = Scenario.named("quirks");
        image = quirks.firmware(new byte[8 << 10], "2.0.0");
        server.files.put("image", image);
        FleetPlan plan = FleetPlan.of(DEVICES, server.address(), quirks).withTimeFactor(60);
        try (server;
                VirtualFleet fleet = VirtualFleet.start(plan)) {
            await().atMost(Duration.ofSeconds(100))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        fleet.devices().stream()
                                .filter(device -> !device.version().equals("2.0.0"))
                                .forEach(this::nudge);
                        return fleet.report().running("2.0.0") == DEVICES;
                    });

            FleetReport report = fleet.report();
            assertThat(report.userDataIntact()).isEqualTo(DEVICES);
            assertThat(report.totals().reverts()).isZero();
            assertThat(fleet.devices().stream().map(DeviceReport::profile).distinct())
                    .hasSizeGreaterThanOrEqualTo(7);
        }
    }
}
