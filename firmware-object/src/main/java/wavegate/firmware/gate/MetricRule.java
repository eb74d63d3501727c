package wavegate.firmware.gate;

import java.util.Optional;
import java.util.Set;
import wavegate.firmware.telemetry.Metric;

/**
 * One more metric of a gate, or other terms for one that each gate has: {@code crash}, {@code silence} and {@code battery}. Frozen with the policy.
 *
 * @param id for reasons and figures
 * @param source counter whose growth is the event, for a metric of one's own; empty for the three
 * @param role what its verdict does
 * @param alpha false-stop probability over the whole wave; empty: the policy's
 * @param margin ratio of rates that is tolerated: what is judged is whether canaries are worse than that, 1 or more
 * @param maxRatio worst ratio that must be ruled out, or would have been seen; empty: the policy's
 */
public record MetricRule(
        String id,
        Optional<Metric> source,
        Role role,
        Optional<Double> alpha,
        Optional<Double> margin,
        Optional<Double> maxRatio) {
    /** The metrics each gate has. */
    public static final Set<String> BUILT_IN = Set.of("crash", "silence", "battery");

    private static final Set<Metric> COUNTERS = Set.of(Metric.CRASH_COUNT, Metric.BOOT_COUNT);

    /** What a verdict does. */
    public enum Role {
        /** FAIL kills; without PASS the wave does not pass. */
        CRITICAL,
        /** Without PASS the wave does not pass; nothing is killed. */
        REQUIRED,
        /** Recorded beside the others, decides nothing. */
        SHADOW
    }

    public MetricRule {
        if (!id.matches("[a-z][a-z0-9-]{0,31}")
                || id.startsWith("guardrail-")
                || id.startsWith("shadow-")
                || id.equals("coverage")) {
            throw new IllegalArgumentException("metric: \"" + (id.length() > 64 ? id.substring(0, 64) : id)
                    + "\" (expected: 1 to 32 of a-z 0-9 -, not coverage, guardrail-... or shadow-...)");
        }
        if (BUILT_IN.contains(id) == source.isPresent()) {
            throw new IllegalArgumentException("metric " + id + " source: "
                    + source.map(Metric::label).orElse("none") + " (expected: "
                    + (BUILT_IN.contains(id) ? "none, it has its own" : "crash-count or boot-count") + ")");
        }
        if (source.isPresent() && !COUNTERS.contains(source.get())) {
            throw new IllegalArgumentException(
                    "metric " + id + " source: " + source.get().label() + " (expected: crash-count or boot-count)");
        }
        within(id, "alpha", alpha, 1e-9, 0.5);
        within(id, "margin", margin, 1, 100);
        within(id, "maximum ratio", maxRatio, 1.0001, 1000);
        if (id.equals("battery") && (margin.isPresent() || maxRatio.isPresent())) {
            throw new IllegalArgumentException(
                    "metric battery: margin or maximum ratio (expected: neither, minDrift says it)");
        }
        if (id.equals("silence") && maxRatio.isPresent()) {
            throw new IllegalArgumentException("metric silence: maximum ratio (expected: none)");
        }
    }

    private static void within(String id, String what, Optional<Double> value, double low, double high) {
        if (value.isPresent() && !(value.get() >= low && value.get() <= high)) {
            throw new IllegalArgumentException(
                    "metric " + id + " " + what + ": " + value.get() + " (expected: " + low + " to " + high + ")");
        }
    }

    /** A metric each gate has, on the policy's terms. */
    static MetricRule builtIn(String id) {
        return new MetricRule(
                id, Optional.empty(), Role.CRITICAL, Optional.empty(), Optional.empty(), Optional.empty());
    }
}
