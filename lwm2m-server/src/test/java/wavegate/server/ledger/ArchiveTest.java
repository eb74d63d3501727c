package wavegate.server.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wavegate.server.contract.RandomFacts;
import wavegate.server.rollout.LedgerFailure;

class ArchiveTest {
    private static final int SEGMENT = 8 << 10;

    @TempDir
    Path directory;

    private FileLedger open(Path ledger, Optional<Path> archive) {
        return FileLedger.open(
                new FileLedger.Options(ledger, archive, List.of()),
                new SplittableRandom(1),
                new FaultyDisk(FaultyDisk.Fault.NO_FORCE, 0),
                SEGMENT);
    }

    /** 300 facts, snapshots at 100 and 200. */
    private void write(Path ledger, Optional<Path> archive) throws IOException {
        RandomFacts facts = new RandomFacts(5, 12);
        try (FileLedger written = open(ledger, archive);
                Snapshotter snapshotter = new Snapshotter(written, 0)) {
            for (int i = 0; i < 60; i++) {
                written.commit(facts.next(5));
                if (i == 19 || i == 39) {
                    snapshotter.fold();
                }
            }
        }
    }

    private static List<Long> sequences(FileLedger ledger) {
        List<Long> all = new ArrayList<>();
        ledger.replay(0, recorded -> all.add(recorded.sequence()));
        return all;
    }

    @Test
    void segments_behind_both_snapshots_go_to_the_archive_and_the_ledger_is_whole_over_both_places()
            throws IOException {
        Path ledger = directory.resolve("ledger");
        Path archive = directory.resolve("archive");
        write(ledger, Optional.empty());
        int before = LedgerFiles.segments(ledger).size();
        List<String> moved = Archive.move(ledger, archive);
        assertThat(moved).isNotEmpty();
        assertThat(LedgerFiles.segments(ledger)).hasSize(before - moved.size());
        assertThat(LedgerFiles.firstSequence(LedgerFiles.segments(ledger).get(0)))
                .isLessThanOrEqualTo(100);
        assertThat(Archive.move(ledger, archive)).isEmpty();

        LedgerReport report = LedgerVerifier.verify(new FileLedger.Options(ledger, Optional.of(archive), List.of()));
        assertThat(report.sound()).isTrue();
        assertThat(report.records()).isEqualTo(300);
        try (FileLedger opened = open(ledger, Optional.of(archive))) {
            assertThat(sequences(opened)).hasSize(300);
        }
        // Without the archive it opens from its snapshot, also from the older of the two.
        Files.delete(Snapshots.files(ledger).get(0));
        try (FileLedger opened = open(ledger, Optional.empty())) {
            assertThat(opened.snapshot().orElseThrow().position().sequence()).isEqualTo(100);
        }
        assertThat(LedgerVerifier.verify(ledger).fault().orElseThrow())
                .contains("(expected: 1)")
                .contains("ledger.archive-dir");
        Files.delete(Snapshots.files(ledger).get(0));
        assertThatThrownBy(() -> open(ledger, Optional.empty()))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("ledger.archive-dir");
        Files.delete(LedgerFiles.segments(archive).get(0));
        assertThatThrownBy(() -> open(ledger, Optional.of(archive)))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("put the segments that hold them back");
    }

    @Test
    void a_running_ledger_moves_its_segments_after_each_snapshot() throws IOException {
        Path ledger = directory.resolve("ledger");
        Path archive = directory.resolve("archive");
        write(ledger, Optional.of(archive));
        assertThat(LedgerFiles.segments(archive)).isNotEmpty();
        assertThat(LedgerVerifier.verify(new FileLedger.Options(ledger, Optional.of(archive), List.of()))
                        .records())
                .isEqualTo(300);
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultyDisk.Fault.class,
            names = {"NO_SPACE", "FAILING_FORCE"})
    void a_move_that_fails_anywhere_loses_nothing_and_succeeds_later(FaultyDisk.Fault fault) throws IOException {
        int failures = 0;
        boolean failed = true;
        for (int k = 1; failed; k++) {
            Path ledger = directory.resolve("ledger-" + k);
            Path archive = directory.resolve("archive-" + k);
            write(ledger, Optional.empty());
            failed = false;
            try {
                Archive.move(new FaultyDisk(fault, k), ledger, archive);
            } catch (IOException e) {
                failed = true;
                failures++;
            }
            FileLedger.Options both = new FileLedger.Options(ledger, Optional.of(archive), List.of());
            assertThat(LedgerVerifier.verify(both).records()).as("k=%d", k).isEqualTo(300);
            Archive.move(ledger, archive);
            assertThat(LedgerVerifier.verify(both).records())
                    .as("k=%d, again", k)
                    .isEqualTo(300);
            assertThat(Archive.move(ledger, archive)).isEmpty();
        }
        assertThat(failures).isGreaterThan(1);
    }

    @Test
    void a_ledger_is_not_its_own_archive() throws IOException {
        Path ledger = directory.resolve("ledger");
        write(ledger, Optional.empty());
        Path same = Files.createSymbolicLink(directory.resolve("link"), ledger);
        assertThatThrownBy(() -> Archive.move(ledger, same))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is the ledger itself");
        assertThat(LedgerVerifier.verify(ledger).records()).isEqualTo(300);
    }

    @Test
    void a_segment_of_another_ledger_in_the_archive_is_not_replaced() throws IOException {
        Path ledger = directory.resolve("ledger");
        Path archive = Files.createDirectory(directory.resolve("archive"));
        write(ledger, Optional.empty());
        Path theirs = archive.resolve(LedgerFiles.segments(ledger).get(0).getFileName());
        Files.writeString(theirs, "of another ledger");
        assertThatThrownBy(() -> Archive.move(ledger, archive))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(theirs.toString());
        assertThat(theirs).hasContent("of another ledger");
        assertThat(LedgerVerifier.verify(ledger).records()).isEqualTo(300);
    }
}
