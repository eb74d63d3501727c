package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;

class DriftTestTest {
    private static final long HOUR = 3_600_000;
    private static final long T0 = 1000 * HOUR;

    @Test
    void looks_are_due_at_even_shares_of_the_soak() {
        Duration soak = Duration.ofHours(24);
        assertThat(DriftTest.due(Duration.ofHours(-1), soak, 4)).isZero();
        assertThat(DriftTest.due(Duration.ofMinutes(359), soak, 4)).isZero();
        assertThat(DriftTest.due(Duration.ofHours(6), soak, 4)).isEqualTo(1);
        assertThat(DriftTest.due(Duration.ofHours(23), soak, 4)).isEqualTo(3);
        assertThat(DriftTest.due(Duration.ofHours(24), soak, 4)).isEqualTo(4);
        assertThat(DriftTest.due(Duration.ofHours(70), soak, 4)).isEqualTo(4);
    }

    @Test
    void the_shift_is_the_median_of_all_differences() {
        double[] x = {0.19, 0.22, 0.28, 0.31, 0.35};
        double[] y = {-0.05, -0.02, 0.01, 0.03, 0.06, 0.24};
        assertThat(DriftTest.shift(x, y)).isCloseTo(0.245, within(1e-9));
        assertThat(DriftTest.shift(new double[] {2}, new double[] {1})).isEqualTo(1);
        assertThat(DriftTest.shift(new double[] {1, 1, 1}, new double[] {1, 1})).isZero();
    }

    @Test
    void the_shift_agrees_with_the_long_way_for_any_sizes() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            double[] x = sorted(random, 1 + random.nextInt(20));
            double[] y = sorted(random, 1 + random.nextInt(20));
            double[] all = new double[x.length * y.length];
            for (int k = 0; k < all.length; k++) {
                all[k] = x[k / y.length] - y[k % y.length];
            }
            Arrays.sort(all);
            double median = (all[(all.length - 1) / 2] + all[all.length / 2]) / 2;

            assertThat(DriftTest.shift(x, y)).isCloseTo(median, within(1e-9));
        }
    }

    private static double[] sorted(Random random, int n) {
        return random.doubles(n).map(d -> Math.rint(d * 10) / 10).sorted().toArray();
    }

    @Test
    void a_quarter_more_in_every_canary_fails() {
        DriftTest.Outcome found = judge(arm(Arm.CANARY, 20, 1.25), arm(Arm.CONTROL, 20, 1), 4);

        assertThat(found.failed()).isTrue();
        assertThat(Math.expm1(found.shift())).isCloseTo(0.25, within(0.01));
    }

    @Test
    void a_sure_but_small_rise_does_not_fail() {
        DriftTest.Outcome found = judge(arm(Arm.CANARY, 500, 1.12), arm(Arm.CONTROL, 500, 1), 4);

        assertThat(found.p()).isLessThan(1e-10);
        assertThat(found.failed()).isFalse();
    }

    @Test
    void drawing_less_does_not_fail() {
        assertThat(judge(arm(Arm.CANARY, 50, 0.5), arm(Arm.CONTROL, 50, 1), 4).failed())
                .isFalse();
    }

    @Test
    void too_few_devices_in_one_arm_are_no_look() {
        DriftTest.Outcome found = judge(arm(Arm.CANARY, 14, 2), arm(Arm.CONTROL, 200, 1), 4);

        assertThat(found.enough()).isFalse();
        assertThat(found.failed()).isFalse();
        assertThat(found.canaries()).isEqualTo(14);
    }

    @Test
    void devices_without_a_baseline_or_watched_too_briefly_or_with_a_new_battery_are_left_out() {
        List<MemberEvidence> canary = new ArrayList<>(arm(Arm.CANARY, 20, 1));
        canary.set(0, canary.get(0).entering(T0, Double.NaN));
        canary.set(1, canary.get(1).latest(T0 + 11 * HOUR, T0 + 11 * HOUR, 150));
        canary.set(2, canary.get(2).latest(T0 + 24 * HOUR, T0 + 24 * HOUR, 3));
        canary.set(3, MemberEvidence.joining(canary.get(3).endpoint(), Arm.CANARY));

        assertThat(judge(canary, arm(Arm.CONTROL, 20, 1), 4).canaries()).isEqualTo(16);
        assertThat(judge(canary, arm(Arm.CONTROL, 20, 1), 3).canaries()).isEqualTo(17);
    }

    @Test
    void idle_devices_give_a_number_too() {
        List<MemberEvidence> idle = arm(Arm.CONTROL, 20, 1).stream()
                .map(row -> row.entering(T0, 0).latest(T0 + 24 * HOUR, T0 + 24 * HOUR, 100))
                .toList();

        DriftTest.Outcome found = judge(arm(Arm.CANARY, 30, 1), idle, 4);
        assertThat(found.controls()).isEqualTo(20);
        assertThat(found.shift()).isBetween(-0.1, 0.1);
    }

    private static DriftTest.Outcome judge(List<MemberEvidence> canary, List<MemberEvidence> control, int look) {
        return DriftTest.judge(canary, control, look, GatePolicy.DEFAULT, 0.01);
    }

    /** Devices that drew about 5 mAh an hour before, and so many times that in the 24 hours after T0. */
    private static List<MemberEvidence> arm(Arm arm, int devices, double times) {
        Random random = new Random(devices);
        List<MemberEvidence> rows = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            double before = 5 * Math.exp(0.5 * random.nextGaussian());
            double after = before * times * Math.exp(0.05 * random.nextGaussian());
            rows.add(new MemberEvidence(
                    new Endpoint(arm + "-" + i),
                    arm,
                    T0,
                    before,
                    T0,
                    0,
                    0,
                    0,
                    T0,
                    100,
                    T0 + 24 * HOUR,
                    T0 + 24 * HOUR,
                    100 + 24 * after));
        }
        return rows;
    }
}
