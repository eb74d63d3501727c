package wavegate.server.bench.gate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import wavegate.firmware.gate.Verdict;
import wavegate.server.bench.BenchResult;

/**
 * How the gate did, and the rules beside it on the same reports.
 *
 * @param equal both arms run the same firmware: whatever is stopped is stopped falsely
 * @param enough three times the crash rate at the events said to give power 0.8; {@code tooFew} at fewer
 * @param bricked a tenth of the canaries are never heard again, under the trouble of {@code equal}
 * @param crashes one study for each ratio of crash rates, {@code drifts} for each rise in use, under the trouble of {@code equal}
 */
public record GateReport(
        GatePlan plan,
        GateStudy equal,
        GateStudy enough,
        GateStudy tooFew,
        GateStudy bricked,
        List<GateStudy> crashes,
        List<GateStudy> drifts)
        implements BenchResult {
    static final double FALSE_STOPS = 0.01;
    static final double POWER_ENOUGH = 0.78;
    static final double POWER_TOO_FEW = 0.60;
    static final double POWER_BRICKED = 0.80;

    private static final List<String> CRASH_RULES = List.of(
            "crash", CommonRules.TEST_DEVICES, CommonRules.TEST_CRASHES, CommonRules.TWICE, CommonRules.ONE_PERCENT);
    private static final List<String> USE_RULES = List.of("battery", CommonRules.TEST_USE, CommonRules.MEAN);
    private static final String LINE = "%-29s %9s   ";

    public GateReport {
        crashes = List.copyOf(crashes);
        drifts = List.copyOf(drifts);
    }

    /** One line for each goal. */
    List<String> goals() {
        return List.of(
                atMost("false stops, crash, judged at every event", equal.stopped("crash")),
                atMost("false stops, battery, 4 looks", equal.stopped("battery")),
                atMost("false stops, silence", equal.stopped("silence")),
                atLeast("3x found at 7.4 expected events", enough.stopped("crash"), POWER_ENOUGH),
                atLeast("3x found at 5.5 expected events", tooFew.stopped("crash"), POWER_TOO_FEW),
                atLeast("a tenth of the canaries bricked, found", bricked.stopped("silence"), POWER_BRICKED));
    }

    public boolean met() {
        return equal.stopped("crash") <= FALSE_STOPS
                && equal.stopped("battery") <= FALSE_STOPS
                && equal.stopped("silence") <= FALSE_STOPS
                && bricked.stopped("silence") >= POWER_BRICKED
                && enough.stopped("crash") >= POWER_ENOUGH
                && tooFew.stopped("crash") >= POWER_TOO_FEW;
    }

    private static String atMost(String what, double share) {
        return line(what, share, "<= " + percent(FALSE_STOPS), share <= FALSE_STOPS);
    }

    private static String atLeast(String what, double share, double goal) {
        return line(what, share, ">= " + percent(goal), share >= goal);
    }

    private static String line(String what, double share, String goal, boolean met) {
        return String.format(
                Locale.ROOT, "%-44s %8s (goal: %s): %s", what, percent(share), goal, met ? "met" : "not met");
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    @Override
    public String table() {
        StringBuilder text = new StringBuilder();
        GateScenario trouble = equal.scenario();
        text.append(String.format(
                Locale.ROOT,
                "%nSimulated campaigns, seeds from %d: %,d with equal firmware, %,d for each effect. %d canaries against %d controls, %.0f crashes%n"
                        + "of healthy canaries expected in a day. Crash rates differ (gamma, shape 1), crashes come in loops, crashed devices go%n"
                        + "silent, a power cut makes a tenth of both arms crash, the network is away for hours and all comes at once, one arm%n"
                        + "reports %d times as seldom, reports are lost, doubled and late.%n%n",
                plan.seed(),
                plan.equal(),
                plan.effects(),
                trouble.canaries(),
                trouble.controls(),
                trouble.expectedEvents(),
                trouble.slower()));
        section(text, "crash", CRASH_RULES, crashes);
        section(text, "battery", USE_RULES, drifts);
        text.append(String.format(
                Locale.ROOT,
                "3x crashes, %,d canaries alike, no trouble: found %s of the time at 7.4 expected events (median %.1f h, p90 %.1f h),%n"
                        + "%s at 5.5 (median %.1f h, p90 %.1f h).%n",
                enough.scenario().canaries(),
                percent(enough.stopped("crash")),
                enough.delay("crash", 0.5),
                enough.delay("crash", 0.9),
                percent(tooFew.stopped("crash")),
                tooFew.delay("crash", 0.5),
                tooFew.delay("crash", 0.9)));
        text.append(String.format(
                Locale.ROOT,
                "A tenth of the canaries bricked within 12 h: found by silence %s of the time (median %.1f h, p90 %.1f h).%n",
                percent(bricked.stopped("silence")),
                bricked.delay("silence", 0.5),
                bricked.delay("silence", 0.9)));
        text.append(String.format(
                Locale.ROOT,
                "With equal firmware the whole gate said PASS %s, FAIL %s (silence %s), INCONCLUSIVE %s at the end of the soak.%n%n",
                percent(equal.ended(Verdict.PASS)),
                percent(equal.ended(Verdict.FAIL)),
                percent(equal.stopped("silence")),
                percent(equal.ended(Verdict.INCONCLUSIVE))));
        goals().forEach(goal -> text.append(goal).append(System.lineSeparator()));
        return text.toString();
    }

    /** One row for each rule; for each effect how often it was found, after how long, and how many devices had it by then. */
    private void section(StringBuilder text, String metric, List<String> rules, List<GateStudy> studies) {
        text.append(String.format(LINE, metric, "false"));
        studies.forEach(study -> text.append(String.format("%-21s", study.name())));
        text.append(String.format("%n" + LINE, "", "stops"));
        studies.forEach(study -> text.append(String.format("%-21s", "found med/p90 h  dev")));
        text.append(System.lineSeparator());
        for (String rule : rules) {
            text.append(String.format(LINE, rule.equals(metric) ? "this gate" : rule, percent(equal.stopped(rule))));
            for (GateStudy study : studies) {
                text.append(String.format(
                        Locale.ROOT,
                        "%4.0f %% %4.1f/%-4.1f %4.0f ",
                        study.stopped(rule) * 100,
                        study.delay(rule, 0.5),
                        study.delay(rule, 0.9),
                        study.exposed(rule)));
            }
            text.append(System.lineSeparator());
        }
        text.append(System.lineSeparator());
    }

    @Override
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("equalCampaigns", plan.equal())
                .put("campaignsPerEffect", plan.effects())
                .put("seed", plan.seed())
                .put("met", met());
        goals().forEach(root.putArray("goals")::add);
        List<String> all = new ArrayList<>(CRASH_RULES);
        all.addAll(USE_RULES);
        all.add("silence");
        ArrayNode studies = root.putArray("studies");
        write(studies, equal, all);
        write(studies, enough, List.of("crash"));
        write(studies, tooFew, List.of("crash"));
        write(studies, bricked, List.of("silence"));
        crashes.forEach(study -> write(studies, study, CRASH_RULES));
        drifts.forEach(study -> write(studies, study, USE_RULES));
        return root;
    }

    private static void write(ArrayNode list, GateStudy study, List<String> rules) {
        ObjectNode node = list.addObject()
                .put("name", study.name())
                .put("campaigns", study.outcomes().size())
                .put("canaries", study.scenario().canaries())
                .put("controls", study.scenario().controls())
                .put("expectedEvents", study.scenario().expectedEvents())
                .put("crashRatio", study.scenario().crashes())
                .put("drift", study.scenario().drift())
                .put("pass", study.ended(Verdict.PASS))
                .put("fail", study.ended(Verdict.FAIL))
                .put("inconclusive", study.ended(Verdict.INCONCLUSIVE));
        ArrayNode found = node.putArray("rules");
        for (String rule : rules) {
            ObjectNode row = found.addObject()
                    .put("rule", rule)
                    .put("stopped", study.stopped(rule))
                    .put("meanExposed", study.exposed(rule));
            if (study.stopped(rule) > 0) {
                row.put("medianHours", study.delay(rule, 0.5)).put("p90Hours", study.delay(rule, 0.9));
            }
        }
    }
}
