package wavegate.firmware.gate;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A decision made again from what is stored of it. Pure.
 *
 * @param stored as the ledger has it
 * @param again from the stored evidence
 */
public record GateReplay(GateDecision stored, GateDecision again) {
    /** Under the policy it was made with: it should come out the same. */
    public static GateReplay of(WaveEvidence evidence, GateDecision stored, JudgedBy by) {
        return new GateReplay(stored, Gate.judge(evidence, by.policy(), by.hasControl()));
    }

    /** Under another policy: what it would have said. A soak of another length ends earlier or later. */
    public static GateReplay under(GatePolicy asked, WaveEvidence evidence, GateDecision stored, JudgedBy by) {
        boolean soaking = !evidence.soakUntil().equals(Instant.MAX);
        Instant until = soaking
                ? evidence.soakUntil()
                        .minus(by.policy().settle())
                        .minus(by.policy().soak())
                        .plus(asked.settle())
                        .plus(asked.soak())
                : Instant.MAX;
        WaveEvidence moved = new WaveEvidence(
                evidence.sequence(),
                evidence.wave(),
                evidence.now(),
                evidence.soakFrom(),
                until,
                evidence.looksUsed(),
                evidence.counts(),
                evidence.canary(),
                evidence.control());
        return new GateReplay(stored, Gate.judge(moved, asked, by.hasControl()));
    }

    public boolean same() {
        return stored.equals(again);
    }

    /** One line for each thing that came out otherwise; empty if nothing did. */
    public List<String> differences() {
        List<String> found = new ArrayList<>();
        if (stored.verdict() != again.verdict()) {
            found.add("verdict: stored " + stored.verdict() + ", again " + again.verdict());
        }
        Map<String, MetricDecision> before = new HashMap<>();
        stored.metrics().forEach(metric -> before.put(metric.metric(), metric));
        for (MetricDecision metric : again.metrics()) {
            MetricDecision was = before.remove(metric.metric());
            if (was == null) {
                found.add(metric.metric() + ": not stored, again " + metric.verdict() + ", " + metric.reason());
            } else if (!was.equals(metric)) {
                found.add(metric.metric() + ": stored " + was.verdict() + ", " + was.reason() + "; again "
                        + metric.verdict() + ", " + metric.reason());
            }
        }
        before.values().forEach(was -> found.add(was.metric() + ": stored " + was.verdict() + ", not judged again"));
        if (found.isEmpty() && !same()) {
            found.add("stored " + stored + ", again " + again);
        }
        return found;
    }
}
