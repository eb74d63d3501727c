package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wavegate.sim.coap.Transports;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.scenario.Scenario;

class VirtualFleetTest {
    private static final int PAYLOAD_BYTES = 32 << 10;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private TinyLwM2mServer server;

    @BeforeEach
    void start() {
        server = TinyLwM2mServer.started(0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] payload() {
        byte[] payload = new byte[PAYLOAD_BYTES];
        new Random(5).nextBytes(payload);
        return payload;
    }

    private VirtualFleet fleet(int devices, Scenario scenario, Transports.Kind transport) {
        return VirtualFleet.start(FleetPlan.of(devices, server.address(), scenario)
                .withTimeFactor(60)
                .withTransport(transport));
    }

    /** A crash in the middle of a push would rightly leave a write unanswered. */
    private static Scenario withoutCrashes(String name) {
        return Scenario.named(name).withHealth(new DeviceSettings.Health(0, 0, 4, 0.05));
    }

    private static void awaitRegistered(VirtualFleet fleet) {
        await().atMost(LIMIT)
                .until(() -> fleet.report().registered() == fleet.plan().devices());
    }

    /** Even devices by push, odd ones by pull; then every device is told to apply. */
    private void update(VirtualFleet fleet, byte[] image) {
        server.files.put("image", image);
        byte[] uri = server.uri("image").getBytes(StandardCharsets.UTF_8);
        List<CompletableFuture<Response>> writes = new ArrayList<>();
        for (DeviceReport device : fleet.devices()) {
            boolean push = device.identity().index() % 2 == 0;
            writes.add(
                    push
                            ? server.write(
                                    device.endpoint(), "5/0/0", image, MediaTypeRegistry.APPLICATION_OCTET_STREAM)
                            : server.write(device.endpoint(), "5/0/1", uri, MediaTypeRegistry.TEXT_PLAIN));
        }
        writes.forEach(
                write -> assertThat(TinyLwM2mServer.await(write).getCode()).isEqualTo(ResponseCode.CHANGED));
    }

    private void apply(VirtualFleet fleet) {
        await().atMost(LIMIT)
                .until(() -> fleet.report().totals().downloads() == fleet.plan().devices());
        List<CompletableFuture<Response>> executes = new ArrayList<>();
        fleet.devices().forEach(device -> executes.add(server.execute(device.endpoint(), "5/0/2")));
        executes.forEach(
                execute -> assertThat(TinyLwM2mServer.await(execute).getCode()).isEqualTo(ResponseCode.CHANGED));
    }

    @ParameterizedTest
    @EnumSource(
            value = Transports.Kind.class,
            names = {"AUTO", "NIO"})
    void two_hundred_devices_update_by_push_and_by_pull(Transports.Kind transport) {
        Scenario healthy = withoutCrashes("healthy");
        try (VirtualFleet fleet = fleet(200, healthy, transport)) {
            awaitRegistered(fleet);

            update(fleet, healthy.firmware(payload(), "2.0.0"));
            apply(fleet);

            await().atMost(LIMIT).until(() -> fleet.report().running("2.0.0") == 200);
            awaitRegistered(fleet);
            FleetReport report = fleet.report();
            assertThat(report.totals().applies()).isEqualTo(200);
            assertThat(report.totals().secondApplies()).isZero();
            assertThat(report.userDataIntact()).isEqualTo(200);
            assertThat(report.touched()).isEqualTo(200);
            assertThat(report.byRegion()).hasSize(4).allSatisfy((name, region) -> assertThat(region.devices())
                    .isBetween(45, 55));
            assertThat(server.sends.get()).isGreaterThan(200);
            String any = fleet.devices().get(7).endpoint();
            await().atMost(LIMIT).until(() -> TinyLwM2mServer.await(server.read(any, "3/0/3"))
                    .getPayloadString()
                    .equals("2.0.0"));
        }
    }

    @Test
    void a_bad_image_is_reverted_by_every_device() {
        Scenario scenario = withoutCrashes("bad-boot");
        try (VirtualFleet fleet = fleet(20, scenario, Transports.Kind.AUTO)) {
            awaitRegistered(fleet);

            update(fleet, scenario.firmware(payload(), "2.0.0"));
            apply(fleet);

            await().atMost(LIMIT).until(() -> fleet.report().totals().reverts() == 20);
            assertThat(fleet.report().running("1.0.0")).isEqualTo(20);
            assertThat(fleet.report().userDataIntact()).isEqualTo(20);
        }
    }

    @Test
    void devices_return_by_themselves_when_the_server_comes_back() {
        try (VirtualFleet fleet = fleet(50, Scenario.named("healthy"), Transports.Kind.AUTO)) {
            awaitRegistered(fleet);
            int port = server.address().getPort();

            server.close();
            server = TinyLwM2mServer.started(port);

            await().atMost(LIMIT).until(() -> server.byEndpoint.size() == 50);
            awaitRegistered(fleet);
        }
    }
}
