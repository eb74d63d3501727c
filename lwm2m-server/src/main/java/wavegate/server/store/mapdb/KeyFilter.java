package wavegate.server.store.mapdb;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which keys were never put in (a Bloom filter): a key that is not in here is not in the file, and looking it up there is spared. One that was
 * removed stays. One thread adds, any thread asks.
 */
final class KeyFilter {
    /** A megabyte: of a million keys, one in fifty that are not there is looked up all the same. */
    private static final int BITS = 1 << 23;

    private static final int PROBES = 4;
    private static final int PROBE_BITS = 23;
    private static final int WORD_SHIFT = 6;
    private static final long OFFSET = 0xcbf2_9ce4_8422_2325L;
    private static final long PRIME = 0x0000_0100_0000_01b3L;

    private final AtomicLongArray words = new AtomicLongArray(BITS >> WORD_SHIFT);

    void add(byte[] key) {
        long hash = hash(key);
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(hash, i);
            int word = bit >>> WORD_SHIFT;
            words.set(word, words.get(word) | 1L << bit);
        }
    }

    boolean mayHold(byte[] key) {
        long hash = hash(key);
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(hash, i);
            if ((words.get(bit >>> WORD_SHIFT) & 1L << bit) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Two hashes make any number of them. */
    private static int bit(long hash, int probe) {
        int first = (int) hash;
        int second = (int) (hash >>> Integer.SIZE) | 1;
        return (first + probe * second) >>> (Integer.SIZE - PROBE_BITS);
    }

    /** FNV-1a, its bits mixed once more. */
    private static long hash(byte[] key) {
        long hash = OFFSET;
        for (byte each : key) {
            hash = (hash ^ (each & 0xff)) * PRIME;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return hash ^ (hash >>> 31);
    }
}
