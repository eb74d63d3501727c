package wavegate.sim.device;

import java.util.Arrays;
import java.util.Optional;

/**
 * The answers a fleet gave lately, so that a request that comes again is answered and not obeyed again. One for all devices: what it holds depends
 * on how much is asked, not on how many could be. Used by the thread that steps those devices.
 */
final class RecentAnswers {
    private static final int LEAST = 16;
    private static final int MOST = 1 << 17;
    private static final int PER_DEVICE = 4;
    /** EXCHANGE_LIFETIME of RFC 7252. */
    private static final long KEPT_MS = 247_000;

    private static final int NONE = -1;
    private static final long NEVER = Long.MIN_VALUE;
    private static final byte[] NO_ANSWER = {};

    private final long[] keys;
    private final long[] at;
    private final byte[][] answers;
    private final int[] heads;
    private final int[] nexts;
    private int oldest;

    RecentAnswers(int devices) {
        int wanted = (int) Math.max(LEAST, Math.min(MOST, (long) devices * PER_DEVICE));
        int size = Integer.highestOneBit(wanted) == wanted ? wanted : Integer.highestOneBit(wanted) << 1;
        keys = new long[size];
        at = new long[size];
        answers = new byte[size][];
        Arrays.fill(answers, NO_ANSWER);
        heads = new int[size];
        nexts = new int[size];
        Arrays.fill(heads, NONE);
        Arrays.fill(at, NEVER);
    }

    /** A device forgets with its power: {@code boots} tells its lives apart. */
    private static long key(int device, int boots, int mid) {
        return (long) device << 32 | (long) (boots & 0xffff) << 16 | mid;
    }

    private int bucket(long key) {
        long mixed = key * 0x9e37_79b9_7f4a_7c15L;
        return (int) (mixed >>> 40) & (heads.length - 1);
    }

    Optional<byte[]> answerTo(int device, int boots, int mid, long now) {
        long key = key(device, boots, mid);
        for (int i = heads[bucket(key)]; i != NONE; i = nexts[i]) {
            if (keys[i] == key && now - at[i] <= KEPT_MS) {
                return Optional.of(answers[i]);
            }
        }
        return Optional.empty();
    }

    void add(int device, int boots, int mid, byte[] answer, long now) {
        int slot = oldest;
        oldest = (oldest + 1) & (heads.length - 1);
        if (at[slot] != NEVER) {
            unlink(slot);
        }
        long key = key(device, boots, mid);
        int bucket = bucket(key);
        keys[slot] = key;
        at[slot] = now;
        answers[slot] = answer;
        nexts[slot] = heads[bucket];
        heads[bucket] = slot;
    }

    private void unlink(int slot) {
        int bucket = bucket(keys[slot]);
        if (heads[bucket] == slot) {
            heads[bucket] = nexts[slot];
            return;
        }
        int i = heads[bucket];
        while (nexts[i] != slot) {
            i = nexts[i];
        }
        nexts[i] = nexts[slot];
    }
}
