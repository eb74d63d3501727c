package wavegate.firmware.gate;

import java.time.Duration;
import java.util.List;

/**
 * What a gate asks for. Frozen when the campaign starts.
 *
 * @param preWindow how long energy is watched before a device is updated; baseline of the drift test
 * @param soak how long a wave is watched once it has settled
 * @param soakMax how long an inconclusive wave may be watched in all before it is HELD
 * @param settle after its return a device is left out of both arms this long: reboot and download cost are not the firmware's fault
 * @param coverage share of updated devices that must have reported after settling, 0..1
 * @param maxRatio worst crash ratio that must be ruled out, or would have been seen; above 1
 * @param crashAlpha false-stop probability of the crash test at the canary
 * @param driftAlpha false-stop probability of the battery test at the canary, over all its looks
 * @param laterAlpha the same for each, in later waves
 * @param minDrift smallest rise in energy use that counts, as a share: 0.15 is 15 %
 * @param looks planned looks of the drift test over the soak, evenly spaced
 * @param minPerArm fewest devices per arm the drift test is done with
 * @param maxFailureShare limit of the share guardrail on failed and rolled-back updates
 * @param maxLostShare limit of the share guardrail on lost devices
 * @param guardrailKills whether a guardrail kills instead of holding
 * @param metrics more metrics, and other terms for those each gate has; empty: those, on the terms above
 */
public record GatePolicy(
        Duration preWindow,
        Duration soak,
        Duration soakMax,
        Duration settle,
        double coverage,
        double maxRatio,
        double crashAlpha,
        double driftAlpha,
        double laterAlpha,
        double minDrift,
        int looks,
        int minPerArm,
        double maxFailureShare,
        double maxLostShare,
        boolean guardrailKills,
        List<MetricRule> metrics) {
    private static final int MOST_METRICS = 16;

    /** With the metrics each gate has, on these terms. */
    public GatePolicy(
            Duration preWindow,
            Duration soak,
            Duration soakMax,
            Duration settle,
            double coverage,
            double maxRatio,
            double crashAlpha,
            double driftAlpha,
            double laterAlpha,
            double minDrift,
            int looks,
            int minPerArm,
            double maxFailureShare,
            double maxLostShare,
            boolean guardrailKills) {
        this(
                preWindow,
                soak,
                soakMax,
                settle,
                coverage,
                maxRatio,
                crashAlpha,
                driftAlpha,
                laterAlpha,
                minDrift,
                looks,
                minPerArm,
                maxFailureShare,
                maxLostShare,
                guardrailKills,
                List.of());
    }

    public static final GatePolicy DEFAULT = new GatePolicy(
            Duration.ofHours(24),
            Duration.ofHours(24),
            Duration.ofHours(72),
            Duration.ofMinutes(30),
            0.9,
            3,
            0.01,
            0.01,
            0.002,
            0.15,
            4,
            15,
            0.05,
            0.01,
            false);

    public GatePolicy {
        positive("pre-window", preWindow);
        positive("soak", soak);
        positive("settle", settle);
        if (soakMax.compareTo(soak) < 0) {
            throw new IllegalArgumentException(
                    "soak limit: " + soakMax + " (expected: at least the soak, " + soak + ")");
        }
        within("coverage", coverage, 0, 1);
        within("maximum ratio", maxRatio, 1.0001, 1000);
        within("crash alpha", crashAlpha, 1e-9, 0.5);
        within("drift alpha", driftAlpha, 1e-9, 0.5);
        within("later alpha", laterAlpha, 1e-9, 0.5);
        within("minimum drift", minDrift, 0, 100);
        within("looks", looks, 1, 100);
        within("devices per arm", minPerArm, 2, 1_000_000);
        within("failure share", maxFailureShare, 1e-9, 1);
        within("lost share", maxLostShare, 1e-9, 1);
        metrics = List.copyOf(metrics);
        if (metrics.size() > MOST_METRICS
                || metrics.stream().map(MetricRule::id).distinct().count() < metrics.size()) {
            throw new IllegalArgumentException(
                    "metrics: " + metrics.stream().map(MetricRule::id).toList() + " (expected: at most " + MOST_METRICS
                            + ", each once)");
        }
    }

    private static void positive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: more than zero)");
        }
    }

    private static void within(String what, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + low + " to " + high + ")");
        }
    }

    /**
     * A device not heard of this long is silent, unless it reports more seldom: a quarter of the soak, but at least twice the settling time,
     * which is four telemetry periods.
     */
    public Duration silentAfter() {
        Duration quarter = soak.dividedBy(4);
        Duration settled = settle.multipliedBy(2);
        return quarter.compareTo(settled) > 0 ? quarter : settled;
    }

    /** The terms of a metric each gate has. */
    MetricRule ruleOf(String builtIn) {
        return metrics.stream()
                .filter(rule -> rule.id().equals(builtIn))
                .findFirst()
                .orElseGet(() -> MetricRule.builtIn(builtIn));
    }

    /** Metrics with a source of their own. */
    List<MetricRule> ownMetrics() {
        return metrics.stream().filter(rule -> rule.source().isPresent()).toList();
    }

    /**
     * The limit for a device whose reports are usually this far apart: twice that and a quarter of {@link #silentAfter} for delays, in whole
     * quarters, but no shorter than that limit and no longer than three quarters of the soak.
     */
    Duration silentAfter(long usualGapMs) {
        long floor = silentAfter().toMillis();
        long quarter = Math.max(1, floor / 4);
        long longest = Math.max(floor, soak.toMillis() / 4 * 3);
        long gap = Math.min(usualGapMs, longest);
        long quarters = (2 * gap + quarter + quarter - 1) / quarter;
        return Duration.ofMillis(Math.max(floor, Math.min(longest, quarters * quarter)));
    }

    public double crashAlphaOf(int wave) {
        return wave == 0 ? crashAlpha : laterAlpha;
    }

    public double driftAlphaOf(int wave) {
        return wave == 0 ? driftAlpha : laterAlpha;
    }
}
