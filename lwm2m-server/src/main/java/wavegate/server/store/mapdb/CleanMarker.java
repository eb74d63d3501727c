package wavegate.server.store.mapdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import wavegate.firmware.pkg.Sha256;

/**
 * Says that a view file was closed and is whole: a line of text in a file beside it, there only while the view is closed. It lies outside so
 * that it can be durable before, and gone before, anything in the view changes.
 *
 * @param chain of the ledger the view was made from
 * @param sequence of the last fact in it
 * @param fact digest of that fact's payload: a ledger restored and continued otherwise has another one there
 * @param entries how many the view holds
 */
record CleanMarker(String chain, long sequence, Sha256 fact, long entries) {
    static Path beside(Path view) {
        return view.resolveSibling(view.getFileName() + ".clean");
    }

    /** Reads and durably removes the marker of a view. Empty if there is none that is whole. */
    static Optional<CleanMarker> take(Path view) throws IOException {
        Path path = beside(view);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Files.delete(path);
        forceDirectory(path);
        String[] parts = new String(bytes, UTF_8).strip().split(" ", -1);
        if (parts.length != 5 || !parts[4].equals(checksum(parts))) {
            return Optional.empty();
        }
        return Optional.of(
                new CleanMarker(parts[0], Long.parseLong(parts[1]), new Sha256(parts[2]), Long.parseLong(parts[3])));
    }

    void write(Path view) throws IOException {
        String[] parts = {chain, Long.toString(sequence), fact.hex(), Long.toString(entries), ""};
        parts[4] = checksum(parts);
        Path path = beside(view);
        Path unfinished = path.resolveSibling(path.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap((String.join(" ", parts) + "\n").getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(path);
    }

    private static String checksum(String[] parts) {
        CRC32C crc = new CRC32C();
        crc.update(String.join(" ", Arrays.copyOf(parts, 4)).getBytes(UTF_8));
        return Long.toHexString(crc.getValue());
    }

    private static void forceDirectory(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
