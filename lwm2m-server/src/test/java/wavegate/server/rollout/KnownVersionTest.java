package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.ClientMatch;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientProfile.VersionSource;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.DeviceLink;
import wavegate.server.store.memory.MemoryLedger;
import wavegate.server.store.memory.MemoryRolloutStore;

/** What a read of the Device object, without the State of the firmware object, makes of the version that is kept of a device. */
class KnownVersionTest {
    private static final Endpoint DEVICE = new Endpoint("m-1");
    private static final ClientProfile CAREFUL = ClientProfile.CAREFUL;

    private static FirmwareVersion keptAfter(VersionSource believed, RolloutInput.DeviceRead... reads)
            throws Exception {
        ClientProfile profile = new ClientProfile(
                "believed", CAREFUL.reset(), CAREFUL.object5(), CAREFUL.delivery(), believed, CAREFUL.listening());
        ClientMatch everyModule = new ClientMatch(
                Optional.of(SeededModule.IDENTITY.manufacturer()), Optional.empty(), new TreeSet<>(), new TreeSet<>());
        RolloutSettings d = RolloutSettings.DEFAULT;
        RolloutSettings settings = new RolloutSettings(
                d.tick(),
                d.gateInterval(),
                d.inboxSize(),
                d.batchSize(),
                d.reserveChunk(),
                d.served(),
                d.uriLength(),
                new ClientProfiles(List.of(new ClientProfiles.Entry(profile, List.of(everyModule)))),
                d.budget());
        MemoryRolloutStore view = new MemoryRolloutStore();
        RolloutLoop loop = new RolloutLoop(
                new RolloutLoop.Ports(
                        new MemoryLedger(fact -> new byte[0], number -> MemoryLedger.Outcome.DONE),
                        view,
                        new MemoryArtifacts(),
                        checked -> {},
                        batch -> {},
                        new SingleNode(),
                        Runnable::run),
                new Fence(Clock.systemUTC()),
                Clock.systemUTC(),
                new Random(1),
                settings,
                failure -> {});
        try (loop) {
            loop.start((DeviceLink) Proxy.newProxyInstance(
                    DeviceLink.class.getClassLoader(),
                    new Class<?>[] {DeviceLink.class},
                    (proxy, method, args) -> null));
            loop.offer(new RolloutInput.Registered(DEVICE, Labels.NONE));
            for (RolloutInput.DeviceRead read : reads) {
                loop.offer(read);
            }
            Endpoint last = new Endpoint("m-2");
            loop.offer(new RolloutInput.Registered(last, Labels.NONE));
            await().until(() -> view.device(last).isPresent());
            return view.device(DEVICE).orElseThrow().firmware();
        }
    }

    private static RolloutInput.DeviceRead read(String firmware, String packageVersion) {
        return new RolloutInput.DeviceRead(
                DEVICE, SeededModule.IDENTITY, FirmwareVersion.of(firmware), FirmwareVersion.of(packageVersion));
    }

    @Test
    void the_package_version_of_an_image_that_only_waits_does_not_become_the_version_that_runs() throws Exception {
        assertThat(keptAfter(
                        VersionSource.PKG_VERSION,
                        read("", ""),
                        read("", "1.0.0"),
                        read("", "1.0.0"),
                        read("", "2.0.0")))
                .isEqualTo(FirmwareVersion.of("1.0.0"));
    }

    @Test
    void a_read_without_a_package_version_takes_nothing_away() throws Exception {
        assertThat(keptAfter(VersionSource.PKG_VERSION, read("", ""), read("", "1.0.0"), read("9.9.9", "")))
                .isEqualTo(FirmwareVersion.of("1.0.0"));
    }

    @Test
    void a_firmware_version_is_taken_as_it_is_read() throws Exception {
        assertThat(keptAfter(VersionSource.FIRMWARE_VERSION, read("1.0.0", "7.0.0"), read("2.0.0", "7.0.0")))
                .isEqualTo(FirmwareVersion.of("2.0.0"));
    }
}
