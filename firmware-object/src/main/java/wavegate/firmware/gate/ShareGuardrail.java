package wavegate.firmware.gate;

import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * Has too large a share of a wave come to harm? Fires at three or more devices when, at the limit share, so many would be this unlikely:
 * P(X >= x | n, limit) <= 0.001, at planned sample sizes n = 5, 10, 20, 50, 100, 200, 500 ... and the size of the wave.
 *
 * <p>The guardrail keeps no memory and may be asked at any time. Counts jump and pass planned sizes between two questions, so it takes n as the
 * next planned size at or above the devices counted so far. The x at that size can only be larger than the x now, so a guardrail that
 * fires would have fired at the planned size too: asking often costs nothing, and a wave at its limit is stopped wrongly with chance at most 0.001
 * per planned size (0.005 for a canary of 25, 0.017 for a wave of a million).
 */
final class ShareGuardrail {
    private static final int FEWEST = 3;
    private static final double SIGNIFICANCE = 0.001;

    private ShareGuardrail() {}

    /** What it saw: {@code harmed} of {@code counted}, judged as if of {@code plannedSize}; {@code p} that chance. */
    record Outcome(int harmed, int counted, int plannedSize, double p, boolean fired) {}

    /**
     * @param harmed devices that came to harm
     * @param counted devices that ended one way or the other, harmed ones included
     * @param size of the wave
     * @param limit share that is still tolerated
     */
    static Outcome judge(int harmed, int counted, int size, double limit) {
        int planned = Math.max(counted, Math.min(plannedSize(counted), size));
        double p = harmed == 0
                ? 1
                : BinomialDistribution.of(planned, limit).survivalProbability(Math.min(harmed, planned) - 1);
        return new Outcome(harmed, counted, planned, p, harmed >= FEWEST && p <= SIGNIFICANCE);
    }

    /** The smallest of 5, 10, 20, 50, 100, 200, 500 ... that is not below {@code counted}. */
    static int plannedSize(int counted) {
        long decade = 1;
        while (true) {
            for (int step : new int[] {1, 2, 5}) {
                long size = step * decade;
                if (size >= 5 && size >= counted) {
                    return (int) Math.min(size, Integer.MAX_VALUE);
                }
            }
            decade *= 10;
        }
    }
}
