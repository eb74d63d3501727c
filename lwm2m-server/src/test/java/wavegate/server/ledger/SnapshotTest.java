package wavegate.server.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wavegate.firmware.event.Fact;
import wavegate.server.contract.CompactedFacts;
import wavegate.server.contract.RandomFacts;
import wavegate.server.rollout.LedgerFailure;
import wavegate.server.rollout.Recorded;

class SnapshotTest {
    private static final int SEGMENT = 64 << 10;

    @TempDir
    Path directory;

    private final RandomFacts facts = new RandomFacts(3, 12);
    private final List<Recorded> all = new ArrayList<>();

    private FileLedger open(Path where, Disk disk) {
        return FileLedger.open(where, new SplittableRandom(1), disk, SEGMENT);
    }

    private FileLedger open() {
        return open(directory, new FaultyDisk(FaultyDisk.Fault.NO_FORCE, 0));
    }

    private void commit(FileLedger ledger, int batches) {
        for (int i = 0; i < batches; i++) {
            all.addAll(ledger.commit(facts.next(5)));
        }
    }

    /** Facts, a snapshot, facts, a snapshot, facts. */
    private void twoSnapshotsAndATail() throws IOException {
        for (int snapshot = 0; snapshot < 2; snapshot++) {
            try (FileLedger ledger = open();
                    Snapshotter snapshotter = new Snapshotter(ledger, 0)) {
                commit(ledger, 40);
                snapshotter.fold();
                commit(ledger, 10);
            }
        }
    }

    private static List<Long> rebuilt(FileLedger ledger) {
        List<Long> sequences = new ArrayList<>();
        ledger.rebuild(recorded -> sequences.add(recorded.sequence()));
        return sequences;
    }

    /** By the rules alone, with snapshots at these sequences; and all after the last. */
    private List<Long> expected(long... snapshots) {
        CompactedFacts compacted = new CompactedFacts();
        long from = 0;
        for (long until : snapshots) {
            compacted.fold(all.subList((int) from, (int) until));
            from = until;
        }
        return Stream.concat(compacted.facts().stream(), all.stream().skip(from))
                .map(Recorded::sequence)
                .toList();
    }

    @Test
    void a_snapshot_holds_the_latest_of_each_key_and_every_fact_without_one_also_over_several_folds()
            throws IOException {
        twoSnapshotsAndATail();
        try (FileLedger ledger = open()) {
            SnapshotFile snapshot = ledger.snapshot().orElseThrow();
            assertThat(snapshot.position().sequence()).isEqualTo(450);
            assertThat(rebuilt(ledger)).isEqualTo(expected(200, 450));
            assertThat(ledger.rebuildFacts()).isEqualTo(expected(200, 450).size());
            assertThat(snapshot.facts()).isLessThan(450);
        }
    }

    @Test
    void a_fold_in_steps_ends_where_one_over_everything_does() throws IOException {
        try (FileLedger ledger = open();
                Snapshotter snapshotter = new Snapshotter(ledger, 0)) {
            commit(ledger, 60);
            snapshotter.fold();
            byte[] root = ledger.position().tree().root();
            assertThat(SnapshotFile.open(Snapshots.files(directory).get(0))
                            .position()
                            .tree()
                            .root())
                    .isEqualTo(root);
            assertThat(SegmentWalk.walk(LedgerFiles.of(directory), Position.BEGINNING, 300, (reader, hash) -> {})
                            .tree()
                            .root())
                    .isEqualTo(root);
        }
    }

    @Test
    void a_ledger_opened_from_a_snapshot_goes_on_with_the_same_chain_and_tree() throws IOException {
        twoSnapshotsAndATail();
        try (FileLedger ledger = open()) {
            assertThat(ledger.snapshot()).isPresent();
            commit(ledger, 30);
            Position whole = SegmentWalk.walk(
                    LedgerFiles.of(directory), Position.BEGINNING, ledger.lastSequence(), (reader, hash) -> {});
            assertThat(ledger.position().tree().root()).isEqualTo(whole.tree().root());
            assertThat(ledger.position().hash()).isEqualTo(whole.hash());
        }
        assertThat(LedgerVerifier.verify(directory).records()).isEqualTo(650);
    }

    @Test
    void the_beginning_of_a_ledger_is_not_read_where_a_snapshot_stands_for_it() throws IOException {
        twoSnapshotsAndATail();
        List<Path> segments = LedgerFiles.segments(directory);
        assertThat(segments).hasSizeGreaterThan(3);
        Path first = segments.get(0);
        Files.delete(first);
        try (FileLedger ledger = open()) {
            assertThat(rebuilt(ledger)).isEqualTo(expected(200, 450));
        }
        for (Path snapshot : Snapshots.files(directory)) {
            Files.delete(snapshot);
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("(expected: 1)")
                .hasMessageContaining("put the segments that hold them back");
    }

    @Test
    void a_damaged_snapshot_is_passed_over_for_the_one_before_or_for_the_whole_ledger() throws IOException {
        twoSnapshotsAndATail();
        Path newest = Snapshots.files(directory).get(0);
        byte[] good = Files.readAllBytes(newest);
        for (int at = 0; at < good.length; at += Math.max(1, good.length / 25)) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            Files.write(newest, bad);
            try (FileLedger ledger = open()) {
                assertThat(ledger.snapshot().orElseThrow().position().sequence())
                        .as("byte %d", at)
                        .isEqualTo(200);
                assertThat(rebuilt(ledger)).isEqualTo(expected(200));
            }
        }
        Files.write(newest, new byte[0]);
        try (RandomAccessFile older =
                new RandomAccessFile(Snapshots.files(directory).get(1).toFile(), "rw")) {
            older.setLength(older.length() - 1);
        }
        try (FileLedger ledger = open()) {
            assertThat(ledger.snapshot()).isEmpty();
            assertThat(rebuilt(ledger)).hasSize(500);
            try (Snapshotter snapshotter = new Snapshotter(ledger, 0)) {
                snapshotter.fold();
            }
        }
        assertThat(Snapshots.files(directory)).hasSize(1);
        try (FileLedger ledger = open()) {
            assertThat(rebuilt(ledger)).isEqualTo(expected(500));
        }
    }

    @Test
    void a_ledger_that_ends_before_its_snapshot_is_refused() throws IOException {
        twoSnapshotsAndATail();
        List<Path> segments = LedgerFiles.segments(directory);
        for (Path each : segments.subList(2, segments.size())) {
            Files.delete(each);
        }
        Files.delete(directory.resolve(Watermark.FILE));
        assertThatThrownBy(this::open)
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("but a snapshot of it reaches 450");
    }

    @Test
    void a_row_that_marks_its_package_survives_later_rows_of_its_update() throws IOException {
        List<Long> marking = new ArrayList<>();
        try (FileLedger ledger = open();
                Snapshotter snapshotter = new Snapshotter(ledger, 0)) {
            for (int round = 0; round < 4; round++) {
                commit(ledger, 50);
                snapshotter.fold();
            }
            all.stream()
                    .filter(each ->
                            each.fact() instanceof Fact.UpdateChanged && FactKeys.leavesMark(each.fact(), false))
                    .forEach(each -> marking.add(each.sequence()));
        }
        assertThat(marking).hasSizeGreaterThan(20);
        try (FileLedger ledger = open()) {
            assertThat(rebuilt(ledger)).containsAll(marking).isEqualTo(expected(250, 500, 750, 1000));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultyDisk.Fault.class,
            names = {"NO_SPACE", "FAILING_FORCE"})
    void a_snapshot_that_cannot_be_written_leaves_the_ledger_and_the_snapshot_before(FaultyDisk.Fault fault)
            throws IOException {
        int failures = 0;
        boolean failed = true;
        for (int k = 1; failed; k++) {
            Path where = directory.resolve("case-" + k);
            all.clear();
            try (FileLedger ledger = open(where, new FaultyDisk(FaultyDisk.Fault.NO_FORCE, 0));
                    Snapshotter snapshotter = new Snapshotter(ledger, 0)) {
                commit(ledger, 20);
                snapshotter.fold();
                commit(ledger, 20);
                failed = fails(ledger, new FaultyDisk(fault, k));
                commit(ledger, 1);
            }
            failures += failed ? 1 : 0;
            try (FileLedger ledger = open(where, new FaultyDisk(FaultyDisk.Fault.NO_FORCE, 0));
                    Snapshotter snapshotter = new Snapshotter(ledger, 0)) {
                long reached = ledger.snapshot().orElseThrow().position().sequence();
                assertThat(reached).isIn(100L, 200L);
                assertThat(rebuilt(ledger))
                        .as("k=%d", k)
                        .isEqualTo(reached == 100 ? expected(100) : expected(100, 200));
                snapshotter.fold();
                assertThat(Snapshots.files(where)).hasSize(2);
                try (Stream<Path> files = Files.list(Snapshots.directory(where))) {
                    assertThat(files).noneMatch(file -> file.toString().endsWith(SnapshotWriter.UNFINISHED));
                }
            }
        }
        assertThat(failures).isGreaterThan(1);
    }

    private static boolean fails(FileLedger ledger, Disk faulty) throws IOException {
        try {
            SnapshotFold.fold(
                    faulty,
                    Snapshots.directory(ledger.files().directory()),
                    ledger.files(),
                    ledger.chainId(),
                    Optional.of(SnapshotFile.open(
                            Snapshots.files(ledger.files().directory()).get(0))),
                    ledger.lastSequence(),
                    () -> false);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void an_unfinished_snapshot_of_any_length_is_as_none() throws IOException {
        twoSnapshotsAndATail();
        Path newest = Snapshots.files(directory).get(0);
        byte[] whole = Files.readAllBytes(newest);
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 20; i++) {
            try (FileChannel channel = FileChannel.open(newest, StandardOpenOption.WRITE)) {
                channel.truncate(random.nextInt(whole.length));
            }
            try (FileLedger ledger = open()) {
                assertThat(ledger.snapshot().orElseThrow().position().sequence())
                        .isEqualTo(200);
            }
            Files.write(newest, whole);
        }
    }

    @Test
    void the_snapshots_at_the_end_cover_no_more_at_once_than_those_before() throws IOException {
        try (FileLedger ledger = open();
                Snapshotter snapshotter = new Snapshotter(ledger, 100)) {
            commit(ledger, 60);
        }
        assertThat(Snapshots.files(directory).stream().map(Snapshots::sequence)).containsExactly(300L, 200L);
    }
}
