package wavegate.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sigpipe.jbsdiff.Patch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.OrderRefused;

class DeltaMakerTest {
    @TempDir
    Path directory;

    private final byte[] before = new byte[200_000];
    private FileArtifactStore artifacts;
    private DeltaMaker maker;

    @BeforeEach
    void open() {
        new SplittableRandom(5).nextBytes(before);
        artifacts = new FileArtifactStore(directory);
        maker = new DeltaMaker(artifacts);
    }

    @AfterEach
    void close() throws IOException {
        artifacts.close();
    }

    private FirmwarePackage stored(String version, byte[] image) throws IOException {
        Sha256 digest = artifacts.put(new ByteArrayInputStream(image), image.length);
        return new FirmwarePackage(
                PackageId.ofManifest(image),
                new Manifest("app", FirmwareVersion.of(version), "", "", "", image.length, digest, 1),
                "key",
                Instant.EPOCH,
                false);
    }

    private byte[] after() {
        byte[] after = Arrays.copyOf(before, before.length + 500);
        for (int i = 0; i < after.length; i += 4000) {
            after[i] ^= 0x21;
        }
        return after;
    }

    private byte[] bytes(Sha256 digest) throws IOException {
        var artifact = artifacts.open(digest).orElseThrow();
        ByteBuffer into = ByteBuffer.allocate((int) artifact.sizeBytes());
        artifact.read(0, into);
        return into.array();
    }

    @Test
    void a_delta_makes_the_image_of_the_one_before_and_is_kept_as_an_artifact() throws Exception {
        Delta delta = maker.make(stored("1.0", before), stored("2.0", after()));
        assertThat(delta.from()).isEqualTo(FirmwareVersion.of("1.0"));
        assertThat(delta.fromSha256()).isEqualTo(Sha256.of(before));
        assertThat(delta.sizeBytes()).isLessThan(before.length / 10);
        byte[] patch = bytes(delta.sha256());
        assertThat(patch).hasSize((int) delta.sizeBytes()).startsWith('B', 'S', 'D', 'I', 'F', 'F', '4', '0');
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        Patch.patch(before, patch, made);
        assertThat(made.toByteArray()).isEqualTo(after());
        assertThat(maker.take(stored("1.0", before), stored("2.0", after()), new ByteArrayInputStream(patch)))
                .isEqualTo(delta);
    }

    @Test
    void a_delta_that_makes_another_image_or_spares_nothing_is_not_kept() throws Exception {
        FirmwarePackage from = stored("1.0", before);
        FirmwarePackage to = stored("2.0", after());
        byte[] patch = bytes(maker.make(from, to).sha256());
        byte[] other = before.clone();
        other[77] ^= 1;
        assertThatThrownBy(() -> maker.take(stored("1.0", other), to, new ByteArrayInputStream(patch)))
                .isInstanceOfSatisfying(
                        OrderRefused.class, e -> assertThat(e.code()).isEqualTo("delta-does-not-fit"));
        byte[] noise = new byte[50_000];
        new SplittableRandom(6).nextBytes(noise);
        assertThatThrownBy(() -> maker.make(from, stored("3.0", noise)))
                .isInstanceOfSatisfying(
                        OrderRefused.class, e -> assertThat(e.code()).isEqualTo("delta-spares-nothing"));
        assertThat(artifacts.open(Sha256.of(patch))).isPresent();
    }

    @Test
    void a_header_that_claims_another_length_is_refused_before_anything_is_allocated() throws Exception {
        FirmwarePackage from = stored("1.0", before);
        FirmwarePackage to = stored("2.0", after());
        byte[] patch = bytes(maker.make(from, to).sha256());
        ByteBuffer.wrap(patch).order(ByteOrder.LITTLE_ENDIAN).putLong(24, Integer.MAX_VALUE);
        // Two gigabytes would be an OutOfMemoryError here.
        assertThatThrownBy(() -> maker.take(from, to, new ByteArrayInputStream(patch)))
                .isInstanceOfSatisfying(
                        OrderRefused.class, e -> assertThat(e.code()).isEqualTo("delta-does-not-fit"));
        assertThatThrownBy(() -> maker.take(from, to, new ByteArrayInputStream(new byte[31])))
                .isInstanceOf(OrderRefused.class);
    }

    @Test
    void a_delta_that_comes_slowly_keeps_nobody_waiting() throws Exception {
        FirmwarePackage from = stored("1.0", before);
        FirmwarePackage to = stored("2.0", after());
        CompletableFuture<Delta> meanwhile = new CompletableFuture<>();
        InputStream slow = new InputStream() {
            @Override
            public int read() throws IOException {
                CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> {
                    try {
                        meanwhile.complete(maker.make(from, to));
                    } catch (IOException e) {
                        meanwhile.completeExceptionally(e);
                    }
                });
                assertThat(meanwhile).succeedsWithin(Duration.ofSeconds(20));
                return -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }
        };
        assertThatThrownBy(() -> maker.take(from, to, slow)).isInstanceOf(OrderRefused.class);
    }

    @Test
    void whatever_is_done_to_a_delta_it_makes_that_image_or_is_refused() throws Exception {
        FirmwarePackage from = stored("1.0", before);
        FirmwarePackage to = stored("2.0", after());
        byte[] patch = bytes(maker.make(from, to).sha256());
        SplittableRandom random = new SplittableRandom(7);
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            byte[] mutant = Arrays.copyOf(patch, random.nextInt(3) == 0 ? random.nextInt(patch.length) : patch.length);
            if (mutant.length > 0) {
                mutant[random.nextInt(random.nextBoolean() ? Math.min(40, mutant.length) : mutant.length)] ^=
                        (byte) (1 << random.nextInt(8));
            }
            try {
                maker.take(from, to, new ByteArrayInputStream(mutant));
            } catch (OrderRefused e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(100);
    }
}
