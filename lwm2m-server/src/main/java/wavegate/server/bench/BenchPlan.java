package wavegate.server.bench;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What is measured, and how.
 *
 * @param devices new endpoints in each round
 * @param warmUp rounds before those that count, dropped: the compiler needs about 200,000 operations to come to rest
 * @param rounds rounds that count
 * @param window requests outstanding at a time
 * @param heapMiB heap of each server, all of it touched at the start
 * @param pinned servers on processor 0, the load on processor 1
 * @param settle how long registered devices rest before the heap is measured again; longer than 247 s, CoAP has forgotten their messages by then;
 *     zero: it is measured at once only
 * @param directory for ledgers, views and logs of the children
 */
public record BenchPlan(
        int devices, int warmUp, int rounds, int window, int heapMiB, boolean pinned, Duration settle, Path directory) {
    private static final int MOST_DEVICES = 1_000_000;
    private static final int MOST_STANDING = 2000;

    public BenchPlan {
        check("devices", devices, 100, MOST_DEVICES);
        check("warm-up", warmUp, 0, 100);
        check("rounds", rounds, 1, 100);
        check("window", window, 1, 10_000);
        check("heap", heapMiB, 128, 1 << 20);
        if (settle.isNegative()) {
            throw new IllegalArgumentException("settle: " + settle + " (expected: 0 or more)");
        }
    }

    private static void check(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    /** The same in a directory of its own. */
    BenchPlan in(String name) {
        return new BenchPlan(devices, warmUp, rounds, window, heapMiB, pinned, settle, directory.resolve(name));
    }

    /** Devices registered all the time, on this server under a running campaign. */
    int standing() {
        return Math.max(100, Math.min(MOST_STANDING, devices / 10));
    }
}
