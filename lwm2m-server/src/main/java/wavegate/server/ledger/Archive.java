package wavegate.server.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.pkg.Sha256;

/**
 * Moves full segments that a snapshot stands for to another directory, which may be on another disk. A segment is copied, forced, read back and
 * compared before it is deleted: whatever is cut short leaves it in one place at least. Segments that the older of two snapshots needs stay.
 */
public final class Archive {
    private static final Logger log = LoggerFactory.getLogger(Archive.class);
    private static final String UNFINISHED = ".new";
    private static final int SLICE = 1 << 20;

    private Archive() {}

    /**
     * @return names of the segments that were moved
     * @throws IOException if one could not be moved, or the archive has another of its name; those before it were
     */
    public static List<String> move(Path ledger, Path archive) throws IOException {
        return move(new FileDisk(), ledger, archive);
    }

    static List<String> move(Disk disk, Path ledger, Path archive) throws IOException {
        // Java 17 takes a link to a directory for something in the way.
        if (!Files.isDirectory(archive)) {
            Files.createDirectories(archive);
        }
        if (Files.isSameFile(ledger, archive)) {
            throw new IOException(archive + " is the ledger itself (expected: another directory)");
        }
        List<Path> moving = movable(ledger);
        for (Path segment : moving) {
            moveOne(disk, segment, archive);
            disk.forceDirectory(ledger);
        }
        return moving.stream().map(each -> each.getFileName().toString()).toList();
    }

    /** All whose facts lie behind the oldest snapshot that is whole, if there are two. */
    private static List<Path> movable(Path ledger) throws IOException {
        List<SnapshotFile> snapshots = Snapshots.newest(ledger, 2).whole();
        if (snapshots.size() < 2) {
            return List.of();
        }
        long reached = snapshots.get(1).position().sequence();
        List<Path> segments = LedgerFiles.segments(ledger);
        int movable = 0;
        // The one that holds the last fact behind the snapshot stays: it is where the snapshot joins.
        while (movable + 1 < segments.size() && LedgerFiles.firstSequence(segments.get(movable + 1)) <= reached) {
            movable++;
        }
        return List.copyOf(segments.subList(0, movable));
    }

    private static void moveOne(Disk disk, Path segment, Path archive) throws IOException {
        Path to = archive.resolve(segment.getFileName());
        Path unfinished = to.resolveSibling(to.getFileName() + UNFINISHED);
        if (Files.exists(unfinished)) {
            disk.delete(unfinished);
        }
        byte[] digest;
        try (Disk.OpenFile from = disk.open(segment, false);
                Disk.OpenFile copy = disk.open(unfinished, true)) {
            digest = copy(from, copy);
            copy.force(true);
            if (!Arrays.equals(digest(copy), digest)) {
                throw new IOException(unfinished + " does not read back as it was written");
            }
        }
        if (Files.exists(to)) {
            refuseAnother(disk, to, digest);
        }
        disk.rename(unfinished, to);
        disk.forceDirectory(archive);
        disk.delete(segment);
        log.info("ledger segment={} moved to={}", segment.getFileName(), archive);
    }

    /** The same is there when a move was cut short before the segment was deleted. */
    private static void refuseAnother(Disk disk, Path there, byte[] digest) throws IOException {
        try (Disk.OpenFile archived = disk.open(there, false)) {
            if (!Arrays.equals(digest(archived), digest)) {
                throw new IOException(there + " is another segment (expected: an archive of this ledger alone)");
            }
        }
    }

    private static byte[] copy(Disk.OpenFile from, Disk.OpenFile to) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        byte[] slice = new byte[SLICE];
        long at = 0;
        for (int read = from.read(ByteBuffer.wrap(slice), at);
                read >= 0;
                read = from.read(ByteBuffer.wrap(slice), at)) {
            digest.update(slice, 0, read);
            to.writeFully(ByteBuffer.wrap(slice, 0, read), at);
            at += read;
        }
        return digest.digest();
    }

    private static byte[] digest(Disk.OpenFile file) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        byte[] slice = new byte[SLICE];
        long at = 0;
        for (int read = file.read(ByteBuffer.wrap(slice), at);
                read >= 0;
                read = file.read(ByteBuffer.wrap(slice), at)) {
            digest.update(slice, 0, read);
            at += read;
        }
        return digest.digest();
    }
}
