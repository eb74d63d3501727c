package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;

/** The verdict table: each test starts from a wave that passes and changes one thing. */
class GateTest {
    private static final long HOUR = 3_600_000;
    private static final long T0 = 1000 * HOUR;
    private static final GatePolicy POLICY = new GatePolicy(
            Duration.ofHours(24),
            Duration.ofHours(24),
            Duration.ofHours(72),
            Duration.ofMinutes(30),
            0.9,
            10,
            0.01,
            0.01,
            0.002,
            0.15,
            4,
            15,
            0.05,
            0.01,
            false);

    private long now = T0 + 24 * HOUR;
    private int looksUsed = 3;
    private UpdateCounts counts = new UpdateCounts(25, 25, 25, 25, 0, 0, 0, 0);
    private List<MemberEvidence> canary = arm(Arm.CANARY, 25, 2, 1.0);
    private List<MemberEvidence> control = arm(Arm.CONTROL, 225, 22, 1.0);

    @Test
    void a_healthy_wave_passes_at_the_end_of_its_soak() {
        GateDecision decision = judge();

        assertThat(decision.verdict()).as(decision.reason()).isEqualTo(Verdict.PASS);
        assertThat(decision.looksUsed()).isEqualTo(4);
        assertThat(decision.metrics())
                .extracting(MetricDecision::metric)
                .containsExactly(
                        "guardrail-failures",
                        "guardrail-lost",
                        "guardrail-integrity",
                        "coverage",
                        "crash",
                        "battery",
                        "silence");
        assertThat(decision.reason()).contains("crash: 2 of 25 canaries against 22 of 225 controls, E = ");
    }

    @Test
    void nothing_passes_a_millisecond_early() {
        now = T0 + 24 * HOUR - 1;
        looksUsed = 3;

        assertThat(judge().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judge().reason()).startsWith("soaking until 1970-02-12T16:00:00Z");
        assertThat(judge().looksUsed()).isEqualTo(3);
    }

    @Test
    void crashes_fail_before_the_soak_is_over_and_say_by_how_much() {
        now = T0 + 12 * HOUR;
        canary = arm(Arm.CANARY, 25, 19, 1.0);
        control = arm(Arm.CONTROL, 225, 3, 1.0);
        GateDecision decision = judge();

        assertThat(decision.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(decision.guardrail()).isFalse();
        assertThat(decision.reason())
                .matches("crash: 19 of 25 canaries against 3 of 225 controls, E = \\d\\.\\de\\+\\d+ >= 100");
    }

    @Test
    void a_drain_of_thirty_percent_fails_at_its_look_only() {
        canary = arm(Arm.CANARY, 25, 2, 1.3);
        now = T0 + 12 * HOUR;
        looksUsed = 1;
        GateDecision decision = judge();
        assertThat(decision.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(decision.looksUsed()).isEqualTo(2);
        assertThat(decision.reason())
                .startsWith("battery: look 2 of 4: 25 canaries draw +29.7 % against 225 controls, p = ");

        looksUsed = 2;
        assertThat(judge().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judge().looksUsed()).isEqualTo(2);
    }

    @Test
    void a_look_without_enough_devices_is_not_spent_and_withholds_pass() {
        canary = change(canary, 0, 11, row -> row.entering(row.indexAt(), Double.NaN));
        GateDecision decision = judge();

        assertThat(decision.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(decision.looksUsed()).isEqualTo(3);
        assertThat(decision.reason())
                .isEqualTo(
                        "battery: look 4 of 4 waits for devices: 14 canaries and 225 controls are metered before and after (15 each required)");
    }

    @Test
    void an_extended_soak_passes_without_another_look() {
        now = T0 + 30 * HOUR;
        looksUsed = 4;

        assertThat(judge().verdict()).as(judge().reason()).isEqualTo(Verdict.PASS);
        assertThat(judge().looksUsed()).isEqualTo(4);
    }

    @Test
    void quiet_is_not_proof() {
        canary = arm(Arm.CANARY, 25, 0, 1.0);
        control = arm(Arm.CONTROL, 225, 0, 1.0);

        assertThat(judge().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judge().reason())
                .isEqualTo(
                        "crash: 0 of 25 canaries against 0 of 225 controls, E = 1 < 100, but 0 of the 0.80 expected crashes that would show a ratio of 10");
    }

    @Test
    void too_few_reporting_devices_are_inconclusive() {
        canary = change(canary, 20, 25, row -> MemberEvidence.joining(row.endpoint(), Arm.CANARY)
                .entering(T0 - HOUR, 5));

        assertThat(judge().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judge().reason()).contains("coverage: 20 of 25 updated devices report (90 % required)");
    }

    @Test
    void devices_back_for_less_than_two_settling_times_are_not_missed() {
        canary = change(canary, 20, 25, row -> MemberEvidence.joining(row.endpoint(), Arm.CANARY)
                .entering(now - HOUR / 2, 5));

        assertThat(judge().verdict()).as(judge().reason()).isEqualTo(Verdict.PASS);
    }

    @Test
    void devices_that_reverted_do_not_stand_in_for_updated_ones_that_are_missing() {
        counts = new UpdateCounts(25, 25, 25, 10, 0, 0, 0, 0);
        canary = change(canary, 10, 25, row -> MemberEvidence.joining(row.endpoint(), Arm.CANARY)
                .entering(T0 - HOUR, 5));

        assertThat(judge().metrics().get(3).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void old_reports_are_no_coverage() {
        canary = change(canary, 0, 25, GateTest::silentForSevenHours);

        assertThat(judge().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judge().reason()).contains("coverage: 0 of 25 updated devices report");
    }

    @Test
    void a_control_arm_gone_stale_is_inconclusive() {
        control = change(control, 0, 60, GateTest::silentForSevenHours);

        assertThat(judge().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judge().reason()).contains("60 of 225 controls silent now").contains("the control arm is stale");
    }

    @Test
    void canaries_silent_more_often_than_controls_are_inconclusive_though_coverage_holds() {
        GatePolicy loose = new GatePolicy(
                POLICY.preWindow(),
                POLICY.soak(),
                POLICY.soakMax(),
                POLICY.settle(),
                0.5,
                10,
                0.01,
                0.01,
                0.002,
                0.15,
                4,
                15,
                0.05,
                0.01,
                false);
        canary = change(canary, 15, 25, GateTest::silentForSevenHours);
        GateDecision decision = Gate.judge(evidence(), loose, true);

        assertThat(decision.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(decision.reason()).startsWith("silence: 10 of 25 canaries and 0 of 225 controls silent now, p = ");
    }

    @Test
    void canaries_that_fall_silent_one_after_the_other_fail() {
        now = T0 + 12 * HOUR;
        for (int i = 0; i < 5; i++) {
            int rank = 10 + i;
            canary = change(canary, rank, rank + 1, row -> row.silent(T0 + 7 * HOUR + rank));
        }

        assertThat(judge().verdict()).isEqualTo(Verdict.FAIL);
        assertThat(judge().guardrail()).isFalse();
        assertThat(judge().reason())
                .matches("silence: 5 of 25 canaries fell silent against 0 of 225 controls, E = [\\d.]+ >= 100");
    }

    @Test
    void a_wave_that_does_not_soak_yet_can_only_fail() {
        GateDecision decision = Gate.judge(
                new WaveEvidence(
                        42, 0, Instant.ofEpochMilli(now), Instant.MAX, Instant.MAX, 0, counts, canary, control),
                POLICY,
                true);

        assertThat(decision.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(decision.reason()).startsWith("not soaking yet; battery: look 1 of 4 is not due yet");
        assertThat(decision.looksUsed()).isZero();
    }

    @Test
    void guardrails_fail_as_guardrails() {
        counts = new UpdateCounts(25, 25, 25, 18, 7, 0, 0, 0);
        assertThat(judge().verdict()).isEqualTo(Verdict.FAIL);
        assertThat(judge().guardrail()).isTrue();
        assertThat(judge().reason())
                .isEqualTo(
                        "guardrail-failures: 7 of 25 settled updates failed or rolled back (limit 5 %, p = 1.7e-04)");

        counts = new UpdateCounts(25, 25, 25, 20, 5, 0, 2, 0);
        assertThat(judge().verdict()).isEqualTo(Verdict.FAIL);

        counts = new UpdateCounts(25, 25, 25, 21, 0, 4, 0, 0);
        assertThat(judge().reason()).startsWith("guardrail-lost: 4 of 25 settled updates lost (limit 1 %");

        counts = new UpdateCounts(25, 25, 25, 25, 0, 0, 0, 3);
        assertThat(judge().reason())
                .isEqualTo("guardrail-integrity: 3 devices found the image corrupt (limit: fewer than 3)");
    }

    @Test
    void a_metric_that_fails_beside_a_guardrail_is_the_firmwares_fault() {
        canary = arm(Arm.CANARY, 25, 19, 1.0);
        counts = new UpdateCounts(25, 25, 25, 0, 25, 0, 0, 0);

        assertThat(judge().guardrail()).isFalse();
        assertThat(judge().reason()).contains("guardrail-failures: 25 of 25").contains("crash: 19 of 25");
    }

    @Test
    void the_last_wave_needs_coverage_and_soak_but_no_control() {
        control = List.of();
        assertThat(Gate.judge(evidence(), POLICY, false).verdict()).isEqualTo(Verdict.PASS);
        assertThat(Gate.judge(evidence(), POLICY, false).looksUsed()).isEqualTo(3);

        canary = change(canary, 0, 5, row -> MemberEvidence.joining(row.endpoint(), Arm.CANARY)
                .entering(T0, 5));
        assertThat(Gate.judge(evidence(), POLICY, false).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void a_control_arm_of_nobody_never_passes() {
        control = List.of();

        assertThat(judge().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void a_wave_without_evidence_never_passes() {
        canary = List.of();
        control = List.of();
        counts = new UpdateCounts(25, 25, 25, 25, 0, 0, 0, 0);

        assertThat(judge().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(Gate.judge(evidence(), POLICY, false).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void the_same_evidence_gives_the_same_decision() {
        assertThat(judge()).isEqualTo(judge());
    }

    private GateDecision judge() {
        return Gate.judge(evidence(), POLICY, true);
    }

    private WaveEvidence evidence() {
        Instant from = Instant.ofEpochMilli(T0);
        return new WaveEvidence(
                42, 0, Instant.ofEpochMilli(now), from, from.plus(POLICY.soak()), looksUsed, counts, canary, control);
    }

    private static List<MemberEvidence> change(
            List<MemberEvidence> rows, int from, int to, UnaryOperator<MemberEvidence> change) {
        List<MemberEvidence> changed = new ArrayList<>(rows);
        for (int i = from; i < to; i++) {
            changed.set(i, change.apply(rows.get(i)));
        }
        return changed;
    }

    private static MemberEvidence silentForSevenHours(MemberEvidence row) {
        long at = row.latestAt() - 7 * HOUR;
        return row.latest(at, at, row.latestEnergy() - 7 * 5);
    }

    /** Devices that drew 5 mAh an hour and now so many times that; the first few crash in the first ten hours. Heard of until long past any look. */
    private static List<MemberEvidence> arm(Arm arm, int devices, int crashes, double draw) {
        List<MemberEvidence> rows = new ArrayList<>();
        long latest = T0 + 24 * HOUR;
        for (int i = 0; i < devices; i++) {
            double noise = 1 + 0.001 * Math.sin(i);
            rows.add(new MemberEvidence(
                    new Endpoint(arm + "-" + i),
                    arm,
                    T0 - HOUR / 2,
                    5,
                    T0,
                    0,
                    i < crashes ? T0 + HOUR + i * 9L * HOUR / Math.max(1, crashes) : 0,
                    0,
                    T0,
                    100,
                    latest,
                    latest,
                    100 + 24 * 5 * draw * noise));
        }
        return rows;
    }
}
