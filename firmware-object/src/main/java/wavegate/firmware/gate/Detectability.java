package wavegate.firmware.gate;

import java.time.Duration;

/**
 * What a canary of a given size can find out. Counted in <i>expected baseline canary events</i>: first crashes the canaries would have over the
 * soak on healthy firmware.
 */
public final class Detectability {
    /** Events the e-process needs for power 0.8 at alpha 0.01 with nine controls per canary, by simulation. */
    private static final double[] RATIOS = {2, 3, 5, 10};

    private static final double[] EVENTS = {25, 7.4, 2.6, 0.8};
    private static final double TABLE_CONTROLS = 9;
    private static final double TABLE_ALPHA = 0.01;
    /** Normal quantile of power 0.8. */
    private static final double Z = 0.8416212335729143;

    /** Ratios beyond this are reported as undetectable. */
    private static final double MAX_RATIO = 1000;

    private Detectability() {}

    /**
     * Expected baseline canary events with which the crash test finds {@code ratio} with power 0.8. The simulated table, log-log interpolated,
     * carried to other control ratios, alphas and ends of the table by how the growth of the e-process depends on them ({@link #byGrowth}).
     *
     * @param ratio true ratio of crash rates, above 1
     * @param controlsPerCanary above 0
     * @param alpha of the crash test
     */
    public static double eventsNeeded(double ratio, double controlsPerCanary, double alpha) {
        double inTable = Math.min(Math.max(ratio, RATIOS[0]), RATIOS[RATIOS.length - 1]);
        return table(inTable)
                * byGrowth(ratio, controlsPerCanary, alpha)
                / byGrowth(inTable, TABLE_CONTROLS, TABLE_ALPHA);
    }

    private static double table(double ratio) {
        int i = 0;
        while (i < RATIOS.length - 2 && ratio > RATIOS[i + 1]) {
            i++;
        }
        double share = Math.log(ratio / RATIOS[i]) / Math.log(RATIOS[i + 1] / RATIOS[i]);
        return Math.exp(Math.log(EVENTS[i]) + share * Math.log(EVENTS[i + 1] / EVENTS[i]));
    }

    /**
     * Events m at which log E stands above log(1/alpha) with chance 0.8, log E taken as normal: per expected baseline canary event there
     * are {@code ratio} canary and {@code controls} control events, each moves it by a known step, so its mean is g m and its variance v m.
     * Gives 25.1, 7.7, 2.6, 0.8 where simulation gave 25, 7.4, 2.6, 0.8.
     */
    private static double byGrowth(double ratio, double controls, double alpha) {
        double p = 1 / (1 + controls);
        double controlStep = -Math.log1p(p * (ratio - 1));
        double canaryStep = Math.log(ratio) + controlStep;
        double g = ratio * canaryStep + controls * controlStep;
        double v = ratio * canaryStep * canaryStep + controls * controlStep * controlStep;
        double root = (Z * Math.sqrt(v) + Math.sqrt(Z * Z * v + 4 * g * -Math.log(alpha))) / (2 * g);
        return root * root;
    }

    /** First crashes that many healthy devices are expected to have while watched. */
    private static double expectedEvents(double devices, Duration watched, double crashesPerHour) {
        return devices * -Math.expm1(-crashesPerHour * watched.toMillis() / 3_600_000.0);
    }

    /**
     * Smallest ratio of crash rates a canary finds with power 0.8, rounded up to a tenth. Infinite if it is above 1000, there are no controls or
     * no crashes are expected.
     *
     * @param watched time at risk per device, in practice the soak
     * @param crashesPerHour of one healthy device
     */
    public static double smallestRatio(
            int canaries, int controls, Duration watched, double crashesPerHour, double alpha) {
        double events = expectedEvents(canaries, watched, crashesPerHour);
        if (canaries < 1 || controls < 1 || events <= 0) {
            return Double.POSITIVE_INFINITY;
        }
        double perCanary = (double) controls / canaries;
        if (eventsNeeded(MAX_RATIO, perCanary, alpha) > events) {
            return Double.POSITIVE_INFINITY;
        }
        double low = 1.01;
        double high = MAX_RATIO;
        while (high - low > 1e-6 * low) {
            double mid = Math.sqrt(low * high);
            if (eventsNeeded(mid, perCanary, alpha) <= events) {
                high = mid;
            } else {
                low = mid;
            }
        }
        return Math.ceil(high * 10 - 1e-4) / 10;
    }

    /**
     * Fewest canaries that find {@code ratio} with power 0.8; {@link Integer#MAX_VALUE} if no number does, since healthy devices are expected
     * not to crash at all.
     */
    public static int canariesNeeded(
            double ratio, double controlsPerCanary, Duration watched, double crashesPerHour, double alpha) {
        double eventsPerDevice = expectedEvents(1, watched, crashesPerHour);
        if (eventsPerDevice <= 0) {
            return Integer.MAX_VALUE;
        }
        double devices = Math.ceil(eventsNeeded(ratio, controlsPerCanary, alpha) / eventsPerDevice - 1e-6);
        return (int) Math.min(devices, Integer.MAX_VALUE);
    }
}
