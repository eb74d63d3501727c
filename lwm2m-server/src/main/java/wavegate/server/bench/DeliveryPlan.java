package wavegate.server.bench;

import java.nio.file.Path;

/**
 * What is measured of delivery, and how.
 *
 * @param pushes devices that take an image at the same time
 * @param pushBytes size of that image
 * @param pulls devices that fetch an image at the same time
 * @param pullBytes size of that image
 * @param warmUp rounds before those that count, dropped
 * @param rounds rounds that count
 * @param heapMiB heap of each server, all of it touched at the start
 * @param pinned servers on processor 0, the load on processor 1
 * @param directory for artifacts and logs of the children
 */
public record DeliveryPlan(
        int pushes,
        int pushBytes,
        int pulls,
        int pullBytes,
        int warmUp,
        int rounds,
        int heapMiB,
        boolean pinned,
        Path directory) {
    private static final int LEAST_BYTES = 8 << 10;
    private static final int MOST_BYTES = 64 << 20;

    public DeliveryPlan {
        check("pushes", pushes, 1, 10_000);
        check("push size", pushBytes, LEAST_BYTES, MOST_BYTES);
        check("pulls", pulls, 1, 10_000);
        check("pull size", pullBytes, LEAST_BYTES, MOST_BYTES);
        check("warm-up", warmUp, 0, 100);
        check("rounds", rounds, 1, 100);
        check("heap", heapMiB, 128, 1 << 20);
    }

    private static void check(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    /** Devices that have to be registered. */
    int devices() {
        return Math.max(pushes, pulls);
    }
}
