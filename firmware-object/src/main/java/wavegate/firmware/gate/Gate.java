package wavegate.firmware.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.FisherExactTest;

/**
 * From evidence to verdict. Pure: the same evidence and policy give the same decision on any thread.
 *
 * <ul>
 *   <li>FAIL: a guardrail fired, or canaries crash, fall silent or draw more than controls. At any time, also before the soak is over.
 *   <li>PASS: the soak is over, enough updated devices report and still do, and, where there is a control arm, the crash test has
 *       the power asked for, the drift test had its last look with enough devices, and canaries are not silent more often than controls.
 *   <li>INCONCLUSIVE: everything else, with what is missing. Missing or stale telemetry is never a PASS, and neither is a quiet wave too short or
 *       too small to have shown anything.
 * </ul>
 */
public final class Gate {
    /** Of these rules: one more whenever the same evidence and policy may give another decision. */
    public static final int VERSION = 2;

    private static final String SHADOW = "shadow-";

    private Gate() {}

    /**
     * @param hasControl false for the last wave, which is judged by guardrails, coverage and soak alone
     */
    public static GateDecision judge(WaveEvidence evidence, GatePolicy policy, boolean hasControl) {
        List<MetricDecision> metrics = new ArrayList<>();
        metrics.add(failures(evidence, policy));
        metrics.add(lost(evidence, policy));
        metrics.add(integrity(evidence));
        metrics.add(coverage(evidence, policy));
        int looksUsed = evidence.looksUsed();
        if (hasControl) {
            int due =
                    DriftTest.due(Duration.between(evidence.soakFrom(), evidence.now()), policy.soak(), policy.looks());
            metrics.add(crash(evidence, policy, policy.ruleOf("crash")));
            MetricDecision battery = battery(evidence, policy, due);
            metrics.add(battery);
            if (battery.figures().containsKey("p")) {
                looksUsed = due;
            }
            metrics.add(silence(evidence, policy));
            policy.ownMetrics().forEach(rule -> metrics.add(crash(evidence, policy, rule)));
        }
        return decide(
                evidence,
                looksUsed,
                metrics.stream().map(metric -> inRole(metric, policy)).toList());
    }

    /** A shadow is named so and decides nothing; the FAIL of one that is only required withholds the PASS. */
    private static MetricDecision inRole(MetricDecision metric, GatePolicy policy) {
        MetricRule.Role role = policy.metrics().stream()
                .filter(rule -> rule.id().equals(metric.metric()))
                .map(MetricRule::role)
                .findFirst()
                .orElse(MetricRule.Role.CRITICAL);
        return switch (role) {
            case CRITICAL -> metric;
            case REQUIRED ->
                metric.verdict() == Verdict.FAIL
                        ? new MetricDecision(
                                metric.metric(),
                                Verdict.INCONCLUSIVE,
                                metric.reason() + " (required, kills nothing)",
                                metric.figures())
                        : metric;
            case SHADOW ->
                new MetricDecision(SHADOW + metric.metric(), metric.verdict(), metric.reason(), metric.figures());
        };
    }

    private static GateDecision decide(WaveEvidence evidence, int looksUsed, List<MetricDecision> all) {
        List<MetricDecision> metrics = all.stream()
                .filter(metric -> !metric.metric().startsWith(SHADOW))
                .toList();
        GateDecision decided = decideBy(evidence, looksUsed, metrics);
        return metrics.size() == all.size()
                ? decided
                : new GateDecision(
                        decided.sequence(),
                        decided.wave(),
                        decided.at(),
                        decided.verdict(),
                        decided.guardrail(),
                        decided.reason(),
                        looksUsed,
                        all);
    }

    private static GateDecision decideBy(WaveEvidence evidence, int looksUsed, List<MetricDecision> metrics) {
        List<MetricDecision> failed = metrics.stream()
                .filter(metric -> metric.verdict() == Verdict.FAIL)
                .toList();
        if (!failed.isEmpty()) {
            boolean guardrail =
                    failed.stream().allMatch(metric -> metric.metric().startsWith("guardrail-"));
            return decision(evidence, Verdict.FAIL, guardrail, reasons(failed), looksUsed, metrics);
        }
        List<MetricDecision> open = metrics.stream()
                .filter(metric -> metric.verdict() == Verdict.INCONCLUSIVE)
                .toList();
        if (evidence.now().isBefore(evidence.soakUntil())) {
            String until = evidence.soakUntil().equals(Instant.MAX)
                    ? "not soaking yet"
                    : "soaking until " + evidence.soakUntil();
            String why = open.isEmpty() ? until : until + "; " + reasons(open);
            return decision(evidence, Verdict.INCONCLUSIVE, false, why, looksUsed, metrics);
        }
        return open.isEmpty()
                ? decision(evidence, Verdict.PASS, false, reasons(metrics), looksUsed, metrics)
                : decision(evidence, Verdict.INCONCLUSIVE, false, reasons(open), looksUsed, metrics);
    }

    private static GateDecision decision(
            WaveEvidence evidence,
            Verdict verdict,
            boolean guardrail,
            String reason,
            int looksUsed,
            List<MetricDecision> metrics) {
        return new GateDecision(
                evidence.sequence(), evidence.wave(), evidence.now(), verdict, guardrail, reason, looksUsed, metrics);
    }

    private static String reasons(List<MetricDecision> metrics) {
        return metrics.stream()
                .map(metric -> metric.metric() + ": " + metric.reason())
                .collect(Collectors.joining("; "));
    }

    private static MetricDecision failures(WaveEvidence evidence, GatePolicy policy) {
        UpdateCounts counts = evidence.counts();
        int harmed = counts.failed() + counts.revertedAfterSuccess();
        return share("guardrail-failures", "failed or rolled back", harmed, counts, policy.maxFailureShare());
    }

    private static MetricDecision lost(WaveEvidence evidence, GatePolicy policy) {
        UpdateCounts counts = evidence.counts();
        return share("guardrail-lost", "lost", counts.lost(), counts, policy.maxLostShare());
    }

    private static MetricDecision share(String metric, String what, int harmed, UpdateCounts counts, double limit) {
        ShareGuardrail.Outcome outcome = ShareGuardrail.judge(harmed, counts.settled(), counts.size(), limit);
        String reason = text(
                "%d of %d settled updates %s (limit %s, p = %s)",
                harmed, counts.settled(), what, percent(limit), number(outcome.p()));
        Map<String, Double> figures = figures();
        figures.put("harmed", (double) harmed);
        figures.put("settled", (double) counts.settled());
        figures.put("planned-size", (double) outcome.plannedSize());
        figures.put("limit", limit);
        figures.put("chance", outcome.p());
        return new MetricDecision(metric, outcome.fired() ? Verdict.FAIL : Verdict.PASS, reason, figures);
    }

    private static MetricDecision integrity(WaveEvidence evidence) {
        int devices = evidence.counts().integrityFailures();
        Map<String, Double> figures = figures();
        figures.put("devices", (double) devices);
        return new MetricDecision(
                "guardrail-integrity",
                devices >= 3 ? Verdict.FAIL : Verdict.PASS,
                text("%d devices found the image corrupt (limit: fewer than 3)", devices),
                figures);
    }

    /**
     * Of the updated devices, those that have reported after settling and still report. One that returned so late that two settling times have not
     * passed has not had its chance to report and is left out of both counts.
     */
    private static MetricDecision coverage(WaveEvidence evidence, GatePolicy policy) {
        long now = evidence.now().toEpochMilli();
        long silentBefore = now - policy.silentAfter().toMillis();
        long young = evidence.canary().stream()
                .filter(row -> young(row, now, policy))
                .count();
        long returned = evidence.canary().stream()
                .filter(row -> row.entered() && !young(row, now, policy))
                .count();
        long reporting = evidence.canary().stream()
                .filter(row -> row.atRisk() && row.latestAt() >= silentBefore)
                .count();
        long updated = Math.max(Math.max(0, evidence.counts().succeeded() - young), returned);
        double covered = updated == 0 ? 0 : Math.min(1, (double) reporting / updated);
        Map<String, Double> figures = figures();
        figures.put("updated", (double) updated);
        figures.put("reporting", (double) reporting);
        figures.put("too-young", (double) young);
        figures.put("required", policy.coverage());
        return new MetricDecision(
                "coverage",
                updated > 0 && covered >= policy.coverage() ? Verdict.PASS : Verdict.INCONCLUSIVE,
                text("%d of %d updated devices report (%s required)", reporting, updated, percent(policy.coverage())),
                figures);
    }

    private static boolean young(MemberEvidence row, long now, GatePolicy policy) {
        return row.entered()
                && !row.atRisk()
                && now < row.indexAt() + 2 * policy.settle().toMillis();
    }

    private static MetricDecision crash(WaveEvidence evidence, GatePolicy policy, MetricRule rule) {
        double alpha = alphaOf(rule, policy.crashAlphaOf(evidence.wave()));
        double maxRatio = rule.maxRatio().orElse(policy.maxRatio());
        CrashTest.Outcome found = CrashTest.judge(
                seenBy(rule, evidence.canary()),
                seenBy(rule, evidence.control()),
                maxRatio,
                alpha,
                rule.margin().orElse(1.0),
                evidence.now().toEpochMilli(),
                policy.silentAfter());
        EProcess.Outcome process = found.process();
        Map<String, Double> figures = figures();
        figures.put("canary-events", (double) process.canaryEvents());
        figures.put("canaries", (double) process.canaries());
        figures.put("control-events", (double) process.controlEvents());
        figures.put("controls", (double) process.controls());
        figures.put("canary-hours", process.canaryHours());
        figures.put("control-hours", process.controlHours());
        figures.put("log-e", process.logE());
        figures.put("peak-log-e", process.peakLogE());
        figures.put("log-e-limit", -Math.log(alpha));
        figures.put("ratio-upper-95", found.ratioUpper());
        figures.put("max-ratio", maxRatio);
        figures.put("expected-events", found.expectedEvents());
        figures.put("events-needed", found.eventsNeeded());
        figures.put("judged-until", (double) found.judgedUntil());
        String counts = text(
                "%d of %d canaries against %d of %d controls",
                process.canaryEvents(), process.canaries(), process.controlEvents(), process.controls());
        if (found.failed()) {
            return new MetricDecision(
                    rule.id(),
                    Verdict.FAIL,
                    text("%s, E = %s >= %s", counts, exp(process.peakLogE()), number(1 / alpha)),
                    figures);
        }
        String e = text("%s, E = %s < %s", counts, exp(process.logE()), number(1 / alpha));
        if (!found.powerReached()) {
            return new MetricDecision(
                    rule.id(),
                    Verdict.INCONCLUSIVE,
                    text(
                            "%s, but %s of the %s expected crashes that would show a ratio of %s",
                            e, number(found.expectedEvents()), number(found.eventsNeeded()), number(maxRatio)),
                    figures);
        }
        long staleBefore = evidence.now().toEpochMilli() - policy.silentAfter().toMillis();
        if (found.judgedUntil() < staleBefore) {
            return new MetricDecision(
                    rule.id(),
                    Verdict.INCONCLUSIVE,
                    text("%s, but only up to %s", e, Instant.ofEpochMilli(found.judgedUntil())),
                    figures);
        }
        return new MetricDecision(
                rule.id(),
                Verdict.PASS,
                text("%s, ratio at most %s with 95 %%", e, number(found.ratioUpper())),
                figures);
    }

    private static double alphaOf(MetricRule rule, double policys) {
        return rule.alpha().orElse(policys);
    }

    private static List<MemberEvidence> seenBy(MetricRule rule, List<MemberEvidence> rows) {
        return rule.source().isEmpty()
                ? rows
                : rows.stream().map(row -> row.seenBy(rule.id())).toList();
    }

    private static MetricDecision battery(WaveEvidence evidence, GatePolicy policy, int due) {
        Map<String, Double> figures = figures();
        figures.put("looks-due", (double) due);
        figures.put("looks", (double) policy.looks());
        if (evidence.looksUsed() >= policy.looks()) {
            return new MetricDecision(
                    "battery",
                    Verdict.PASS,
                    text("all %d planned looks are taken and none failed", policy.looks()),
                    figures);
        }
        if (due <= evidence.looksUsed()) {
            return new MetricDecision(
                    "battery",
                    Verdict.INCONCLUSIVE,
                    text("look %d of %d is not due yet", evidence.looksUsed() + 1, policy.looks()),
                    figures);
        }
        double alpha = alphaOf(policy.ruleOf("battery"), policy.driftAlphaOf(evidence.wave()));
        DriftTest.Outcome found = DriftTest.judge(evidence.canary(), evidence.control(), due, policy, alpha);
        figures.put("canaries", (double) found.canaries());
        figures.put("controls", (double) found.controls());
        if (!found.enough()) {
            return new MetricDecision(
                    "battery",
                    Verdict.INCONCLUSIVE,
                    text(
                            "look %d of %d waits for devices: %d canaries and %d controls are metered before and after (%d each required)",
                            due, policy.looks(), found.canaries(), found.controls(), policy.minPerArm()),
                    figures);
        }
        figures.put("p", found.p());
        figures.put("alpha", alpha / policy.looks());
        figures.put("shift", found.shift());
        figures.put("min-drift", policy.minDrift());
        String reason = text(
                "look %d of %d: %d canaries draw %s against %d controls, p = %s (fails at %s or more with p <= %s)",
                due,
                policy.looks(),
                found.canaries(),
                change(Math.expm1(found.shift())),
                found.controls(),
                number(found.p()),
                change(policy.minDrift()),
                number(alpha / policy.looks()));
        Verdict verdict = found.failed() ? Verdict.FAIL : due < policy.looks() ? Verdict.INCONCLUSIVE : Verdict.PASS;
        return new MetricDecision("battery", verdict, reason, figures);
    }

    /**
     * FAIL when canaries fall silent first and more, by the e-process. PASS is also withheld, by Fisher's test, when more canaries than controls are
     * silent now: whom that hides is not known; and when the control arm itself has gone quiet.
     */
    private static MetricDecision silence(WaveEvidence evidence, GatePolicy policy) {
        MetricRule rule = policy.ruleOf("silence");
        double alpha = alphaOf(rule, policy.crashAlphaOf(evidence.wave()));
        long now = evidence.now().toEpochMilli();
        EProcess.Outcome process = SilenceTest.judge(
                evidence.canary(), evidence.control(), rule.margin().orElse(1.0), now);
        int[] canary = silent(evidence.canary(), now, policy);
        int[] control = silent(evidence.control(), now, policy);
        Map<String, Double> figures = figures();
        figures.put("canary-events", (double) process.canaryEvents());
        figures.put("control-events", (double) process.controlEvents());
        figures.put("log-e", process.logE());
        figures.put("peak-log-e", process.peakLogE());
        figures.put("log-e-limit", -Math.log(alpha));
        figures.put("canary-silent", (double) canary[0]);
        figures.put("canaries", (double) canary[1]);
        figures.put("control-silent", (double) control[0]);
        figures.put("controls", (double) control[1]);
        if (process.reached(alpha)) {
            return new MetricDecision(
                    "silence",
                    Verdict.FAIL,
                    text(
                            "%d of %d canaries fell silent against %d of %d controls, E = %s >= %s",
                            process.canaryEvents(),
                            process.canaries(),
                            process.controlEvents(),
                            process.controls(),
                            exp(process.peakLogE()),
                            number(1 / alpha)),
                    figures);
        }
        if (canary[1] == 0 || control[1] == 0) {
            return new MetricDecision(
                    "silence",
                    Verdict.INCONCLUSIVE,
                    text("%d canaries and %d controls were alive at their index", canary[1], control[1]),
                    figures);
        }
        double p = FisherExactTest.withDefaults()
                .with(AlternativeHypothesis.GREATER_THAN)
                .test(new int[][] {
                    {canary[0], canary[1] - canary[0]},
                    {control[0], control[1] - control[0]}
                })
                .getPValue();
        figures.put("chance", p);
        boolean stale = control[1] - control[0] < policy.coverage() * control[1];
        String reason = text(
                "%d of %d canaries and %d of %d controls silent now, p = %s",
                canary[0], canary[1], control[0], control[1], number(p));
        return new MetricDecision(
                "silence",
                p <= alpha || stale ? Verdict.INCONCLUSIVE : Verdict.PASS,
                stale ? reason + ": the control arm is stale" : reason,
                figures);
    }

    /** Silent devices, and those they are counted among. */
    private static int[] silent(List<MemberEvidence> rows, long now, GatePolicy policy) {
        long usual = policy.silentAfter().toMillis();
        int silent = 0;
        int all = 0;
        for (MemberEvidence row : rows) {
            long limit = row.silentAfterMs(usual);
            boolean aliveAtIndex = row.arm() == Arm.CANARY || row.latestAt() >= row.indexAt() - limit;
            if (row.entered() && aliveAtIndex) {
                all++;
                if (Math.max(row.latestAt(), row.indexAt()) < now - limit) {
                    silent++;
                }
            }
        }
        return new int[] {silent, all};
    }

    private static Map<String, Double> figures() {
        return new LinkedHashMap<>();
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String percent(double share) {
        return number(share * 100) + " %";
    }

    private static String change(double share) {
        return (share < 0 ? "-" : "+") + text("%.1f %%", Math.abs(share) * 100);
    }

    private static String exp(double log) {
        return log < 690 ? number(Math.exp(log)) : text("10^%.0f", log / Math.log(10));
    }

    /** Two or three figures, for people. */
    static String number(double value) {
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            return Double.isNaN(value) ? "unknown" : "unbounded";
        }
        if (value == Math.rint(value) && Math.abs(value) < 100_000) {
            return text("%.0f", value);
        }
        double size = Math.abs(value);
        if (size >= 100_000 || size < 0.001) {
            return text("%.1e", value);
        }
        return size >= 10 ? text("%.1f", value) : size >= 0.1 ? text("%.2f", value) : text("%.4f", value);
    }
}
