package wavegate.firmware.gate;

import java.time.Instant;
import java.util.List;

/**
 * A verdict with everything it rests on. {@code sequence} is the evidence's; {@code looksUsed} includes a look taken now.
 * {@code guardrail} is true if the FAIL is a guardrail's, which holds rather than kills unless the policy says otherwise.
 */
public record GateDecision(
        long sequence,
        int wave,
        Instant at,
        Verdict verdict,
        boolean guardrail,
        String reason,
        int looksUsed,
        List<MetricDecision> metrics) {
    public GateDecision {
        metrics = List.copyOf(metrics);
    }
}
