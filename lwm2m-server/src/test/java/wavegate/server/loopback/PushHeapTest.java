package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.Test;
import wavegate.config.SettingsReader;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateCommand;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.telemetry.TelemetrySettings;

/** What an open push costs, whatever the size of its image. */
class PushHeapTest {
    private static final int DEVICES = 1000;

    @Test
    void an_open_push_holds_a_block_and_not_the_image() throws Exception {
        byte[] image = ServerUnderTest.image(1 << 20);
        try (ServerUnderTest server = new ServerUnderTest(
                        LwM2mSettings.defaults()
                                .within(SettingsReader.parse(
                                                "limits: {source-registrations: %1$d, source-new-names-per-minute: %1$d}"
                                                        .formatted(DEVICES),
                                                Map.of())
                                        .limits())
                                .retransmitting(Duration.ofSeconds(20), 3),
                        TelemetrySettings.defaults(),
                        Duration.ofSeconds(110));
                HalfOpenDevices devices = new HalfOpenDevices(server.address(Protocol.COAP))) {
            DispatchScope scope = server.packageOf(image);
            for (int number = 0; number < DEVICES; number++) {
                int sent = number;
                await().pollInterval(Duration.ofMillis(1)).until(() -> devices.registered.get() > sent - 100);
                devices.register(number);
            }
            await().until(() -> devices.registered.get() == DEVICES);
            long before = liveBytes();

            for (int number = 0; number < DEVICES; number++) {
                server.link.pushPackage(new UpdateCommand.PushPackage(server.update("half-" + number), 1, scope));
            }
            await().atMost(Duration.ofSeconds(15)).until(() -> devices.laterBlocks.get() == DEVICES);
            long each = (liveBytes() - before) / DEVICES;

            assertThat(server.link.busyDevices()).isEqualTo(DEVICES);
            System.out.println("heap per open push of 1 MiB: " + each + " bytes");
            assertThat(each).isLessThan(8 * 1024);
        }
    }

    private static long liveBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
