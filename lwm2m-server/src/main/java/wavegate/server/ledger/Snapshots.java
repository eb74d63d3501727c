package wavegate.server.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** The snapshots of a ledger, in a directory of their own beside its segments. The two newest are kept: if one is damaged, the other serves. */
final class Snapshots {
    static final String DIRECTORY = "snapshots";
    private static final int KEPT = 2;
    private static final String NAME = "[0-9]{20}\\.wgs";

    private Snapshots() {}

    static Path directory(Path ledger) {
        return ledger.resolve(DIRECTORY);
    }

    /** What was found, newest first, and what cannot be used and why. */
    record Found(List<SnapshotFile> whole, List<String> rejected) {}

    /** Opens those that may be needed: the newest that is whole, and older ones only on demand of {@code most}. */
    static Found newest(Path ledger, int most) throws IOException {
        List<SnapshotFile> whole = new ArrayList<>();
        List<String> rejected = new ArrayList<>();
        for (Path path : files(ledger)) {
            if (whole.size() == most) {
                break;
            }
            try {
                whole.add(SnapshotFile.open(path));
            } catch (SnapshotFile.Damaged e) {
                rejected.add(String.valueOf(e.getMessage()));
            }
        }
        return new Found(whole, rejected);
    }

    /** Newest first. */
    static List<Path> files(Path ledger) throws IOException {
        try (Stream<Path> files = Files.list(directory(ledger))) {
            return files.filter(file -> file.getFileName().toString().matches(NAME))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    static long sequence(Path snapshot) {
        return Long.parseLong(snapshot.getFileName().toString().substring(0, 20));
    }

    /** Deletes all but the newest, unfinished ones, and those of another chain. */
    static void prune(Disk disk, Path ledger, UUID chain) throws IOException {
        int kept = 0;
        for (Path path : files(ledger)) {
            boolean keep = kept < KEPT && isOf(path, chain);
            kept += keep ? 1 : 0;
            if (!keep) {
                disk.delete(path);
            }
        }
        List<Path> unfinished;
        try (Stream<Path> all = Files.list(directory(ledger))) {
            unfinished = all.filter(file -> file.getFileName().toString().endsWith(SnapshotWriter.UNFINISHED))
                    .toList();
        }
        for (Path path : unfinished) {
            disk.delete(path);
        }
    }

    private static boolean isOf(Path path, UUID chain) throws IOException {
        try {
            return SnapshotFile.open(path).chain().equals(chain);
        } catch (SnapshotFile.Damaged e) {
            return false;
        }
    }
}
