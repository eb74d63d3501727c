package wavegate.firmware.campaign;

import java.time.Duration;
import java.util.List;

/**
 * How a fleet is cut into waves.
 *
 * @param canaryRegion region of the first wave; empty: the region with most eligible devices
 * @param canaryShare smallest share of that region, 0..1
 * @param canaryMin fewest canaries
 * @param canaryMaxShare most of the whole fleet that may be canaries, 0..1
 * @param shares cumulative shares of the fleet after each later wave; rising, the last is 1
 * @param controlRatio wished control devices per canary
 * @param controlMax most control devices
 * @param quorum share of a wave that must have settled before it soaks, 0..1
 * @param fillDeadline how long a wave waits for devices it cannot reach; those left are stragglers and go on in the background
 */
public record WavePlan(
        String canaryRegion,
        double canaryShare,
        int canaryMin,
        double canaryMaxShare,
        List<Double> shares,
        int controlRatio,
        int controlMax,
        double quorum,
        Duration fillDeadline) {

    public static final WavePlan DEFAULT =
            new WavePlan("", 0.01, 25, 0.05, List.of(0.05, 0.20, 0.50, 1.0), 9, 5000, 0.9, Duration.ofHours(24));

    public WavePlan {
        shares = List.copyOf(shares);
        double last = 0;
        for (double share : shares) {
            if (!(share > last && share <= 1)) {
                throw new IllegalArgumentException(
                        "wave shares: " + shares + " (expected: rising, above 0, the last 1.0)");
            }
            last = share;
        }
        if (last != 1) {
            throw new IllegalArgumentException("wave shares: " + shares + " (expected: the last is 1.0)");
        }
        if (canaryMin < 1) {
            throw new IllegalArgumentException("fewest canaries: " + canaryMin + " (expected: at least 1)");
        }
        if (controlRatio < 1 || controlMax < 1) {
            throw new IllegalArgumentException(
                    "control: ratio " + controlRatio + ", at most " + controlMax + " (expected: at least 1 each)");
        }
        for (double share : new double[] {canaryShare, canaryMaxShare, quorum}) {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("share: " + share + " (expected: above 0, at most 1)");
            }
        }
        if (fillDeadline.isNegative() || fillDeadline.isZero()) {
            throw new IllegalArgumentException("fill deadline: " + fillDeadline + " (expected: more than zero)");
        }
    }
}
