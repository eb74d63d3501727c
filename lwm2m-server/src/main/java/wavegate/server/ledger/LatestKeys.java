package wavegate.server.ledger;

/**
 * The latest sequence of each key, in three arrays: 24 bytes a key and as much again for room, where a map of objects would take ten times
 * that. A key is 128 bits of a digest and never all zero. Not thread-safe.
 */
final class LatestKeys {
    private final long[] high;
    private final long[] low;
    private final long[] latest;
    private final int mask;

    /** @param most keys it will be given */
    LatestKeys(int most) {
        int slots = Integer.highestOneBit(Math.max(8, most)) << 2;
        high = new long[slots];
        low = new long[slots];
        latest = new long[slots];
        mask = slots - 1;
    }

    void put(long keyHigh, long keyLow, long sequence) {
        int at = slot(keyHigh, keyLow);
        high[at] = keyHigh;
        low[at] = keyLow;
        latest[at] = sequence;
    }

    /** 0 if the key was never put. */
    long get(long keyHigh, long keyLow) {
        return latest[slot(keyHigh, keyLow)];
    }

    private int slot(long keyHigh, long keyLow) {
        int at = (int) keyLow & mask;
        while (latest[at] != 0 && (high[at] != keyHigh || low[at] != keyLow)) {
            at = (at + 1) & mask;
        }
        return at;
    }
}
