package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.artifact.PackageSigner;
import wavegate.server.artifact.SignatureAlgorithm;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.scenario.Scenario;

/** Only an image that was signed by a trusted key, is in its time and no step back reaches a device, and only as it was signed. */
class PackageTrustTest {
    private static final int DEVICES = 60;
    private static final int CANARIES = 15;

    @TempDir
    private Path directory;

    private final Scenario scenario = Trial.QUICK.scenario("healthy", DeviceProfile.SPEC);
    private PackageSigner.NewKeys trusted;

    @BeforeEach
    void trustOneKey() throws IOException {
        trusted = PackageSigner.keygen(directory.resolve("desk"), "release", SignatureAlgorithm.ED25519);
        Files.createDirectories(directory.resolve("keys"));
        Files.copy(trusted.publicKey(), directory.resolve("keys").resolve("release.pub.pem"));
    }

    private Path signed(String version, long sequence, Optional<Instant> expires, PackageSigner.NewKeys keys)
            throws IOException {
        ModuleModel model = scenario.population().models().get(0).value();
        Path image = Files.write(
                Files.createTempFile(directory, "image", ".bin"), scenario.firmware(Release.bytes(64 * 1024), version));
        Path envelope = image.resolveSibling(image.getFileName() + ".wgp");
        PackageSigner.sign(
                image,
                new PackageSigner.Release(
                        "firmware",
                        FirmwareVersion.of(version),
                        model.manufacturer(),
                        model.model(),
                        model.hardware(),
                        sequence,
                        expires),
                keys.privateKey(),
                keys.publicKey(),
                envelope);
        return envelope;
    }

    private VirtualFleet fleet(WholeServer server) {
        return VirtualFleet.start(
                FleetPlan.of(DEVICES, server.server.coapAddress().orElseThrow(), scenario)
                        .withTimeFactor(Trial.FACTOR));
    }

    @Test
    void what_is_not_soundly_signed_for_now_is_refused_and_no_device_hears_of_it() throws Exception {
        PackageSigner.NewKeys stranger =
                PackageSigner.keygen(directory.resolve("stranger"), "release", SignatureAlgorithm.ED25519);
        Path unsigned = Files.write(directory.resolve("unsigned.wgp"), scenario.firmware(Release.bytes(1024), "2.0.0"));
        byte[] bytes = Files.readAllBytes(signed("2.0.0", 5, Optional.empty(), trusted));
        bytes[bytes.length - 1] ^= 1;
        Path changed = Files.write(directory.resolve("changed.wgp"), bytes);
        try (WholeServer server = new WholeServer(directory);
                VirtualFleet fleet = fleet(server)) {
            server.knows(DEVICES, Duration.ofSeconds(20));
            server.rest.upload(signed("1.5.0", 5, Optional.empty(), trusted));

            assertThat(server.rest.refused(unsigned)).isEqualTo("malformed");
            assertThat(server.rest.refused(changed)).isEqualTo("digest-mismatch");
            assertThat(server.rest.refused(signed("2.0.0", 6, Optional.empty(), stranger)))
                    .isEqualTo("unknown-key");
            assertThat(server.rest.refused(
                            signed("2.0.0", 6, Optional.of(Instant.now().minusSeconds(1)), trusted)))
                    .isEqualTo("expired");
            assertThat(server.rest.refused(signed("1.4.0", 4, Optional.empty(), trusted)))
                    .isEqualTo("sequence-too-low");

            assertThat(server.rest.get("/packages").path("items")).hasSize(1);
            assertThat(fleet.report().touched()).isZero();
        }
    }

    @Test
    void a_device_on_a_later_release_is_left_alone_by_a_campaign_with_an_earlier_one() throws Exception {
        try (WholeServer server = new WholeServer(directory);
                VirtualFleet fleet = fleet(server)) {
            server.knows(DEVICES, Duration.ofSeconds(20));
            PackageId earlier = new PackageId(server.rest
                    .upload(signed("0.9.0", 4, Optional.empty(), trusted))
                    .path("id")
                    .asText());
            // What the devices run already.
            server.rest.upload(signed("1.0.0", 5, Optional.empty(), trusted));
            server.start(Trial.QUICK.campaign(earlier, CANARIES, List.of(1.0), DEVICES, DeliveryChoice.PULL));

            await("canaries skipped").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(server.updates())
                    .isNotEmpty()
                    .allMatch(update ->
                            update.phase() == UpdatePhase.SKIPPED && update.detail() == UpdateDetail.SUPERSEDED));
            assertThat(fleet.report().touched()).isZero();
            assertThat(fleet.report().running("1.0.0")).isEqualTo(DEVICES);
        }
    }

    @Test
    void a_package_that_expires_under_way_goes_to_no_further_device() throws Exception {
        try (WholeServer server = new WholeServer(directory);
                VirtualFleet fleet = fleet(server)) {
            server.knows(DEVICES, Duration.ofSeconds(20));
            Instant end = Instant.now().plusSeconds(5).truncatedTo(ChronoUnit.SECONDS);
            PackageId id = new PackageId(server.rest
                    .upload(signed(Release.VERSION, 2, Optional.of(end), trusted))
                    .path("id")
                    .asText());
            // The canary's soak alone is longer than the package lives.
            server.start(Trial.QUICK.campaign(id, CANARIES, List.of(1.0), DEVICES, DeliveryChoice.PULL));

            await("campaign paused").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                            server.status().campaign().phase())
                    .isEqualTo(CampaignPhase.PAUSED));
            assertThat(Instant.now()).isAfterOrEqualTo(end);
            assertThat(server.rest.get("/packages/" + id).path("revoked").asBoolean())
                    .isTrue();
            assertThat(fleet.report().touched()).isLessThanOrEqualTo(CANARIES);
            assertThat(server.rest.conflict("/campaigns/trial/actions/resume", "{}"))
                    .isEqualTo("package-revoked");
        }
    }

    @Test
    void an_artifact_changed_on_disk_after_approval_does_not_leave_the_server() throws Exception {
        try (WholeServer server = new WholeServer(directory);
                VirtualFleet fleet = fleet(server)) {
            server.knows(DEVICES, Duration.ofSeconds(20));
            Path envelope = signed(Release.VERSION, 2, Optional.empty(), trusted);
            PackageId id = new PackageId(server.rest.upload(envelope).path("id").asText());
            String digest = server.rest.get("/packages/" + id).path("sha256").asText();
            server.start(Trial.QUICK.campaign(id, CANARIES, List.of(1.0), 1, DeliveryChoice.PULL));
            changeEveryByte(directory.resolve("data/artifacts"), new Sha256(digest));

            await("devices that were to get it").atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                            server.updates().stream().filter(Update::isFinal).count())
                    .isGreaterThanOrEqualTo(2));
            int before = fleet.report().running(Release.VERSION);
            // At most the one device that was at it when the bytes changed has taken the last blocks of the right
            // image.
            assertThat(before).isLessThanOrEqualTo(1);
            assertThat(fleet.devices())
                    .allMatch(DeviceReport::userDataIntact)
                    .noneMatch(device -> device.status().result().equals(UpdateResult.INTEGRITY_FAILURE));
        }
    }

    private static void changeEveryByte(Path artifacts, Sha256 digest) throws IOException {
        try (var files = Files.walk(artifacts)) {
            Path file = files.filter(each -> each.getFileName().toString().contains(digest.hex()))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= (byte) 0xff;
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(bytes), 0);
            }
        }
    }
}
