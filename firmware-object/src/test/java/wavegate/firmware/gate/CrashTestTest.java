package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;

/** Values computed by hand (and by a second program) from the formula of the class's javadoc. */
class CrashTestTest {
    private static final long HOUR = 3_600_000;
    private static final long T0 = 1000 * HOUR;
    private static final long NOW = T0 + 10 * HOUR;

    @Test
    void without_events_e_is_one_and_nothing_is_shown() {
        CrashTest.Outcome found = judge(arm(Arm.CANARY, 10), arm(Arm.CONTROL, 90));

        assertThat(found.process().logE()).isZero();
        assertThat(found.failed()).isFalse();
        assertThat(found.ratioUpper()).isInfinite();
        assertThat(found.powerReached()).isFalse();
        assertThat(found.process().canaryHours()).isEqualTo(100);
        assertThat(found.process().controlHours()).isEqualTo(900);
    }

    @Test
    void four_canaries_of_ten_crash_and_none_of_ninety_controls() {
        CrashTest.Outcome found = judge(arm(Arm.CANARY, 10, 1, 2, 3, 4), arm(Arm.CONTROL, 90));

        assertThat(Math.exp(found.process().logE())).isCloseTo(157.78863289178673, within(1e-6));
        assertThat(found.failed()).isTrue();
    }

    @Test
    void three_canaries_of_ten_are_not_enough() {
        CrashTest.Outcome found = judge(arm(Arm.CANARY, 10, 1, 2, 3), arm(Arm.CONTROL, 90));

        assertThat(Math.exp(found.process().logE())).isCloseTo(34.123617162321615, within(1e-6));
        assertThat(found.failed()).isFalse();
    }

    @Test
    void control_crashes_take_evidence_back_but_the_peak_stays() {
        CrashTest.Outcome found =
                judge(arm(Arm.CANARY, 10, 1, 2, 3), arm(Arm.CONTROL, 90, 4, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7));

        assertThat(Math.exp(found.process().logE())).isCloseTo(4.44306301593876, within(1e-6));
        assertThat(Math.exp(found.process().peakLogE())).isCloseTo(34.123617162321615, within(1e-6));
    }

    @Test
    void at_equal_times_the_control_comes_first() {
        CrashTest.Outcome found = judge(arm(Arm.CANARY, 2, 5), arm(Arm.CONTROL, 2, 5));

        assertThat(Math.exp(found.process().logE())).isCloseTo(0.6318831168831169, within(1e-9));
        assertThat(found.process().peakLogE()).isZero();
    }

    @Test
    void the_order_of_the_rows_does_not_matter() {
        List<MemberEvidence> canary = arm(Arm.CANARY, 20, 1, 2, 2, 7);
        List<MemberEvidence> control = arm(Arm.CONTROL, 60, 0.5, 2, 8);
        CrashTest.Outcome sorted = judge(canary, control);
        for (int seed = 0; seed < 20; seed++) {
            List<MemberEvidence> shuffled = new ArrayList<>(canary);
            List<MemberEvidence> others = new ArrayList<>(control);
            Collections.shuffle(shuffled, new Random(seed));
            Collections.shuffle(others, new Random(seed));

            assertThat(judge(shuffled, others)).isEqualTo(sorted);
        }
    }

    @Test
    void events_past_the_watermark_of_the_slower_arm_wait() {
        List<MemberEvidence> canary = arm(Arm.CANARY, 10, 1, 2, 3, 4);
        List<MemberEvidence> slow = arm(Arm.CONTROL, 90).stream()
                .map(row -> row.latest(T0 + 150 * HOUR / 60, 0, 0))
                .toList();
        CrashTest.Outcome found = CrashTest.judge(canary, slow, 3, 0.01, NOW, Duration.ofHours(9));

        assertThat(found.process().canaryEvents()).isEqualTo(2);
        assertThat(found.judgedUntil()).isEqualTo(T0 + 150 * HOUR / 60);
        assertThat(found.failed()).isFalse();
    }

    @Test
    void silent_devices_hold_nobody_up_and_count_only_as_long_as_they_spoke() {
        List<MemberEvidence> control = new ArrayList<>(arm(Arm.CONTROL, 90));
        for (int i = 0; i < 40; i++) {
            control.set(i, control.get(i).latest(T0 + HOUR, 0, 0));
        }
        CrashTest.Outcome found = judge(arm(Arm.CANARY, 10, 1, 2, 3, 4), control);

        assertThat(found.judgedUntil()).isEqualTo(NOW);
        assertThat(found.process().controlHours()).isEqualTo(50 * 10 + 40);
        assertThat(found.process().canaryEvents()).isEqualTo(4);
    }

    @Test
    void a_wave_whose_canaries_crash_and_fall_silent_for_good_still_fails() {
        List<MemberEvidence> dead = arm(Arm.CANARY, 10, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9).stream()
                .map(row -> row.latest(row.firstCrashAt(), 0, 0))
                .toList();

        assertThat(judge(dead, arm(Arm.CONTROL, 90)).failed()).isTrue();
    }

    @Test
    void devices_not_yet_at_risk_do_not_count() {
        List<MemberEvidence> control = new ArrayList<>(arm(Arm.CONTROL, 90));
        control.add(MemberEvidence.joining(new Endpoint("late"), Arm.CONTROL).entering(T0, 1));

        assertThat(judge(arm(Arm.CANARY, 10), control).process().controls()).isEqualTo(90);
    }

    @Test
    void survivors_are_compared_with_those_still_at_risk() {
        // Nine of ten canaries have crashed: the tenth's crash against 90 controls at risk is worth more than the
        // first's was.
        CrashTest.Outcome found = judge(arm(Arm.CANARY, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.5), arm(Arm.CONTROL, 90));

        assertThat(found.process().canaryHours()).isCloseTo(1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 9.5, within(1e-9));
        assertThat(found.process().logE()).isGreaterThan(10 * Math.log(10) - 10 * Math.log1p(0.1 * 9) - Math.log(5));
    }

    @Test
    void the_upper_bound_of_the_ratio_is_the_conditional_one() {
        // 2 against 20 events, 100 against 900 hours: BetaInv(0.95; 3, 20) = 0.2594665... by SciPy.
        CrashTest.Outcome found = judge(arm(Arm.CANARY, 10, 10, 10), arm(Arm.CONTROL, 90, tens(20)));

        assertThat(found.ratioUpper()).isCloseTo(BETA_3_20 / (1 - BETA_3_20) * 9, within(1e-6));
        assertThat(found.expectedEvents()).isCloseTo(20 / 900.0 * 100, within(1e-9));
    }

    private static final double BETA_3_20 = 0.2594665322284372;

    @Test
    void power_is_reached_by_expected_events_or_by_the_bound() {
        // 2.2 expected events are short of the 7.4 a ratio of 3 takes, and enough for 10.
        List<MemberEvidence> canary = arm(Arm.CANARY, 10, 10, 10);
        List<MemberEvidence> control = arm(Arm.CONTROL, 90, tens(20));

        assertThat(CrashTest.judge(canary, control, 2.9, 0.01, NOW, Duration.ofHours(5))
                        .powerReached())
                .isFalse();
        assertThat(CrashTest.judge(canary, control, 10, 0.01, NOW, Duration.ofHours(5))
                        .powerReached())
                .isTrue();
        assertThat(CrashTest.judge(canary, control, 3.2, 0.01, NOW, Duration.ofHours(5))
                        .powerReached())
                .isTrue();
    }

    private static double[] tens(int count) {
        double[] hours = new double[count];
        java.util.Arrays.fill(hours, 10);
        return hours;
    }

    private static CrashTest.Outcome judge(List<MemberEvidence> canary, List<MemberEvidence> control) {
        return CrashTest.judge(canary, control, 3, 0.01, NOW, Duration.ofHours(5));
    }

    /** Devices at risk from T0 and heard of at NOW; the first few crash at the given hours. */
    static List<MemberEvidence> arm(Arm arm, int devices, double... crashHours) {
        List<MemberEvidence> rows = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            rows.add(new MemberEvidence(
                    new Endpoint(arm + "-" + i),
                    arm,
                    T0 - HOUR / 2,
                    1,
                    T0,
                    0,
                    i < crashHours.length ? T0 + Math.round(crashHours[i] * HOUR) : 0,
                    0,
                    T0,
                    0,
                    NOW,
                    NOW,
                    10));
        }
        return rows;
    }
}
