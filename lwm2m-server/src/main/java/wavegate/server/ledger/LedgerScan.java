package wavegate.server.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.LedgerFailure;

/**
 * Reads a whole ledger and says where it ends, or refuses it. Changes nothing.
 *
 * <p>A torn tail is only what follows the last valid commit record of the last segment, is no longer than a batch may be, holds no valid
 * header after the first fault, and reaches no fact below the watermark. Every other fault is a refusal that names file, offset and reason.
 */
final class LedgerScan {
    /** Sees each fact whose record is whole, in order, those of a torn tail too. */
    interface FactVisitor {
        void visit(long sequence, byte[] payload);
    }

    /** {@code end} is the offset after the last commit record of the last segment. */
    record Result(
            UUID chain,
            List<Path> segments,
            long lastSequence,
            byte[] lastHash,
            long batches,
            long bytes,
            long end,
            Optional<TornTail> tornTail) {}

    private final Path directory;
    private final Optional<FactVisitor> visitor;
    private final MessageDigest digest = Sha256.newDigest();

    private Optional<UUID> chain = Optional.empty();
    private byte[] hash = new byte[RecordFormat.HASH];
    private byte[] committedHash = hash;
    private long committed;
    private long batches;
    private long bytes;
    private long end;
    private int open;
    private Optional<TornTail> tornTail = Optional.empty();
    private Optional<Watermark.Mark> mark = Optional.empty();

    private LedgerScan(Path directory, Optional<FactVisitor> visitor) {
        this.directory = directory;
        this.visitor = visitor;
    }

    /** Empty if the directory holds no segment and no sign that it ever did. */
    static Optional<Result> of(Path directory, Optional<FactVisitor> visitor) throws IOException {
        return new LedgerScan(directory, visitor).run();
    }

    static List<Path> segments(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9]{20}\\.wgl"))
                    .sorted()
                    .toList();
        }
    }

    private Optional<Result> run() throws IOException {
        // Before the segments: a running writer moves it forward while they are read.
        mark = Watermark.read(directory);
        List<Path> segments = segments(directory);
        for (int i = 0; i < segments.size(); i++) {
            read(segments.get(i), i == segments.size() - 1);
        }
        if (mark.isPresent()) {
            check(mark.get(), segments);
        }
        return chain.map(id -> new Result(id, segments, committed, committedHash, batches, bytes, end, tornTail));
    }

    private void check(Watermark.Mark acknowledged, List<Path> segments) {
        Path last = segments.isEmpty() ? directory : segments.get(segments.size() - 1);
        if (committed < acknowledged.sequence()) {
            throw refusal(
                    last,
                    end,
                    "the ledger ends at sequence " + committed + ", but facts up to " + acknowledged.sequence()
                            + " were acknowledged"
                            + tornTail.map(tail -> " (after it: " + tail + ")").orElse(""));
        }
    }

    private void read(Path segment, boolean last) throws IOException {
        try (SegmentReader reader = new SegmentReader(segment)) {
            checkHeader(segment, reader);
            end = reader.offset();
            open = 0;
            SegmentReader.Found found = reader.next();
            while (found == SegmentReader.Found.RECORD) {
                take(segment, reader);
                found = reader.next();
            }
            boolean broken = found == SegmentReader.Found.BROKEN;
            if (broken || open > 0) {
                tear(segment, reader, last, broken ? reader.fault() : "batch without a commit record");
            }
            bytes += end;
        }
    }

    private void checkHeader(Path segment, SegmentReader reader) throws IOException {
        SegmentHeader header = SegmentHeader.of(reader.header())
                .orElseThrow(() -> refusal(segment, 0, "no valid segment header of format " + SegmentHeader.FORMAT));
        if (!segment.getFileName().toString().equals(SegmentHeader.fileName(header.firstSequence()))) {
            throw refusal(segment, 0, "begins with sequence " + header.firstSequence() + ", which is not its name");
        }
        if (header.firstSequence() != committed + 1) {
            throw refusal(
                    segment,
                    0,
                    "begins with sequence " + header.firstSequence() + " (expected: " + (committed + 1) + ")");
        }
        if (chain.isPresent() && !chain.get().equals(header.chain())) {
            throw refusal(segment, 0, "of chain " + header.chain() + " (expected: " + chain.get() + ")");
        }
        if (mark.isPresent() && !mark.get().chain().equals(header.chain())) {
            throw refusal(
                    segment,
                    0,
                    "of chain " + header.chain() + ", but the watermark is of "
                            + mark.get().chain());
        }
        if (!Arrays.equals(header.previousHash(), hash)) {
            throw refusal(segment, 0, "does not follow the segment before it");
        }
        chain = Optional.of(header.chain());
    }

    private void take(Path segment, SegmentReader reader) {
        long offset = reader.offset() - reader.recordLength();
        long sequence = reader.sequence();
        if (!reader.follows(hash)) {
            throw refusal(segment, offset, "record " + sequence + " does not follow the one before it");
        }
        if (reader.isCommit()) {
            checkCommit(segment, reader, offset);
        } else if (sequence != committed + open + 1) {
            throw refusal(segment, offset, "fact " + sequence + " (expected: " + (committed + open + 1) + ")");
        }
        hash = hash(reader);
        if (reader.isCommit()) {
            committed = sequence;
            committedHash = hash;
            batches++;
            end = reader.offset();
            open = 0;
            if (mark.isPresent()
                    && mark.get().sequence() == committed
                    && !Arrays.equals(mark.get().hash(), committedHash)) {
                throw refusal(
                        segment, offset, "batch ending at " + committed + " is not the one that was acknowledged");
            }
        } else {
            open++;
            visitor.ifPresent(each -> each.visit(sequence, reader.payload()));
        }
    }

    private void checkCommit(Path segment, SegmentReader reader, long offset) {
        ByteBuffer payload = ByteBuffer.wrap(reader.payload());
        if (payload.remaining() != RecordFormat.COMMIT_PAYLOAD
                || open == 0
                || payload.getInt(0) != open
                || payload.getLong(4) != committed + 1
                || reader.sequence() != committed + open) {
            throw refusal(segment, offset, "commit record does not match its batch of " + open + " facts");
        }
    }

    private void tear(Path segment, SegmentReader reader, boolean last, String fault) throws IOException {
        long size = reader.size();
        if (!last) {
            throw refusal(segment, reader.offset(), fault + ", and a later segment exists");
        }
        if (size - end > RecordFormat.MAX_BATCH) {
            throw refusal(segment, reader.offset(), fault + ", " + (size - end) + " bytes before the end");
        }
        if (reader.headerAfter(reader.offset())) {
            throw refusal(segment, reader.offset(), fault + ", and whole records follow");
        }
        tornTail = Optional.of(new TornTail(segment, end, size - end, committed + 1, committed + open));
    }

    private byte[] hash(SegmentReader reader) {
        reader.hashRecord(digest);
        byte[] next = new byte[RecordFormat.HASH];
        try {
            digest.digest(next, 0, next.length);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 is 32 bytes", e);
        }
        return next;
    }

    private static LedgerFailure refusal(Path file, long offset, String reason) {
        return new LedgerFailure("ledger refused: " + file + " at offset " + offset + ": " + reason);
    }
}
