package wavegate.server.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.event.Fact;
import wavegate.server.contract.RandomFacts;
import wavegate.server.rollout.LedgerFailure;

/**
 * Every truncation and every flipped bit of a small ledger. With the watermark of a ledger whose last batch was acknowledged every truncation
 * is refused. Without one, as after a kill before the acknowledgement, a tail is cut and said to be. In no case is a wrong fact read.
 */
class LedgerDamageTest {
    @TempDir
    Path directory;

    private final List<Fact> all = new ArrayList<>();
    private final List<Long> batchEnds = new ArrayList<>();
    private final List<Integer> batchSequences = new ArrayList<>();
    private Path last = Path.of("");
    private byte[] bytes = new byte[0];
    private byte[] watermark = new byte[0];
    private int opens;

    @BeforeEach
    void a_ledger_of_two_segments() throws IOException {
        RandomFacts facts = new RandomFacts(21, 3);
        try (FileLedger ledger = FileLedger.open(directory, new SplittableRandom(1), new FileDisk(), 100)) {
            commit(ledger, List.of(note(facts, 1)));
            commit(ledger, List.of(note(facts, 2)));
        }
        try (FileLedger ledger = FileLedger.open(directory, new SplittableRandom(1), new FileDisk(), 1 << 20)) {
            commit(ledger, List.of(note(facts, 3)));
            commit(ledger, List.of(note(facts, 4), note(facts, 5)));
        }
        assertThat(LedgerFiles.segments(directory)).hasSize(2);
        last = LedgerFiles.segments(directory).get(1);
        bytes = Files.readAllBytes(last);
        watermark = Files.readAllBytes(directory.resolve(Watermark.FILE));
    }

    private static Fact note(RandomFacts facts, int i) {
        return new Fact.UpdateAnnotated(Instant.ofEpochMilli(i), facts.updateId(), 0, "n" + i);
    }

    private void commit(FileLedger ledger, List<Fact> batch) throws IOException {
        ledger.commit(batch);
        all.addAll(batch);
        List<Path> segments = LedgerFiles.segments(directory);
        if (segments.size() == 2) {
            batchEnds.add(Files.size(segments.get(1)));
            batchSequences.add(all.size());
        }
    }

    @Test
    void a_truncation_at_any_byte_after_an_acknowledgement_is_refused() throws IOException {
        for (int length = 0; length < bytes.length; length++) {
            write(Arrays.copyOf(bytes, length), true);
            assertThat(opened()).as("length " + length).isEmpty();
        }
    }

    @Test
    void a_truncation_at_any_byte_of_an_unacknowledged_tail_is_cut_and_reported() throws IOException {
        int header = SegmentHeader.SIZE;
        for (int length = 0; length < bytes.length; length++) {
            write(Arrays.copyOf(bytes, length), false);
            Optional<Opened> opened = opened();
            if (length < header) {
                assertThat(opened).as("length " + length).isEmpty();
                continue;
            }
            long end = header;
            int sequence = firstSequence() - 1;
            for (int i = 0; i < batchEnds.size(); i++) {
                if (batchEnds.get(i) <= length) {
                    end = batchEnds.get(i);
                    sequence = batchSequences.get(i);
                }
            }
            assertThat(opened).as("length " + length).isPresent();
            assertThat(opened.get().facts()).isEqualTo(all.subList(0, sequence));
            assertThat(opened.get().tail().isPresent()).isEqualTo(length > end);
            if (length > end) {
                TornTail tail = opened.get().tail().get();
                assertThat(tail.offset()).isEqualTo(end);
                assertThat(tail.bytes()).isEqualTo(length - end);
                assertThat(tail.firstSequence()).isEqualTo(sequence + 1);
            }
            assertThat(Files.size(last)).isEqualTo(end);
        }
    }

    private int firstSequence() {
        return Integer.parseInt(last.getFileName().toString().substring(0, 20));
    }

    @Test
    void a_flip_of_any_bit_before_the_last_batch_is_refused_and_inside_it_is_never_read() throws IOException {
        int refusedInside = 0;
        int cutInside = 0;
        long lastBatch = batchEnds.get(batchEnds.size() - 2);
        int before = batchSequences.get(batchSequences.size() - 2);
        write(bytes, false);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            flip(last, bytes, bit);
            Optional<Opened> opened = opened();
            unflip(last, bytes, bit);
            if (opened.isPresent()) {
                write(bytes, false);
            }
            if (bit / 8 < lastBatch) {
                assertThat(opened).as("bit " + bit).isEmpty();
            } else if (opened.isEmpty()) {
                refusedInside++;
            } else {
                cutInside++;
                assertThat(opened.get().facts()).as("bit " + bit).isEqualTo(all.subList(0, before));
                assertThat(opened.get().tail().orElseThrow().firstSequence()).isEqualTo(before + 1);
            }
        }
        assertThat(refusedInside).isPositive();
        assertThat(cutInside).isPositive();
    }

    @Test
    void a_flip_of_any_bit_of_an_acknowledged_ledger_is_refused() throws IOException {
        for (Path segment : LedgerFiles.segments(directory)) {
            byte[] whole = Files.readAllBytes(segment);
            for (int bit = 0; bit < whole.length * 8; bit++) {
                flip(segment, whole, bit);
                assertThat(opened()).as(segment.getFileName() + " bit " + bit).isEmpty();
                unflip(segment, whole, bit);
            }
        }
        assertThat(opened().orElseThrow().facts()).isEqualTo(all);
    }

    @Test
    void a_flip_of_any_bit_of_the_watermark_never_hides_a_fact() throws IOException {
        for (int bit = 0; bit < watermark.length * 8; bit++) {
            byte[] flipped = watermark.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(directory.resolve(Watermark.FILE), flipped);
            assertThat(opened().orElseThrow().facts()).isEqualTo(all);
        }
    }

    @Test
    void records_doubled_left_out_or_swapped_are_refused() throws IOException {
        int header = SegmentHeader.SIZE;
        int a = Math.toIntExact(batchEnds.get(0));
        int b = Math.toIntExact(batchEnds.get(1));
        write(joined(bytes, 0, a, header, a, a, b), false);
        assertThat(opened()).as("doubled").isEmpty();
        write(joined(bytes, 0, header, a, b), false);
        assertThat(opened()).as("left out").isEmpty();
        write(joined(bytes, 0, header, a, b, header, a), false);
        assertThat(opened()).as("swapped").isEmpty();
        write(joined(bytes, 0, b, a, b), false);
        assertThat(opened()).as("last batch doubled").isEmpty();
    }

    @Test
    void zeros_or_noise_after_the_last_commit_are_cut_up_to_the_size_of_a_batch() throws IOException {
        byte[] noise = new byte[4096];
        new SplittableRandom(4).nextBytes(noise);
        for (byte[] tail : List.of(new byte[1], new byte[4096], noise)) {
            byte[] longer = Arrays.copyOf(bytes, bytes.length + tail.length);
            System.arraycopy(tail, 0, longer, bytes.length, tail.length);
            write(longer, true);
            Opened opened = opened().orElseThrow();
            assertThat(opened.facts()).isEqualTo(all);
            assertThat(opened.tail().orElseThrow().bytes()).isEqualTo(tail.length);
        }
        write(Arrays.copyOf(bytes, bytes.length + RecordFormat.MAX_BATCH + 1), true);
        assertThat(opened()).isEmpty();
    }

    @Test
    void a_refusal_changes_no_byte() throws IOException {
        byte[] flipped = bytes.clone();
        flipped[SegmentHeader.SIZE + 70] ^= 1;
        write(flipped, true);
        assertThat(opened()).isEmpty();
        assertThat(Files.readAllBytes(last)).isEqualTo(flipped);
    }

    /** In place: to write the whole file anew makes the file system flush it each time. */
    private static void flip(Path file, byte[] whole, int bit) throws IOException {
        put(file, bit / 8, whole[bit / 8] ^ (1 << (bit % 8)));
    }

    private static void unflip(Path file, byte[] whole, int bit) throws IOException {
        put(file, bit / 8, whole[bit / 8]);
    }

    private static void put(Path file, long at, int value) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), at);
        }
    }

    private record Opened(List<Fact> facts, Optional<TornTail> tail) {}

    /** Empty if refused. */
    private Optional<Opened> opened() throws IOException {
        if (opens++ % 61 != 0 && refusedByScan()) {
            return Optional.empty();
        }
        Disk disk = new FaultyDisk(FaultyDisk.Fault.NO_FORCE, 1);
        try (FileLedger ledger = FileLedger.open(directory, new SplittableRandom(2), disk, FileLedger.SEGMENT_BYTES)) {
            List<Fact> facts = new ArrayList<>();
            ledger.replay(0, each -> facts.add(each.fact()));
            return Optional.of(new Opened(facts, ledger.tornTail()));
        } catch (LedgerFailure e) {
            assertThat(e.getMessage()).contains(".wgl at offset ");
            return Optional.empty();
        }
    }

    /** What {@link FileLedger#open} asks first; alone it is fifty times faster, so it stands for most of the refusals. */
    private boolean refusedByScan() throws IOException {
        try {
            LedgerScan.of(directory, Optional.empty());
            return false;
        } catch (LedgerFailure e) {
            assertThat(e.getMessage()).contains(".wgl at offset ");
            return true;
        }
    }

    private void write(byte[] segment, boolean acknowledged) throws IOException {
        Files.write(last, segment);
        if (acknowledged) {
            restoreWatermark();
        } else {
            Files.deleteIfExists(directory.resolve(Watermark.FILE));
        }
    }

    private void restoreWatermark() throws IOException {
        Files.write(directory.resolve(Watermark.FILE), watermark);
    }

    private static byte[] joined(byte[] from, int... ranges) {
        byte[] joined = new byte[0];
        for (int i = 0; i < ranges.length; i += 2) {
            int length = ranges[i + 1] - ranges[i];
            joined = Arrays.copyOf(joined, joined.length + length);
            System.arraycopy(from, ranges[i], joined, joined.length - length, length);
        }
        return joined;
    }
}
