package wavegate.server.ledger;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import wavegate.firmware.pkg.Sha256;

/**
 * The Merkle tree of RFC 6962 (and RFC 9162) over the facts of a ledger, as it grows: leaf {@code i} is fact {@code i + 1}, its entry the
 * SHA-256 of that fact's whole record. Kept are only the roots of the complete subtrees, at most 63. Not thread-safe.
 */
final class MerkleTree {
    /** The roots of the complete subtrees, largest first: one for each bit set in {@code size}. Not to be changed. */
    record Peaks(long size, List<byte[]> roots) {
        static final Peaks EMPTY = new Peaks(0, List.of());

        Peaks {
            if (size < 0 || roots.size() != Long.bitCount(size)) {
                throw new IllegalArgumentException("merkle peaks: " + roots.size() + " of a tree of " + size
                        + " (expected: one for each bit set in the size)");
            }
            roots = List.copyOf(roots);
        }

        /** Root of the tree of this size. */
        byte[] root() {
            MessageDigest digest = Sha256.newDigest();
            if (roots.isEmpty()) {
                return digest.digest();
            }
            byte[] root = roots.get(roots.size() - 1);
            for (int i = roots.size() - 2; i >= 0; i--) {
                root = node(digest, roots.get(i), root);
            }
            return root;
        }

        int byteLength() {
            return Long.BYTES + roots.size() * RecordFormat.HASH;
        }

        void write(ByteBuffer to) {
            to.putLong(size);
            roots.forEach(to::put);
        }

        static Peaks read(ByteBuffer from) {
            long size = from.getLong();
            List<byte[]> roots = new ArrayList<>();
            for (int i = Long.bitCount(size); i > 0; i--) {
                byte[] root = new byte[RecordFormat.HASH];
                from.get(root);
                roots.add(root);
            }
            return new Peaks(size, roots);
        }
    }

    private final MessageDigest digest = Sha256.newDigest();
    private final List<byte[]> roots;
    private long size;

    MerkleTree(Peaks from) {
        size = from.size();
        roots = new ArrayList<>(from.roots());
    }

    /** @param recordHash SHA-256 of the record of the next fact */
    void append(byte[] recordHash) {
        byte[] root = leaf(digest, recordHash);
        for (long at = size; (at & 1) == 1; at >>= 1) {
            root = node(digest, roots.remove(roots.size() - 1), root);
        }
        roots.add(root);
        size++;
    }

    long size() {
        return size;
    }

    Peaks peaks() {
        return new Peaks(size, roots);
    }

    static byte[] leaf(MessageDigest digest, byte[] entry) {
        digest.update((byte) 0);
        return digest.digest(entry);
    }

    static byte[] node(MessageDigest digest, byte[] left, byte[] right) {
        digest.update((byte) 1);
        digest.update(left);
        return digest.digest(right);
    }
}
