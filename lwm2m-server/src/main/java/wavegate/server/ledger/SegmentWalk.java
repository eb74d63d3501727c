package wavegate.server.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.LedgerFailure;

/** Goes over the facts between two places of a ledger, of a running one too, and checks that every record follows the one before it. Changes nothing. */
final class SegmentWalk {
    /** Sees each fact, in order. */
    interface Visitor {
        /**
         * @param reader stands on the fact's record
         * @param recordHash SHA-256 of the whole record
         */
        void fact(SegmentReader reader, byte[] recordHash) throws IOException;
    }

    private final Position from;
    private final long until;
    private final Visitor visitor;
    private final MessageDigest digest = Sha256.newDigest();
    private final MerkleTree tree;
    private byte[] hash;
    private long sequence;
    private boolean begun;

    private SegmentWalk(Position from, long until, Visitor visitor) {
        this.from = from;
        this.until = until;
        this.visitor = visitor;
        tree = new MerkleTree(from.tree());
        hash = from.hash();
        sequence = from.sequence();
        begun = from.sequence() == 0;
    }

    /**
     * @param until sequence of the last fact of a batch
     * @return the place after it
     * @throws LedgerFailure if a segment or record is missing, or does not follow
     */
    static Position walk(LedgerFiles files, Position from, long until, Visitor visitor) throws IOException {
        return new SegmentWalk(from, until, visitor).over(files);
    }

    /** Sequence of the last fact of the first batch that ends at a sequence or after it. */
    static long batchEnd(LedgerFiles files, long sequence) throws IOException {
        for (Path segment : files.from(sequence)) {
            try (SegmentReader reader = new SegmentReader(segment)) {
                reader.header();
                while (reader.next() == SegmentReader.Found.RECORD) {
                    if (reader.isCommit() && reader.sequence() >= sequence) {
                        return reader.sequence();
                    }
                }
            }
        }
        throw new LedgerFailure("ledger " + files + " holds no batch that ends at fact " + sequence + " or after it");
    }

    private Position over(LedgerFiles files) throws IOException {
        for (Path segment : files.from(from.sequence() + 1)) {
            if (sequence < until || !begun) {
                read(segment);
            }
        }
        if (sequence != until || !begun) {
            throw new LedgerFailure("ledger " + files + " was read up to fact " + sequence
                    + " (expected: a batch that ends with " + until + ")");
        }
        return new Position(sequence, hash, tree.peaks());
    }

    private void read(Path segment) throws IOException {
        try (SegmentReader reader = new SegmentReader(segment)) {
            SegmentHeader header =
                    SegmentHeader.of(reader.header()).orElseThrow(() -> failure(segment, 0, "no valid segment header"));
            begun |= header.firstSequence() == from.sequence() + 1;
            if (begun && (header.firstSequence() != sequence + 1 || !Arrays.equals(header.previousHash(), hash))) {
                throw failure(
                        segment,
                        0,
                        "begins with fact " + header.firstSequence() + " and does not follow fact " + sequence);
            }
            while (sequence < until || !begun) {
                long offset = reader.offset();
                SegmentReader.Found found = reader.next();
                if (found == SegmentReader.Found.BROKEN) {
                    throw failure(segment, offset, reader.fault());
                }
                if (found == SegmentReader.Found.END) {
                    return;
                }
                if (begun) {
                    take(segment, reader, offset);
                } else if (reader.isCommit() && reader.sequence() == from.sequence()) {
                    reader.hashRecord(digest);
                    if (!Arrays.equals(digest.digest(), from.hash())) {
                        throw failure(
                                segment, offset, "batch ending at " + from.sequence() + " is another than before");
                    }
                    begun = true;
                }
            }
        }
    }

    private void take(Path segment, SegmentReader reader, long offset) throws IOException {
        if (!reader.follows(hash)) {
            throw failure(segment, offset, "record " + reader.sequence() + " does not follow the one before it");
        }
        reader.hashRecord(digest);
        hash = digest.digest();
        if (reader.isCommit()) {
            if (reader.sequence() != tree.size()) {
                throw failure(
                        segment, offset, "batch ends at " + reader.sequence() + " (expected: " + tree.size() + ")");
            }
            sequence = reader.sequence();
        } else {
            tree.append(hash);
            if (reader.sequence() != tree.size()) {
                throw failure(segment, offset, "fact " + reader.sequence() + " (expected: " + tree.size() + ")");
            }
            visitor.fact(reader, hash);
        }
    }

    private static LedgerFailure failure(Path segment, long offset, String reason) {
        return new LedgerFailure("ledger " + segment + " at offset " + offset + ": " + reason);
    }
}
