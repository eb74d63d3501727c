package wavegate.server.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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
            MerkleTree.Peaks tree,
            Optional<TornTail> tornTail) {
        Position position() {
            return new Position(lastSequence, lastHash, tree);
        }
    }

    /**
     * What a ledger is measured against besides itself.
     *
     * @param start a snapshot: what lies before it is taken on its word, and need not be there
     * @param witnesses what the ledger is known to have been
     */
    record Against(Optional<SnapshotFile> start, List<Checkpoint.Witness> witnesses) {
        static final Against NOTHING = new Against(Optional.empty(), List.of());
    }

    private final LedgerFiles files;
    private final Against against;
    private final Optional<FactVisitor> visitor;
    private final MessageDigest digest = Sha256.newDigest();
    private final Position start;
    private final MerkleTree tree;
    /** Before the first segment that is read of a ledger whose beginning is not. */
    private boolean joining;

    private boolean joined;

    private Optional<UUID> chain = Optional.empty();
    private byte[] hash = new byte[RecordFormat.HASH];
    private byte[] committedHash = hash;
    private long committed;
    private long batches;
    private long bytes;
    private long end;
    private int open;
    private MerkleTree.Peaks committedTree;
    private Optional<TornTail> tornTail = Optional.empty();
    private Optional<Watermark.Mark> mark = Optional.empty();

    private LedgerScan(LedgerFiles files, Against against, Optional<FactVisitor> visitor) {
        this.files = files;
        this.against = against;
        this.visitor = visitor;
        start = against.start().map(SnapshotFile::position).orElse(Position.BEGINNING);
        committedTree = start.tree();
        tree = new MerkleTree(committedTree);
        joining = start.sequence() > 0;
        joined = !joining;
    }

    /** Empty if the directory holds no segment and no sign that it ever did. */
    static Optional<Result> of(Path directory, Optional<FactVisitor> visitor) throws IOException {
        return of(LedgerFiles.of(directory), Against.NOTHING, visitor);
    }

    static Optional<Result> of(LedgerFiles files, Against against, Optional<FactVisitor> visitor) throws IOException {
        return new LedgerScan(files, against, visitor).run();
    }

    private Optional<Result> run() throws IOException {
        // Before the segments: a running writer moves it forward while they are read.
        mark = Watermark.read(files.directory());
        List<Path> segments = joining ? files.from(start.sequence()) : files.segments();
        for (int i = 0; i < segments.size(); i++) {
            read(segments.get(i), i == segments.size() - 1);
        }
        if (mark.isPresent()) {
            check(mark.get(), segments);
        }
        checkReach(segments);
        return chain.map(
                id -> new Result(id, segments, committed, committedHash, batches, bytes, end, committedTree, tornTail));
    }

    private void checkReach(List<Path> segments) {
        Path last = segments.isEmpty() ? files.directory() : segments.get(segments.size() - 1);
        if (committed < start.sequence() || !joined) {
            throw refusal(
                    last,
                    end,
                    "the ledger ends at sequence " + committed + ", but a snapshot of it reaches " + start.sequence());
        }
        for (Checkpoint.Witness witness : against.witnesses()) {
            if (committed < witness.checkpoint().size()) {
                throw refusal(
                        last,
                        end,
                        "the ledger ends at sequence " + committed + " and contradicts " + witness
                                + tornTail.map(tail -> " (after it: " + tail + ")")
                                        .orElse("") + ": facts were cut off its end");
            }
        }
    }

    /** At the end of a batch, or of what a snapshot stands for. */
    private void checkWitnesses(Path segment, long offset) {
        for (Checkpoint.Witness witness : against.witnesses()) {
            // The root before a snapshot is the snapshot's word; the hash is the ledger's own.
            if (witness.checkpoint().size() == committed
                    && !(Arrays.equals(
                                    committedTree.root(), witness.checkpoint().root())
                            && Arrays.equals(committedHash, witness.checkpoint().hash()))) {
                throw refusal(
                        segment,
                        offset,
                        "the first " + committed + " facts contradict " + witness + ": they were rewritten");
            }
        }
    }

    private void check(Watermark.Mark acknowledged, List<Path> segments) {
        Path last = segments.isEmpty() ? files.directory() : segments.get(segments.size() - 1);
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
        if (joining) {
            join(segment, header);
        }
        if (header.firstSequence() != committed + 1) {
            throw refusal(
                    segment,
                    0,
                    "begins with sequence " + header.firstSequence() + " (expected: " + (committed + 1)
                            + "); the facts before it are in none of " + files
                            + ": put the segments that hold them back, or name the archive they are in (ledger.archive-dir)");
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
        for (Checkpoint.Witness witness : against.witnesses()) {
            if (!witness.checkpoint().chain().equals(header.chain())) {
                throw refusal(
                        segment,
                        0,
                        "of chain " + header.chain() + ", but " + witness + " is of chain "
                                + witness.checkpoint().chain());
            }
        }
        chain = Optional.of(header.chain());
    }

    /** What lies before this segment is taken on the word of the snapshot. */
    private void join(Path segment, SegmentHeader header) {
        joining = false;
        if (header.firstSequence() > start.sequence() + 1) {
            throw refusal(
                    segment,
                    0,
                    "begins with sequence " + header.firstSequence() + " (expected: at most " + (start.sequence() + 1)
                            + ", after the snapshot)");
        }
        committed = header.firstSequence() - 1;
        hash = header.previousHash();
        committedHash = hash;
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
            committedAt(segment, offset);
            if (mark.isPresent()
                    && mark.get().sequence() == committed
                    && !Arrays.equals(mark.get().hash(), committedHash)) {
                throw refusal(
                        segment, offset, "batch ending at " + committed + " is not the one that was acknowledged");
            }
        } else {
            open++;
            if (sequence > start.sequence()) {
                tree.append(hash);
            }
            visitor.ifPresent(each -> each.visit(sequence, reader.payload()));
        }
    }

    private void committedAt(Path segment, long offset) {
        if (committed == start.sequence() && !joined) {
            if (!Arrays.equals(hash, start.hash())) {
                throw refusal(
                        segment, offset, "batch ending at " + committed + " is not the one a snapshot was made of");
            }
            joined = true;
        }
        if (committed >= start.sequence()) {
            committedTree = tree.peaks();
            checkWitnesses(segment, offset);
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
