package wavegate.server.bench;

import java.nio.file.Path;

/**
 * A registration storm: what is measured, and how.
 *
 * @param devices that register in the same instant
 * @param warmUp rounds of as many ordinary registrations before the first storm; none: the servers are cold
 * @param rounds storms for each server
 * @param heapMiB heap of each server, all of it touched at the start
 * @param pinned servers on processor 0, the load on processor 1
 * @param jitter by which share a device may wait longer than two seconds before it sends again, 0..1; 0: all of them do in the same instants
 * @param directory for ledgers, views and logs of the children
 */
public record StormPlan(
        int devices, int warmUp, int rounds, int heapMiB, boolean pinned, double jitter, Path directory) {
    private static final int MOST_DEVICES = 200_000;

    public StormPlan {
        check("devices", devices, 100, MOST_DEVICES);
        check("warm-up", warmUp, 0, 100);
        check("rounds", rounds, 1, 100);
        check("heap", heapMiB, 128, 1 << 20);
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0..1)");
        }
    }

    private static void check(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }
}
