package wavegate.firmware.campaign;

/**
 * How many devices a campaign begins with in a minute: as many as {@code perMinute}, times {@code factor} for each {@code afterSuccesses} devices that
 * have ended in SUCCESS, up to {@code maxPerMinute}. A factor of 1 keeps it constant.
 *
 * @param perMinute above 0
 * @param factor 1 to 100
 * @param maxPerMinute at least {@code perMinute}
 * @param afterSuccesses at least 1
 */
public record DispatchRate(double perMinute, double factor, double maxPerMinute, int afterSuccesses) {
    private static final double MOST = 1_000_000;

    public DispatchRate {
        if (!(perMinute > 0 && perMinute <= MOST)) {
            throw new IllegalArgumentException(
                    "rate: " + perMinute + " devices per minute (expected: above 0, at most 1000000)");
        }
        if (!(factor >= 1 && factor <= 100)) {
            throw new IllegalArgumentException("rate factor: " + factor + " (expected: 1 to 100)");
        }
        if (!(maxPerMinute >= perMinute && maxPerMinute <= MOST)) {
            throw new IllegalArgumentException("highest rate: " + maxPerMinute + " devices per minute (expected: "
                    + perMinute + ", the rate it begins with, to 1000000)");
        }
        if (afterSuccesses < 1) {
            throw new IllegalArgumentException(
                    "rate grows after: " + afterSuccesses + " successes (expected: at least 1)");
        }
    }

    public static DispatchRate constant(double perMinute) {
        return new DispatchRate(perMinute, 1, perMinute, 1);
    }

    /** Devices per minute once that many have ended in SUCCESS. */
    public double after(int successes) {
        int growths = successes / afterSuccesses;
        return Math.min(perMinute * Math.pow(factor, growths), maxPerMinute);
    }

    /** Minutes to begin with that many devices, if all succeed and none waits for its success. */
    public double minutesFor(int devices) {
        double minutes = 0;
        int begun = 0;
        while (begun < devices) {
            double rate = after(begun);
            int step = factor == 1 || rate == maxPerMinute
                    ? devices - begun
                    : Math.min(devices - begun, afterSuccesses - begun % afterSuccesses);
            minutes += step / rate;
            begun += step;
        }
        return minutes;
    }
}
