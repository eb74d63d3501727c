package wavegate.server.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.ArtifactStore;

/**
 * Artifacts as files: {@code <first 2 hex digits>/<sha256>} under one directory. An artifact stays open once it was opened, with the digests
 * of its chunks; see {@link CheckedFile} for how reads are checked.
 */
public final class FileArtifactStore implements ArtifactStore, AutoCloseable {
    private static final String UNFINISHED = ".part";

    private final Path directory;
    private final ChunkCache cache = new ChunkCache();
    private final Map<Sha256, CheckedFile> open = new ConcurrentHashMap<>();

    /** @throws UncheckedIOException if the directory cannot be made, or left-overs of a crash in it not be deleted */
    public FileArtifactStore(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
            List<Path> unfinished;
            try (Stream<Path> files = Files.list(directory)) {
                unfinished = files.filter(file -> file.getFileName().toString().endsWith(UNFINISHED))
                        .toList();
            }
            for (Path file : unfinished) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("artifacts " + directory + " cannot be used", e);
        }
    }

    @Override
    public Sha256 put(InputStream bytes, long maxBytes) throws IOException {
        return put(bytes, maxBytes, written -> {});
    }

    /** Looks at bytes that are written, but under no name yet: if it throws, nothing is kept. */
    interface Check {
        void on(ImageBytes written) throws IOException;
    }

    /** Stores a stream if it passes a check. */
    Sha256 put(InputStream bytes, long maxBytes, Check check) throws IOException {
        Path unfinished = Files.createTempFile(directory, "artifact-", UNFINISHED);
        try {
            Sha256 digest = write(bytes, maxBytes, unfinished);
            try (FileBytes written = FileBytes.open(unfinished)) {
                check.on(written);
            }
            Path path = path(digest);
            if (!isWhole(path, digest)) {
                Path shelf = directory.resolve(digest.hex().substring(0, 2));
                Files.createDirectories(shelf);
                forceDirectory(directory);
                Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                forceDirectory(shelf);
                close(digest);
            }
            return digest;
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static Sha256 write(InputStream bytes, long maxBytes, Path to) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
            byte[] buffer = new byte[1 << 16];
            long written = 0;
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                written += read;
                if (written > maxBytes) {
                    throw new IOException("artifact longer than " + maxBytes + " bytes");
                }
                digest.update(buffer, 0, read);
                ByteBuffer slice = ByteBuffer.wrap(buffer, 0, read);
                while (slice.hasRemaining()) {
                    channel.write(slice);
                }
            }
            channel.force(true);
        }
        return Sha256.ofDigest(digest.digest());
    }

    private static boolean isWhole(Path path, Sha256 digest) throws IOException {
        return Files.exists(path) && hash(path).equals(digest);
    }

    private static Sha256 hash(Path path) throws IOException {
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(path), Sha256.newDigest())) {
            byte[] buffer = new byte[1 << 16];
            int read = 0;
            while (read >= 0) {
                read = in.read(buffer);
            }
            return Sha256.ofDigest(in.getMessageDigest().digest());
        }
    }

    @Override
    public Optional<Artifact> open(Sha256 digest) throws IOException {
        CheckedFile there = open.get(digest);
        if (there != null && there.isOpen()) {
            return Optional.of(there);
        }
        // A reader that was interrupted has closed the file for all.
        open.remove(digest);
        Path path = path(digest);
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        CheckedFile opened = CheckedFile.open(path, digest, cache);
        CheckedFile first = open.putIfAbsent(digest, opened);
        if (first != null) {
            opened.close();
        }
        return Optional.of(first == null ? opened : first);
    }

    /**
     * Hashes the whole file again, whether it is open or not.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if its bytes do not match its name
     */
    public void recheck(Sha256 digest) throws IOException {
        Path path = path(digest);
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        Sha256 found = hash(path);
        if (!found.equals(digest)) {
            throw new IOException("artifact " + digest + ": its bytes hash to " + found);
        }
    }

    private Path path(Sha256 digest) {
        return directory.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    }

    private void close(Sha256 digest) throws IOException {
        CheckedFile stale = open.remove(digest);
        if (stale != null) {
            stale.close();
        }
    }

    private static void forceDirectory(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        for (Sha256 digest : List.copyOf(open.keySet())) {
            close(digest);
        }
    }
}
