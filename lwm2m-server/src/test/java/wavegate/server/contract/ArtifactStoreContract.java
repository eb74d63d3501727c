package wavegate.server.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.ArtifactStore;

/** What every artifact store keeps. */
public abstract class ArtifactStoreContract {
    protected static final int SIZE = 100_003;

    /** An empty store; the same one whenever asked within a test. */
    protected abstract ArtifactStore store();

    @Test
    void what_was_put_is_read_back_at_any_position_and_length() throws IOException {
        byte[] image = image(1);
        ArtifactStore.Artifact artifact = put(image);
        assertThat(artifact.sizeBytes()).isEqualTo(SIZE);
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 500; i++) {
            int from = random.nextInt(SIZE);
            int length = random.nextInt(40_000);
            assertThat(read(artifact, from, length))
                    .isEqualTo(Arrays.copyOfRange(image, from, Math.min(SIZE, from + length)));
        }
    }

    @Test
    void a_read_at_or_past_the_end_gives_nothing() throws IOException {
        ArtifactStore.Artifact artifact = put(image(1));
        assertThat(read(artifact, SIZE, 10)).isEmpty();
        assertThat(read(artifact, SIZE + 1_000_000L, 10)).isEmpty();
        assertThat(read(artifact, SIZE - 3, 10)).hasSize(3);
    }

    @Test
    void the_digest_is_that_of_the_bytes_and_the_same_bytes_are_one_artifact() throws IOException {
        byte[] image = image(1);
        assertThat(store().put(new ByteArrayInputStream(image), SIZE)).isEqualTo(Sha256.of(image));
        assertThat(store().put(new ByteArrayInputStream(image), SIZE)).isEqualTo(Sha256.of(image));
        assertThat(read(store().open(Sha256.of(image)).orElseThrow(), 0, SIZE)).isEqualTo(image);
    }

    @Test
    void an_unknown_digest_opens_nothing() throws IOException {
        assertThat(store().open(Sha256.of("nothing".getBytes(UTF_8)))).isEmpty();
    }

    @Test
    void a_stream_that_is_too_long_leaves_nothing() throws IOException {
        byte[] image = image(3);
        assertThatThrownBy(() -> store().put(new ByteArrayInputStream(image), SIZE - 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("longer than " + (SIZE - 1));
        assertThat(store().open(Sha256.of(image))).isEmpty();
    }

    @Test
    void a_stream_that_breaks_off_leaves_nothing() throws IOException {
        byte[] image = image(4);
        InputStream reset = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("connection reset");
            }
        };
        InputStream broken = new SequenceInputStream(new ByteArrayInputStream(image, 0, 70_000), reset);
        assertThatThrownBy(() -> store().put(broken, SIZE)).hasMessage("connection reset");
        assertThat(store().open(Sha256.of(image))).isEmpty();
    }

    @Test
    void an_empty_artifact_is_one() throws IOException {
        ArtifactStore.Artifact artifact = put(new byte[0]);
        assertThat(artifact.sizeBytes()).isZero();
        assertThat(read(artifact, 0, 10)).isEmpty();
    }

    protected final ArtifactStore.Artifact put(byte[] image) throws IOException {
        Sha256 digest = store().put(new ByteArrayInputStream(image), SIZE);
        return store().open(digest).orElseThrow();
    }

    protected static byte[] read(ArtifactStore.Artifact artifact, long from, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        artifact.read(from, into);
        return Arrays.copyOf(into.array(), into.position());
    }

    protected static byte[] image(long seed) {
        byte[] image = new byte[SIZE];
        new SplittableRandom(seed).nextBytes(image);
        return image;
    }
}
