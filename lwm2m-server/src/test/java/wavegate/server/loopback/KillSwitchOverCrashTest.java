package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.api.CampaignJson;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceCounters;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.scenario.Scenario;

/** A kill switch that was acknowledged holds for a server that died right after, and for the one that comes after it. */
class KillSwitchOverCrashTest {
    private static final int DEVICES = 80;
    private static final String TOKEN = "a-token-for-tests";
    private static final DeviceSettings.Coap IMPATIENT = new DeviceSettings.Coap(400, 1.5, 2, 2000);

    @TempDir
    private Path directory;

    @Test
    void no_device_is_given_anything_after_a_restart_until_the_switch_is_lifted() throws Exception {
        Path data = Files.createDirectories(directory.resolve("data"));
        int coapPort = ServerUnderTest.freePort();
        int httpPort = ChildServer.freeTcpPort();
        Rest rest = new Rest(httpPort, TOKEN);
        Map<String, String> environment = ChildServer.withoutDtls(data, TOKEN, coapPort, httpPort);
        Trial trial = new Trial(Duration.ofMillis(500), Duration.ofSeconds(1), 0.01);
        Scenario scenario = trial.scenario(
                Scenario.named("healthy"),
                IMPATIENT,
                Duration.ofMillis(300),
                DeviceProfile.SPEC,
                DeviceProfile.PUSH_ONLY);
        // So large that no transfer ends before the switch is raised.
        Release release = Release.of(directory, scenario, 4 << 20);
        Files.move(directory.resolve("keys"), data.resolve("keys"));
        InetSocketAddress coap = new InetSocketAddress(InetAddress.getLoopbackAddress(), coapPort);
        Path output = directory.resolve("server.log");
        try (ChildServer doomed = ChildServer.start(output, environment);
                VirtualFleet fleet =
                        VirtualFleet.start(FleetPlan.of(DEVICES, coap, scenario).withTimeFactor(Trial.FACTOR))) {
            doomed.answers(rest);
            await("fleet known").atMost(Duration.ofSeconds(30)).until(() -> known(rest) == DEVICES);
            PackageId id =
                    new PackageId(rest.upload(release.envelope()).path("id").asText());
            ObjectNode spec =
                    CampaignJson.write(trial.campaign(id, DEVICES, List.of(1.0), DEVICES, DeliveryChoice.PULL));
            spec.put("id", "trial");
            rest.post("/campaigns", spec.toString());
            rest.post("/campaigns/trial/actions/start", "{}");
            await("blocks flow")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> fleet.report().totals().blocks() > 100);

            rest.post("/kill-switches", "{\"scope\": \"campaign\", \"value\": \"trial\", \"reason\": \"trial\"}");
            doomed.kill();
            // What was on the line when the server died still arrives.
            AtomicLong seen = new AtomicLong();
            await("line is quiet").during(Duration.ofMillis(300)).until(() -> {
                long now = given(fleet);
                return seen.getAndSet(now) == now;
            });
            long given = given(fleet);

            try (ChildServer next = ChildServer.start(output, environment)) {
                next.answers(rest);
                await("fleet is back").atMost(Duration.ofSeconds(30)).until(() -> registered(rest) == DEVICES);
                assertThat(rest.get("/kill-switches").path("items"))
                        .extracting(kill -> kill.path("value").asText())
                        .containsExactly("trial");
                assertThat(rest.get("/kill-switches").path("receipts")).hasSize(1);
                await("every update called off").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                                rest.all("/campaigns/trial/updates?limit=1000"))
                        .isNotEmpty()
                        .allMatch(update -> update.path("phase").asText().equals("CANCELLED")));
                assertThat(rest.get("/campaigns/trial").path("phase").asText()).isEqualTo("PAUSED");
                assertThat(given(fleet))
                        .as("blocks, URIs and Executes after the restart")
                        .isEqualTo(given);
            }
        }
    }

    private static long known(Rest rest) throws java.io.IOException {
        return rest.all("/devices?limit=1000").stream()
                .filter((JsonNode device) -> !device.path("firmware").asText().isEmpty())
                .count();
    }

    private static long registered(Rest rest) throws java.io.IOException {
        return rest.all("/devices?limit=1000").stream()
                .filter((JsonNode device) -> device.path("session").isObject())
                .count();
    }

    private static long given(VirtualFleet fleet) {
        DeviceCounters totals = fleet.report().totals();
        return totals.blocks() + totals.executes() + totals.packageWrites() + totals.uriWrites() - totals.resets();
    }
}
