package wavegate.server.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Where the segments of one ledger lie: its own directory and, where there is one, the archive that older ones were moved to. */
record LedgerFiles(Path directory, Optional<Path> archive) {
    private static final String SEGMENT_NAME = "[0-9]{20}\\.wgl";

    static LedgerFiles of(Path directory) {
        return new LedgerFiles(directory, Optional.empty());
    }

    /** All segments by first sequence. One that is in both places, because moving it was cut short, is taken from the ledger itself. */
    List<Path> segments() throws IOException {
        TreeMap<String, Path> byName = new TreeMap<>();
        // The ledger first: a segment that is moved meanwhile is then seen in the archive.
        List<Path> live = segments(directory);
        if (archive.isPresent() && Files.isDirectory(archive.get())) {
            segments(archive.get())
                    .forEach(each -> byName.put(each.getFileName().toString(), each));
        }
        live.stream()
                .filter(Files::exists)
                .forEach(each -> byName.put(each.getFileName().toString(), each));
        return List.copyOf(byName.values());
    }

    /** The segments that hold a sequence or one after it. */
    List<Path> from(long sequence) throws IOException {
        List<Path> all = segments();
        List<Path> wanted = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (i + 1 == all.size() || firstSequence(all.get(i + 1)) > sequence) {
                wanted.add(all.get(i));
            }
        }
        return wanted;
    }

    static List<Path> segments(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches(SEGMENT_NAME))
                    .sorted()
                    .toList();
        }
    }

    static long firstSequence(Path segment) {
        return Long.parseLong(segment.getFileName().toString().substring(0, 20));
    }

    @Override
    public String toString() {
        return directory + archive.map(path -> " with archive " + path).orElse("");
    }
}
