package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Labels;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.FleetPlan;
import wavegate.sim.FleetReport;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.scenario.Scenario;

/** Deltas that the server makes, over CoAP to virtual modules that apply them. */
class DeltaCampaignTest {
    private static final int DEVICES = 60;
    private static final int CANARIES = 20;
    private static final int PAYLOAD = 64 * 1024;

    @TempDir
    private Path data;

    @Test
    void devices_that_take_deltas_get_them_and_the_others_the_image() throws Exception {
        Scenario scenario = Trial.QUICK.scenario("healthy", DeviceProfile.DELTA, DeviceProfile.SPEC);
        Release before = Release.of(data, scenario, PAYLOAD, "1.0.0", 1);
        Release after = Release.of(data, scenario, PAYLOAD, Release.VERSION, 2);
        byte[] running = Files.readAllBytes(data.resolve("trial-1.img"));
        try (WholeServer server = new WholeServer(data);
                VirtualFleet fleet = fleet(server, leavingTheFactoryWith(running, scenario))) {
            server.knows(DEVICES, Duration.ofSeconds(20));
            PackageId from = server.upload(before);
            PackageId to = server.upload(after);
            JsonNode delta = delta(server, from, to);
            int able = 0;
            for (Device device : server.devices()) {
                if (profile(fleet, device).equals(DeviceProfile.DELTA.name())) {
                    able++;
                    tag(server, device);
                }
            }
            assertThat(able).isBetween(10, DEVICES - 10);

            CampaignStatus end = ended(server, to, DeliveryChoice.PULL);

            assertThat(end.campaign().phase()).as("%s", end).isEqualTo(CampaignPhase.COMPLETED);
            long patch = delta.path("sizeBytes").asLong();
            long image = Files.size(data.resolve("trial-2.img"));
            assertThat(patch).isLessThan(image / 20);
            assertThat(server.updates()).hasSize(DEVICES).allSatisfy(update -> {
                boolean tagged = server.server
                        .view()
                        .device(update.endpoint())
                        .orElseThrow()
                        .labels()
                        .tags()
                        .contains("delta:bsdiff");
                assertThat(update.phase()).isEqualTo(UpdatePhase.SUCCESS);
                assertThat(update.payload().orElseThrow().kind())
                        .isEqualTo(tagged ? Payload.Kind.DELTA : Payload.Kind.FULL);
            });
            assertThat(end.deltas().applied()).isEqualTo(able);
            assertThat(end.deltas().failed()).isZero();
            assertThat(end.deltas().bytesSaved()).isEqualTo(able * (image - patch));
            assertThat(server.rest
                            .get("/campaigns/" + WholeServer.CAMPAIGN)
                            .at("/deltas/bytesSaved")
                            .asLong())
                    .isEqualTo(able * (image - patch));
            FleetReport report = fleet.report();
            assertThat(report.running(Release.VERSION)).isEqualTo(DEVICES);
            assertThat(report.totals().bytes())
                    .isGreaterThanOrEqualTo((DEVICES - able) * image + able * patch)
                    .isLessThan(DEVICES * image - able * (image - patch) / 2);
        }
    }

    @Test
    void devices_that_run_another_image_of_that_version_or_take_no_delta_end_with_the_whole_one() throws Exception {
        // Nobody gave these modules the image that the delta starts from: they run another one under the same version.
        Scenario scenario =
                Trial.QUICK.scenario("healthy", DeviceProfile.DELTA, DeviceProfile.DELTA_AT_BOOT, DeviceProfile.SPEC);
        Release before = Release.of(data, scenario, PAYLOAD, "1.0.0", 1);
        Release after = Release.of(data, scenario, PAYLOAD, Release.VERSION, 2);
        try (WholeServer server = new WholeServer(data);
                VirtualFleet fleet = fleet(server, scenario)) {
            server.knows(DEVICES, Duration.ofSeconds(20));
            PackageId from = server.upload(before);
            PackageId to = server.upload(after);
            long patch = delta(server, from, to).path("sizeBytes").asLong();
            for (Device device : server.devices()) {
                tag(server, device);
            }

            CampaignStatus end = ended(server, to, DeliveryChoice.PUSH);

            assertThat(end.campaign().phase()).as("%s", end).isEqualTo(CampaignPhase.COMPLETED);
            List<Update> updates = server.updates();
            assertThat(updates).hasSize(DEVICES).allSatisfy(update -> {
                assertThat(update.phase()).as("%s", update).isEqualTo(UpdatePhase.SUCCESS);
                assertThat(update.payload().orElseThrow().kind()).isEqualTo(Payload.Kind.FULL_AFTER_DELTA);
                assertThat(update.attempt()).isGreaterThanOrEqualTo(2);
            });
            assertThat(end.deltas().applied()).isZero();
            assertThat(end.deltas().failed()).isEqualTo(DEVICES);
            assertThat(end.deltas().bytesSaved()).isEqualTo(-DEVICES * patch);
            FleetReport report = fleet.report();
            assertThat(report.running(Release.VERSION)).isEqualTo(DEVICES);
            assertThat(report.userDataIntact()).isEqualTo(DEVICES);
        }
    }

    private static JsonNode delta(WholeServer server, PackageId from, PackageId to) throws IOException {
        return server.rest
                .post("/packages/" + to + "/deltas", "{\"from\": \"" + from + "\"}")
                .at("/deltas/0");
    }

    private static CampaignStatus ended(WholeServer server, PackageId to, DeliveryChoice delivery) throws IOException {
        server.start(Trial.QUICK.campaign(to, CANARIES, List.of(1.0), DEVICES, delivery));
        return server.endedWithHeldWavesLetThrough(Duration.ofMinutes(1));
    }

    private static String profile(VirtualFleet fleet, Device device) {
        return fleet.device(device.endpoint().name()).orElseThrow().profile();
    }

    private static void tag(WholeServer server, Device device) {
        TreeSet<String> tags = new TreeSet<>(device.labels().tags());
        tags.add("delta:bsdiff");
        Labels labels = new Labels(device.labels().region(), device.labels().carrier(), tags);
        server.server
                .loop()
                .operations()
                .label(device.endpoint(), labels, "test")
                .join();
    }

    private static Scenario leavingTheFactoryWith(byte[] image, Scenario s) {
        return new Scenario(
                s.name(),
                s.description(),
                new Scenario.Population(
                        s.population().regions(),
                        s.population().models(),
                        s.population().profiles(),
                        List.of(image),
                        s.population().terminals()),
                s.timing(),
                s.health(),
                s.coap(),
                s.misfortune(),
                s.image());
    }

    private static VirtualFleet fleet(WholeServer server, Scenario scenario) throws Exception {
        return VirtualFleet.start(
                FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                        .withTimeFactor(Trial.FACTOR));
    }
}
