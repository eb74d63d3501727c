package wavegate.firmware.gate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one metric says.
 *
 * @param metric {@code crash}, {@code battery}, {@code coverage}, {@code guardrail-failures}, {@code guardrail-lost}, {@code guardrail-integrity}, {@code silence}
 * @param reason one sentence with the numbers in it
 * @param figures the inputs and the statistic by name, in a fixed order; enough to judge again
 */
public record MetricDecision(String metric, Verdict verdict, String reason, Map<String, Double> figures) {
    public MetricDecision {
        figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    }
}
