package wavegate.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.contract.ArtifactStoreContract;
import wavegate.server.rollout.ArtifactStore;

class FileArtifactStoreTest extends ArtifactStoreContract {
    @TempDir
    Path directory;

    private FileArtifactStore store;

    @BeforeEach
    void open() {
        store = new FileArtifactStore(directory);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Override
    protected ArtifactStore store() {
        return store;
    }

    private Path file(Sha256 digest) {
        return directory.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    }

    @Test
    void a_byte_changed_after_opening_fails_the_reads_that_need_it_and_no_other() throws IOException {
        ArtifactStore.Artifact artifact = put(image(1));
        overwrite(file(artifact.digest()), 50_000);
        int chunk = 50_000 / CheckedFile.CHUNK * CheckedFile.CHUNK;
        assertThatThrownBy(() -> read(artifact, 50_001, 10))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(artifact.digest().hex())
                .hasMessageContaining("offset " + chunk);
        assertThat(read(artifact, 0, chunk)).isEqualTo(Arrays.copyOf(image(1), chunk));
    }

    @Test
    void a_file_truncated_after_opening_fails_with_digest_and_offset() throws IOException {
        ArtifactStore.Artifact artifact = put(image(1));
        try (FileChannel channel = FileChannel.open(file(artifact.digest()), StandardOpenOption.WRITE)) {
            channel.truncate(60_000);
        }
        assertThatThrownBy(() -> read(artifact, 61_000, 10))
                .isInstanceOf(IOException.class)
                .hasMessage("artifact " + artifact.digest() + ": ends at offset 60000 of " + SIZE);
    }

    @Test
    void a_file_changed_before_opening_is_not_opened_and_storing_it_again_mends_it() throws IOException {
        Sha256 digest = store.put(new ByteArrayInputStream(image(1)), SIZE);
        overwrite(file(digest), 5);
        assertThatThrownBy(() -> store.open(digest))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("hash to");
        assertThatThrownBy(() -> store.recheck(digest)).isInstanceOf(IOException.class);
        store.put(new ByteArrayInputStream(image(1)), SIZE);
        store.recheck(digest);
        assertThat(read(store.open(digest).orElseThrow(), 0, SIZE)).isEqualTo(image(1));
    }

    @Test
    void a_recheck_of_nothing_says_so() {
        assertThatThrownBy(() -> store.recheck(Sha256.of(new byte[1]))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void no_unfinished_file_stays_after_a_failed_put_or_a_restart() throws IOException {
        assertThatThrownBy(() -> store.put(new ByteArrayInputStream(image(1)), 5))
                .isInstanceOf(IOException.class);
        Files.write(directory.resolve("artifact-1.part"), new byte[10]);
        store.close();
        store = new FileArtifactStore(directory);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.toList()).isEqualTo(List.of());
        }
    }

    @Test
    void an_artifact_is_opened_again_after_a_reader_was_interrupted() throws Exception {
        ArtifactStore.Artifact first = put(image(1));
        Thread reader = new Thread(() -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> first.read(0, ByteBuffer.allocate(10))).isInstanceOf(IOException.class);
        });
        reader.start();
        reader.join();
        assertThat(read(store.open(first.digest()).orElseThrow(), 0, SIZE)).isEqualTo(image(1));
    }

    private static void overwrite(Path file, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            one.flip();
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get() ^ 1)}), at);
        }
    }
}
