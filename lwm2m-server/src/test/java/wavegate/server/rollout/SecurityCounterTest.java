package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.DeviceLink;
import wavegate.server.store.memory.MemoryLedger;
import wavegate.server.store.memory.MemoryRolloutStore;

/** The counter against roll-back that images bring: it never falls from release to release, and who holds a higher one is known by its version. */
class SecurityCounterTest {
    private static FirmwarePackage release(String name, String version, long sequence, Optional<Long> counter) {
        byte[] tag = (name + version + counter).getBytes(StandardCharsets.UTF_8);
        Manifest manifest = new Manifest(
                        name, FirmwareVersion.of(version), "Acme", "M1", "rev-a", 1000, Sha256.of(tag), sequence)
                .declaring(new ImageTerms(Optional.empty(), false, counter));
        return new FirmwarePackage(PackageId.ofManifest(tag), manifest, "key", Instant.EPOCH, false);
    }

    @Test
    void a_release_with_a_lower_counter_is_refused_and_one_with_the_same_is_not() throws Exception {
        RolloutLoop loop = new RolloutLoop(
                new RolloutLoop.Ports(
                        new MemoryLedger(fact -> new byte[0], number -> MemoryLedger.Outcome.DONE),
                        new MemoryRolloutStore(),
                        new MemoryArtifacts(),
                        checked -> {},
                        batch -> {},
                        new SingleNode(),
                        Runnable::run),
                new Fence(Clock.systemUTC()),
                Clock.systemUTC(),
                new Random(1),
                RolloutSettings.DEFAULT,
                failure -> {});
        try (loop) {
            loop.start((DeviceLink) Proxy.newProxyInstance(
                    DeviceLink.class.getClassLoader(),
                    new Class<?>[] {DeviceLink.class},
                    (proxy, method, args) -> null));
            Operations operations = loop.operations();
            operations
                    .addPackage(release("app", "2.0", 2, Optional.of(5L)), "tester")
                    .get();

            for (Optional<Long> lower : List.of(Optional.of(4L), Optional.<Long>empty())) {
                FirmwarePackage fallen = release("app", "3.0", 3, lower);
                OrderRefused refused = (OrderRefused) catchThrowableOfType(
                                ExecutionException.class,
                                () -> operations.addPackage(fallen, "tester").get())
                        .getCause();
                assertThat(refused.code()).isEqualTo("security-counter-too-low");
                assertThat(refused)
                        .hasMessageContaining("security counter: " + lower.orElse(0L) + " (expected: at least 5");
                assertThat(loop.packages().find(fallen.id())).isEmpty();
            }

            FirmwarePackage same = release("app", "3.0", 3, Optional.of(5L));
            operations.addPackage(same, "tester").get();
            FirmwarePackage other = release("modem", "3.0", 3, Optional.empty());
            operations.addPackage(other, "tester").get();
            assertThat(loop.packages().find(same.id())).contains(same);
            assertThat(loop.packages().find(other.id())).contains(other);
        }
    }

    @Test
    void who_runs_a_release_with_a_higher_counter_is_known_when_an_older_one_is_rolled_out() {
        RolloutState state = new RolloutState(digest -> {
            throw new IllegalStateException("no campaign here");
        });
        FirmwarePackage first = release("app", "1.0", 1, Optional.of(5L));
        FirmwarePackage same = release("app", "2.0", 2, Optional.of(5L));
        FirmwarePackage higher = release("app", "3.0", 3, Optional.of(6L));
        FirmwarePackage other = release("modem", "4.0", 4, Optional.of(9L));
        for (FirmwarePackage each : new FirmwarePackage[] {first, same}) {
            state.apply(new Fact.PackageChanged(Instant.EPOCH, each, "tester"));
        }
        assertThat(state.guardedReleases(first)).isEmpty();

        state.apply(new Fact.PackageChanged(Instant.EPOCH, higher, "tester"));
        state.apply(new Fact.PackageChanged(Instant.EPOCH, other, "tester"));

        assertThat(state.guardedReleases(first)).containsExactly(FirmwareVersion.of("3.0"));
        assertThat(state.guardedReleases(same)).containsExactly(FirmwareVersion.of("3.0"));
        assertThat(state.guardedReleases(higher)).isEmpty();
    }
}
