package wavegate.server.bench;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A load that goes on: what is measured, and how.
 *
 * @param devices registered all the time, under a running campaign
 * @param share of what the server can do that it is asked to do, 0.1..1
 * @param total how long the load lasts
 * @param every between two looks at the heap; {@code total} is a multiple of it, four times or more
 * @param heapMiB heap of the server, all of it touched at the start
 * @param pinned server on processor 0, the load on processor 1
 * @param directory for ledger, view and log of the child
 */
public record SteadyPlan(
        int devices, double share, Duration total, Duration every, int heapMiB, boolean pinned, Path directory) {
    /** So many devices do the same thing one after another. */
    static final int GROUP = 250;

    private static final int LEAST_LOOKS = 4;

    public SteadyPlan {
        if (devices < GROUP || devices > 100_000 || devices % GROUP != 0) {
            throw new IllegalArgumentException(
                    "devices: " + devices + " (expected: " + GROUP + "..100000, a multiple of " + GROUP + ")");
        }
        if (!(share >= 0.1 && share <= 1)) {
            throw new IllegalArgumentException("share: " + share + " (expected: 0.1..1)");
        }
        if (every.toMillis() < 1000) {
            throw new IllegalArgumentException("every: " + every.toMillis() + "ms (expected: 1s or more)");
        }
        if (total.toMillis() % every.toMillis() != 0 || total.toMillis() / every.toMillis() < LEAST_LOOKS) {
            throw new IllegalArgumentException("for: " + total.toSeconds() + "s (expected: a multiple of "
                    + every.toSeconds() + "s, " + LEAST_LOOKS + " times or more)");
        }
        if (heapMiB < 128 || heapMiB > 1 << 20) {
            throw new IllegalArgumentException("heap: " + heapMiB + " (expected: 128.." + (1 << 20) + ")");
        }
    }

    int looks() {
        return (int) (total.toMillis() / every.toMillis());
    }
}
