package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.gate.MetricRule.Role;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.telemetry.Metric;

class MetricRuleTest {
    private static final long MINUTE = 60_000;
    private static final long T0 = 1_000_000 * MINUTE;
    private static final MetricRule BOOTS = rule("boots", Metric.BOOT_COUNT, Role.CRITICAL);

    private static MetricRule rule(String id, Metric source, Role role) {
        return new MetricRule(id, Optional.of(source), role, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static MetricRule onCrash(Role role, double margin) {
        return new MetricRule("crash", Optional.empty(), role, Optional.empty(), Optional.of(margin), Optional.empty());
    }

    private static GatePolicy policy(MetricRule... rules) {
        GatePolicy d = GatePolicy.DEFAULT;
        return new GatePolicy(
                d.preWindow(),
                d.soak(),
                d.soakMax(),
                d.settle(),
                d.coverage(),
                d.maxRatio(),
                d.crashAlpha(),
                d.driftAlpha(),
                d.laterAlpha(),
                d.minDrift(),
                d.looks(),
                d.minPerArm(),
                d.maxFailureShare(),
                d.maxLostShare(),
                d.guardrailKills(),
                List.of(rules));
    }

    /** Thirty canaries and sixty controls over two hours; of the canaries twelve crash or boot, of the controls one does. */
    private static GateDecision judged(GatePolicy policy, Metric what) {
        List<Endpoint> canary = names("canary", 30);
        List<Endpoint> control = names("control", 60);
        EvidenceBook book = new EvidenceBook(0, canary, control, policy);
        HealthTrack track = new HealthTrack(policy.preWindow());
        canary.forEach(name -> book.returned(name, T0, track));
        book.pairControls(name -> Optional.of(track));
        for (int half = 1; half <= 4; half++) {
            for (List<Endpoint> arm : List.of(canary, control)) {
                for (int i = 0; i < arm.size(); i++) {
                    boolean hit = half > 2 && i < (arm == canary ? 12 : 1);
                    Instant at = Instant.ofEpochMilli(T0 + half * 30L * MINUTE + i);
                    book.note(new HealthReport(
                            arm.get(i),
                            at,
                            at,
                            Map.of(
                                    Metric.CRASH_COUNT,
                                    hit && what == Metric.CRASH_COUNT ? 1.0 : 0.0,
                                    Metric.BOOT_COUNT,
                                    hit && what == Metric.BOOT_COUNT ? 8.0 : 7.0)));
                }
            }
        }
        Instant from = Instant.ofEpochMilli(T0);
        return Gate.judge(
                book.evidence(
                        1,
                        Instant.ofEpochMilli(T0 + 2 * 60 * MINUTE + MINUTE),
                        from,
                        from.plus(policy.soak()),
                        0,
                        new UpdateCounts(30, 30, 30, 30, 0, 0, 0, 0)),
                policy,
                true);
    }

    private static List<Endpoint> names(String arm, int count) {
        List<Endpoint> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(new Endpoint(arm + "-" + i));
        }
        return names;
    }

    private static MetricDecision metric(GateDecision decision, String name) {
        return decision.metrics().stream()
                .filter(metric -> metric.metric().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void without_rules_boots_are_nobodys_evidence() {
        assertThat(judged(policy(), Metric.BOOT_COUNT).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judged(policy(), Metric.CRASH_COUNT).verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void first_growth_of_another_counter_fails_a_gate_that_names_it() {
        GateDecision decision = judged(policy(BOOTS), Metric.BOOT_COUNT);

        assertThat(decision.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(decision.guardrail()).isFalse();
        assertThat(decision.reason()).startsWith("boots: 12 of 30 canaries against 1 of 60 controls");
        assertThat(metric(decision, "crash").verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void what_is_only_required_withholds_the_pass_and_kills_nothing() {
        GateDecision decision = judged(policy(rule("boots", Metric.BOOT_COUNT, Role.REQUIRED)), Metric.BOOT_COUNT);

        assertThat(decision.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(metric(decision, "boots").verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void a_shadow_says_what_it_would_and_decides_nothing() {
        GateDecision with = judged(policy(rule("boots", Metric.BOOT_COUNT, Role.SHADOW)), Metric.BOOT_COUNT);
        GateDecision without = judged(policy(), Metric.BOOT_COUNT);

        assertThat(metric(with, "shadow-boots").verdict()).isEqualTo(Verdict.FAIL);
        assertThat(with.verdict()).isEqualTo(without.verdict());
        assertThat(with.reason()).isEqualTo(without.reason());
    }

    @Test
    void a_metric_each_gate_has_can_be_made_a_shadow_or_given_a_margin() {
        assertThat(judged(policy(onCrash(Role.SHADOW, 1)), Metric.CRASH_COUNT).verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judged(policy(onCrash(Role.CRITICAL, 1)), Metric.CRASH_COUNT).verdict())
                .isEqualTo(Verdict.FAIL);
        assertThat(judged(policy(onCrash(Role.CRITICAL, 20)), Metric.CRASH_COUNT)
                        .verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void terms_that_mean_nothing_are_refused_by_name() {
        assertThatThrownBy(() -> rule("crash", Metric.BOOT_COUNT, Role.CRITICAL))
                .hasMessageContaining("metric crash source: boot-count");
        assertThatThrownBy(() -> rule("heat", Metric.BATTERY_PERCENT, Role.CRITICAL))
                .hasMessageContaining("crash-count or boot-count");
        assertThatThrownBy(() -> rule("guardrail-lost", Metric.BOOT_COUNT, Role.CRITICAL))
                .hasMessageContaining("guardrail-lost");
        assertThatThrownBy(() -> onCrash(Role.CRITICAL, 0.5)).hasMessageContaining("margin: 0.5");
        assertThatThrownBy(() -> policy(BOOTS, BOOTS)).hasMessageContaining("each once");
    }
}
