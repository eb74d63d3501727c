package wavegate.server.bench.gate;

/**
 * How much is simulated.
 *
 * @param equal campaigns in which both arms run the same firmware
 * @param effects campaigns for each effect
 * @param seed of the first campaign; the others follow
 * @param threads that share the work; the figures do not depend on them
 */
public record GatePlan(int equal, int effects, long seed, int threads) {
    public static final GatePlan FULL =
            new GatePlan(10_000, 1_000, 1, Runtime.getRuntime().availableProcessors());

    public GatePlan {
        if (equal < 1 || effects < 1 || threads < 1) {
            throw new IllegalArgumentException("campaigns: " + equal + " equal, " + effects + " for each effect, "
                    + threads + " threads (expected: at least 1 each)");
        }
    }
}
