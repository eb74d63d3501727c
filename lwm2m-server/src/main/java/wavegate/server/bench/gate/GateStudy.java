package wavegate.server.bench.gate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import wavegate.firmware.gate.Verdict;

/**
 * Many campaigns of one kind.
 *
 * @param name for the table
 * @param outcomes in the order of their seeds
 */
record GateStudy(String name, GateScenario scenario, List<GateTrial.Outcome> outcomes) {
    GateStudy {
        outcomes = List.copyOf(outcomes);
    }

    /** Share of the campaigns that a rule stopped, 0..1. */
    double stopped(String rule) {
        return (double) delays(rule).size() / outcomes.size();
    }

    /** Share that the gate itself brought to a verdict. */
    double ended(Verdict verdict) {
        return (double) outcomes.stream().filter(o -> o.verdict() == verdict).count() / outcomes.size();
    }

    /** Hours after the first canary's return, of the campaigns that were stopped; NaN if none was. */
    double delay(String rule, double quantile) {
        List<Double> sorted = delays(rule);
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) Math.min(sorted.size() - 1, quantile * sorted.size()));
    }

    /** Canaries that ran the new firmware when a rule stopped the campaign; all of them if it did not. The mean. */
    double exposed(String rule) {
        return outcomes.stream()
                .mapToInt(o -> o.exposed().getOrDefault(rule, scenario.canaries()))
                .average()
                .orElse(Double.NaN);
    }

    private List<Double> delays(String rule) {
        List<Double> delays = new ArrayList<>();
        for (GateTrial.Outcome outcome : outcomes) {
            Map<String, Double> stops = outcome.stops();
            Double at = stops.get(rule);
            if (at != null) {
                delays.add(at);
            }
        }
        Collections.sort(delays);
        return delays;
    }
}
