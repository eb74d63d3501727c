package wavegate.sim.fault;

/**
 * Faults of the line in each direction, as shares of datagrams 0..1. A datagram is delayed by 0 to {@code delayMs} real milliseconds; a
 * reordered one waits {@code delayMs} longer, so that later ones overtake it.
 */
public record LineFaults(double loss, double duplication, double reordering, int delayMs) {
    public static final LineFaults NONE = new LineFaults(0, 0, 0, 0);

    public LineFaults {
        share("loss", loss);
        share("duplication", duplication);
        share("reordering", reordering);
        if (delayMs < 0 || delayMs > 60_000) {
            throw new IllegalArgumentException("delay: " + delayMs + " (expected: 0..60000 ms)");
        }
        if (reordering > 0 && delayMs == 0) {
            throw new IllegalArgumentException("reordering: " + reordering + " with no delay (expected: a delay)");
        }
    }

    private static void share(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0..1)");
        }
    }

    public boolean none() {
        return loss == 0 && duplication == 0 && reordering == 0 && delayMs == 0;
    }
}
