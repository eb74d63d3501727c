package wavegate.config;

import java.time.Duration;
import java.util.List;

/**
 * How a fleet is cut into waves, where a campaign does not say.
 *
 * @param canaryRegion region of the first wave; empty: the one with most eligible devices
 * @param canaryShare smallest share of that region
 * @param canaryMin fewest canaries
 * @param canaryMaxShare most of the whole fleet that may be canaries
 * @param shares cumulative shares after each later wave; rising, the last is 1
 * @param controlRatio wished control devices per canary
 * @param controlMax most control devices
 * @param quorum share of a wave that must have settled before it soaks
 * @param fillDeadline how long a wave waits for devices it cannot reach
 */
public record WaveSettings(
        String canaryRegion,
        double canaryShare,
        int canaryMin,
        double canaryMaxShare,
        List<Double> shares,
        int controlRatio,
        int controlMax,
        double quorum,
        Duration fillDeadline) {
    public static final WaveSettings DEFAULT =
            new WaveSettings("", 0.01, 25, 0.05, List.of(0.05, 0.2, 0.5, 1.0), 9, 5000, 0.9, Duration.ofHours(24));

    public WaveSettings {
        shares = List.copyOf(shares);
        new Checks()
                .share("canary-share", canaryShare)
                .atLeast("canary-min", canaryMin, 1)
                .share("canary-max-share", canaryMaxShare)
                .that(rising(shares), "shares", shares, "rising, above 0, the last 1.0")
                .atLeast("control-ratio", controlRatio, 1)
                .atLeast("control-max", controlMax, 1)
                .share("quorum", quorum)
                .positive("fill-deadline", fillDeadline)
                .done();
    }

    private static boolean rising(List<Double> shares) {
        double last = 0;
        for (double share : shares) {
            if (!(share > last)) {
                return false;
            }
            last = share;
        }
        return last == 1;
    }
}
