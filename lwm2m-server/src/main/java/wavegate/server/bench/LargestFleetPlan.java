package wavegate.server.bench;

import java.nio.file.Path;

/**
 * How the largest fleet is looked for.
 *
 * @param from devices of the first run; doubled while they fit
 * @param most devices that are tried
 * @param step the answer is a multiple of it
 * @param memoryMiB the simulator's process may have resident at any time
 * @param directory for logs of the children
 */
public record LargestFleetPlan(int from, int most, int step, int memoryMiB, Path directory) {
    private static final int MOST_DEVICES = 1_000_000;
    private static final int LEAST_MEMORY = 192;

    public LargestFleetPlan {
        check("step", step, 100, MOST_DEVICES);
        check("from", from, step, MOST_DEVICES);
        check("most", most, from, MOST_DEVICES);
        check("memory", memoryMiB, LEAST_MEMORY, 1 << 20);
    }

    private static void check(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }
}
