package wavegate.server.ledger;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import wavegate.firmware.pkg.Sha256;

/**
 * Audit paths of RFC 9162, found while the tree is gone over once: of each complete subtree its root is held, and which of the wanted leaves are
 * in it. Not thread-safe.
 */
final class MerkleProofs {
    /** The path of one leaf, from its own level up to the root. */
    static final class Path {
        private final long index;
        private final List<byte[]> hashes = new ArrayList<>();

        private Path(long index) {
            this.index = index;
        }

        long index() {
            return index;
        }

        List<byte[]> hashes() {
            return List.copyOf(hashes);
        }
    }

    private record Subtree(byte[] root, List<Path> wanted) {}

    private final MessageDigest digest = Sha256.newDigest();
    private final List<Subtree> subtrees = new ArrayList<>();
    private final List<Path> wanted = new ArrayList<>();
    private long size;

    /** @param want whether a path to this leaf is asked for */
    void append(byte[] recordHash, boolean want) {
        List<Path> here = List.of();
        if (want) {
            Path path = new Path(size);
            wanted.add(path);
            here = List.of(path);
        }
        Subtree subtree = new Subtree(MerkleTree.leaf(digest, recordHash), here);
        for (long at = size; (at & 1) == 1; at >>= 1) {
            subtree = joined(subtrees.remove(subtrees.size() - 1), subtree);
        }
        subtrees.add(subtree);
        size++;
    }

    private Subtree joined(Subtree left, Subtree right) {
        left.wanted().forEach(path -> path.hashes.add(right.root()));
        right.wanted().forEach(path -> path.hashes.add(left.root()));
        List<Path> both = left.wanted();
        if (!right.wanted().isEmpty()) {
            both = new ArrayList<>(both);
            both.addAll(right.wanted());
        }
        return new Subtree(MerkleTree.node(digest, left.root(), right.root()), both);
    }

    /** The paths, now that all leaves were given, in order. To be called once. */
    List<Path> finish() {
        while (subtrees.size() > 1) {
            Subtree right = subtrees.remove(subtrees.size() - 1);
            Subtree left = subtrees.remove(subtrees.size() - 1);
            subtrees.add(joined(left, right));
        }
        return wanted;
    }

    /** Whether a leaf is at a place of the tree with this root: RFC 9162, 2.1.3.2. */
    static boolean verifies(byte[] recordHash, long index, long size, List<byte[]> path, byte[] root) {
        if (index < 0 || index >= size) {
            return false;
        }
        MessageDigest digest = Sha256.newDigest();
        long fn = index;
        long sn = size - 1;
        byte[] hash = MerkleTree.leaf(digest, recordHash);
        for (byte[] sibling : path) {
            if (sn == 0) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                hash = MerkleTree.node(digest, sibling, hash);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                hash = MerkleTree.node(digest, hash, sibling);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && Arrays.equals(hash, root);
    }
}
