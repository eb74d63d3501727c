package wavegate.server.ledger;

import java.time.Instant;
import java.util.UUID;

/**
 * What a ledger was at one time: a promise that it will never be anything else up to there.
 *
 * @param chain id of the ledger
 * @param size number of facts
 * @param root of the Merkle tree over them, 32 bytes; not to be changed
 * @param hash SHA-256 of the commit record of the last of them, 32 bytes; not to be changed
 */
public record Checkpoint(UUID chain, long size, byte[] root, byte[] hash, Instant time) {
    public Checkpoint {
        if (size < 0 || root.length != RecordFormat.HASH || hash.length != RecordFormat.HASH) {
            throw new IllegalArgumentException("checkpoint: size " + size + ", root of " + root.length
                    + " bytes, hash of " + hash.length + " (expected: a size from 0, 32 bytes each)");
        }
    }

    /** A checkpoint and where it was kept, for the message that says whom a ledger contradicts. */
    public record Witness(String where, Checkpoint checkpoint) {
        @Override
        public String toString() {
            return "the checkpoint of " + checkpoint.time() + " over " + checkpoint.size() + " facts kept in " + where;
        }
    }
}
