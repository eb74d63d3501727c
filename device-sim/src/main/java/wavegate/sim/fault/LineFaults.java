package wavegate.sim.fault;

/**
 * Faults of the line in each direction, as shares of datagrams 0..1. A datagram is delayed by 0 to {@code delayMs} real milliseconds; a
 * reordered one waits {@code delayMs} longer, so that later ones overtake it. In a corrupted one a byte is another, and no checksum on the way
 * has noticed.
 */
public record LineFaults(double loss, double duplication, double reordering, double corruption, int delayMs) {
    public static final LineFaults NONE = new LineFaults(0, 0, 0, 0, 0);

    /** A line that corrupts nothing. */
    public LineFaults(double loss, double duplication, double reordering, int delayMs) {
        this(loss, duplication, reordering, 0, delayMs);
    }

    public LineFaults {
        share("loss", loss);
        share("duplication", duplication);
        share("reordering", reordering);
        share("corruption", corruption);
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
        return loss == 0 && duplication == 0 && reordering == 0 && corruption == 0 && delayMs == 0;
    }
}
