package wavegate.sim.device;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The answers to the last few confirmable requests, by message id, so that a repeated request is answered and not obeyed again. */
final class RecentRequests {
    private static final int SIZE = 4;
    /** EXCHANGE_LIFETIME of RFC 7252. */
    private static final long KEPT_MS = 247_000;

    private int @Nullable [] mids;
    private byte @Nullable [] @Nullable [] answers;
    private int next;
    private long lastAt;

    Optional<byte[]> answerTo(int mid, long now) {
        int[] known = mids;
        byte[][] kept = answers;
        if (known == null || kept == null || now - lastAt > KEPT_MS) {
            return Optional.empty();
        }
        for (int i = 0; i < SIZE; i++) {
            if (known[i] == mid && kept[i] != null) {
                return Optional.of(kept[i]);
            }
        }
        return Optional.empty();
    }

    void add(int mid, byte[] answer, long now) {
        int[] known = mids;
        byte[][] kept = answers;
        if (known == null || kept == null) {
            known = new int[SIZE];
            kept = new byte[SIZE][];
            mids = known;
            answers = kept;
        }
        known[next] = mid;
        kept[next] = answer;
        next = (next + 1) % SIZE;
        lastAt = now;
    }

    void clear() {
        mids = null;
        answers = null;
        next = 0;
    }
}
