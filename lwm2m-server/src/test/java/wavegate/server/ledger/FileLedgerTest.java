package wavegate.server.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wavegate.firmware.event.Fact;
import wavegate.server.contract.LedgerContract;
import wavegate.server.rollout.Ledger;
import wavegate.server.rollout.LedgerFailure;
import wavegate.server.rollout.Recorded;

class FileLedgerTest extends LedgerContract {
    @TempDir
    Path directory;

    @Override
    protected Ledger ledger() {
        return open();
    }

    @Override
    protected Ledger reopened(Ledger before) {
        return open();
    }

    private FileLedger open() {
        return open(new FileDisk(), FileLedger.SEGMENT_BYTES);
    }

    private FileLedger open(Disk disk, long segmentBytes) {
        return FileLedger.open(directory, new SplittableRandom(5), disk, segmentBytes);
    }

    @Test
    void a_full_segment_is_followed_by_one_named_for_its_first_sequence() throws IOException {
        List<Recorded> all = new ArrayList<>();
        try (FileLedger ledger = open(new FileDisk(), 4096)) {
            for (int i = 0; i < 40; i++) {
                all.addAll(ledger.commit(facts.next(3)));
            }
        }
        List<Path> segments = LedgerFiles.segments(directory);
        assertThat(segments).hasSizeGreaterThan(5);
        try (FileLedger ledger = open(new FileDisk(), 4096)) {
            assertSame(replayed(ledger, 0), all);
            assertSame(replayed(ledger, 77), all.subList(77, 120));
            assertThat(ledger.tornTail()).isEmpty();
        }
    }

    @Test
    void the_chain_id_stays_over_restarts() {
        FileLedger first = open();
        first.close();
        try (FileLedger second = FileLedger.open(directory, new SplittableRandom(6))) {
            assertThat(second.chainId()).isEqualTo(first.chainId());
        }
    }

    @Test
    void a_second_writer_is_refused() {
        try (FileLedger first = open()) {
            assertThat(first.lastSequence()).isZero();
            assertThatThrownBy(this::open).isInstanceOf(LedgerFailure.class).hasMessageContaining("open in another");
        }
    }

    @Test
    void a_batch_over_sixteen_mebibytes_is_refused_and_the_ledger_goes_on() {
        String note = "x".repeat(9 << 20);
        Fact.UpdateAnnotated large = new Fact.UpdateAnnotated(Instant.EPOCH, facts.updateId(), 0, note);
        try (FileLedger ledger = open()) {
            assertThatThrownBy(() -> ledger.commit(List.of(large, large)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(expected: at most 16777216)");
            ledger.commit(List.of(large));
            ledger.commit(facts.next(2));
            assertThat(replayed(ledger, 0)).hasSize(3);
        }
        try (FileLedger ledger = open()) {
            assertThat(ledger.lastSequence()).isEqualTo(3);
        }
    }

    @Test
    void an_unfinished_segment_is_deleted_at_start() throws IOException {
        open().close();
        Path unfinished = directory.resolve(SegmentHeader.fileName(9) + ".new");
        Files.writeString(unfinished, "WGLE");
        open().close();
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void short_writes_lose_nothing() {
        List<Recorded> all = new ArrayList<>();
        try (FileLedger ledger = open(new FaultyDisk(FaultyDisk.Fault.SHORT_WRITES, 1), 8192)) {
            for (int i = 0; i < 10; i++) {
                all.addAll(ledger.commit(facts.next(4)));
            }
        }
        try (FileLedger ledger = open()) {
            assertSame(replayed(ledger, 0), all);
        }
    }

    /** At every operation index: what was acknowledged is there after a restart, what was not is there whole or not at all. */
    @ParameterizedTest
    @EnumSource(names = {"NO_SPACE", "FAILING_FORCE"})
    void a_failure_at_any_operation_stops_the_ledger_and_loses_nothing_acknowledged(FaultyDisk.Fault fault)
            throws IOException {
        boolean failed = true;
        for (int k = 1; failed; k++) {
            Path each = Files.createDirectory(directory.resolve("at-" + k));
            FaultyDisk disk = new FaultyDisk(fault, k);
            List<Fact> acknowledged = new ArrayList<>();
            List<Fact> doubtful = new ArrayList<>();
            failed = runUntilFailure(each, disk, acknowledged, doubtful);
            try (FileLedger ledger = FileLedger.open(each, new SplittableRandom(1))) {
                List<Fact> found =
                        replayed(ledger, 0).stream().map(Recorded::fact).toList();
                List<Fact> withDoubtful = new ArrayList<>(acknowledged);
                withDoubtful.addAll(doubtful);
                assertThat(found).as("operation " + k).isIn(acknowledged, withDoubtful);
                ledger.commit(facts.next(1));
            }
            assertThat(k).isLessThan(200);
        }
    }

    private boolean runUntilFailure(Path where, Disk disk, List<Fact> acknowledged, List<Fact> doubtful) {
        FileLedger ledger;
        try {
            ledger = FileLedger.open(where, new SplittableRandom(1), disk, 4096);
        } catch (LedgerFailure e) {
            return true;
        }
        try (ledger) {
            for (int i = 0; i < 12; i++) {
                List<Fact> batch = facts.next(3);
                try {
                    ledger.commit(batch);
                    acknowledged.addAll(batch);
                } catch (LedgerFailure e) {
                    doubtful.addAll(batch);
                    assertThatThrownBy(() -> ledger.commit(batch))
                            .isInstanceOf(LedgerFailure.class)
                            .hasMessageContaining("takes no more commits");
                    assertThat(ledger.lastSequence()).isEqualTo(acknowledged.size());
                    return true;
                }
            }
            return false;
        }
    }

    @Test
    void a_deleted_last_segment_is_refused_by_the_watermark() throws IOException {
        try (FileLedger ledger = open(new FileDisk(), 4096)) {
            for (int i = 0; i < 20; i++) {
                ledger.commit(facts.next(3));
            }
        }
        List<Path> segments = LedgerFiles.segments(directory);
        Files.delete(segments.get(segments.size() - 1));
        assertThatThrownBy(this::open)
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("facts up to 60 were acknowledged");
    }

    @Test
    void a_lost_or_swapped_segment_is_refused() throws IOException {
        try (FileLedger ledger = open(new FileDisk(), 4096)) {
            for (int i = 0; i < 20; i++) {
                ledger.commit(facts.next(3));
            }
        }
        List<Path> segments = LedgerFiles.segments(directory);
        byte[] second = Files.readAllBytes(segments.get(1));
        byte[] third = Files.readAllBytes(segments.get(2));
        Files.delete(segments.get(1));
        refused(segments.get(2), "begins with sequence");
        Files.write(segments.get(1), third);
        refused(segments.get(1), "which is not its name");
        Files.write(segments.get(1), second);
        open().close();
    }

    @Test
    void a_ledger_of_another_chain_is_refused() throws IOException {
        try (FileLedger ledger = open()) {
            ledger.commit(facts.next(3));
        }
        Path other = Files.createDirectory(directory.resolve("other"));
        try (FileLedger ledger = FileLedger.open(other, new SplittableRandom(77))) {
            ledger.commit(facts.next(3));
        }
        Files.copy(
                other.resolve(SegmentHeader.fileName(1)),
                directory.resolve(SegmentHeader.fileName(1)),
                StandardCopyOption.REPLACE_EXISTING);
        refused(directory.resolve(SegmentHeader.fileName(1)), "but the watermark is of");
    }

    private void refused(Path file, String reason) {
        assertThatThrownBy(this::open)
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining(file.getFileName().toString())
                .hasMessageContaining(reason);
    }

    @Test
    void replay_from_another_thread_sees_whole_batches_while_commits_go_on() throws Exception {
        try (FileLedger ledger = open(new FileDisk(), 1 << 16)) {
            List<Throwable> faults = Collections.synchronizedList(new ArrayList<>());
            Thread reader = new Thread(() -> {
                try {
                    for (int i = 0; i < 8; i++) {
                        long from = ledger.lastSequence();
                        List<Recorded> seen = replayed(ledger, 0);
                        assertThat((long) seen.size()).isGreaterThanOrEqualTo(from);
                        assertThat(seen.size() % 5).isZero();
                    }
                } catch (Throwable e) {
                    faults.add(e);
                }
            });
            ledger.commit(facts.next(5));
            reader.start();
            while (reader.isAlive()) {
                ledger.commit(facts.next(5));
            }
            reader.join();
            assertThat(faults).isEmpty();
        }
    }

    @Test
    void a_fact_larger_than_the_read_buffer_comes_back() {
        String note = "y".repeat(3 << 20);
        Fact large = new Fact.UpdateAnnotated(Instant.EPOCH, facts.updateId(), 0, note);
        try (FileLedger ledger = open()) {
            ledger.commit(List.of(large));
            ledger.commit(facts.next(1));
        }
        try (FileLedger ledger = open()) {
            assertThat(replayed(ledger, 0).get(0).fact()).isEqualTo(large);
        }
    }
}
