package wavegate.bootstrap.credential;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/** Files that only their owner reads. Any thread. */
public final class OwnedFiles {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private OwnedFiles() {}

    /** Puts a file there whole, durable, mode 600, in place of what was there; a crash leaves the old one or the new one. */
    public static void replace(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(directoryOf(file));
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = create(unfinished)) {
            writeAll(channel, ByteBuffer.wrap(bytes));
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectoryOf(file);
    }

    /** A directory made for its owner alone; one that is there keeps the mode its owner has given it. */
    public static Path directory(Path directory) throws IOException {
        if (Files.isDirectory(directory) || !posix(directory)) {
            return Files.createDirectories(directory);
        }
        return Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Durably. */
    public static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            forceDirectoryOf(file);
        }
    }

    /** A new, empty file, mode 600 from its first moment; one of that name is deleted. */
    static FileChannel create(Path file) throws IOException {
        Files.deleteIfExists(file);
        if (posix(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else {
            Files.createFile(file);
        }
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static Path directoryOf(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a directory");
    }

    public static void forceDirectoryOf(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(directoryOf(file), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** @throws IOException if the mode lets anyone but the owner in */
    public static void refuseIfOpenToOthers(Path file) throws IOException {
        if (!posix(file)) {
            return;
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (!OWNER_ONLY.containsAll(mode)) {
            throw new IOException(file + ": mode " + PosixFilePermissions.toString(mode)
                    + " (expected: rw------- , since it holds keys; chmod 600)");
        }
    }

    private static boolean posix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
