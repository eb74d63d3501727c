package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.gate.SimulatedArm.START;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import wavegate.firmware.gate.SimulatedArm.Burst;
import wavegate.firmware.gate.SimulatedArm.Life;

/** How often the gate is right, over many simulated waves. Seeds are fixed; the shares are printed, so that a bound can be seen to have room. */
class GateOperatingCharacteristicsTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    private static final double SOAK = 24;
    private static final double SETTLE = 0.5;
    private static final Duration SILENT = Duration.ofHours(6);

    /** Healthy modules of the demo: one in ten has a first crash per soak. */
    private static final double DEMO_RATE = -Math.log(0.9) / SOAK;

    private static final int[][] DEMO_WAVES = {{25, 225}, {75, 675}, {300, 1600}, {600, 1000}};
    private static final GatePolicy DEMO = policy(0.01, 0.002);
    private static final GatePolicy STRICT = policy(0.002, 0.0005);

    private static GatePolicy policy(double alpha, double later) {
        return new GatePolicy(
                Duration.ofHours(24),
                Duration.ofHours(24),
                Duration.ofHours(72),
                Duration.ofMinutes(30),
                0.9,
                10,
                alpha,
                alpha,
                later,
                0.15,
                4,
                15,
                0.05,
                0.01,
                false);
    }

    @Test
    void equal_firmware_is_stopped_in_less_than_one_campaign_of_a_hundred() {
        Life canary = Life.of(50, 0.01).uneven(1).entering(4);
        Life control = Life.of(450, 0.01).uneven(1).entering(4);

        double stopped = shareStopped(canary, control);

        assertThat(said("stopped falsely", stopped)).isLessThanOrEqualTo(0.01);
    }

    @Test
    void equal_firmware_is_not_stopped_because_one_arm_reports_later() {
        Life often = Life.of(50, 0.01).uneven(1);
        Life seldom = often.reporting(4);

        double slowCanary = shareStopped(seldom, often);
        double slowControl = shareStopped(often, seldom);

        assertThat(said("stopped falsely, canaries report later", slowCanary)).isLessThanOrEqualTo(0.01);
        assertThat(said("stopped falsely, controls report later", slowControl)).isLessThanOrEqualTo(0.01);
    }

    /** Rates differ from device to device, and at a random time a tenth of both arms crash: a power cut in the region. Looked at every two hours. */
    private static double shareStopped(Life canary, Life control) {
        int campaigns = FULL ? 20_000 : 2_000;
        int stopped = 0;
        for (int i = 0; i < campaigns; i++) {
            SplittableRandom random = new SplittableRandom(i);
            Burst burst = new Burst(START + 2 + 20 * random.nextDouble(), 0.1);
            SimulatedArm c = new SimulatedArm(Arm.CANARY, canary, SETTLE, burst, random);
            SimulatedArm b = new SimulatedArm(Arm.CONTROL, control, SETTLE, burst, random);
            boolean failed = false;
            for (double now = START + 2; now <= START + SOAK + 2 && !failed; now += 2) {
                failed = CrashTest.judge(c.rowsAt(now), b.rowsAt(now), 3, 0.01, SimulatedArm.ms(now), SILENT)
                        .failed();
            }
            stopped += failed ? 1 : 0;
        }
        return (double) stopped / campaigns;
    }

    @Test
    void a_ratio_of_three_is_found_with_the_power_the_preview_promises() {
        assertThat(said("power at 3x, 9 controls", power(3, 9, 0.01, 800))).isGreaterThan(0.76);
    }

    @Test
    void the_promise_holds_roughly_for_other_ratios_arms_and_alphas() {
        assertThat(said("power at 10x, 9 controls", power(10, 9, 0.01, 300))).isBetween(0.72, 0.85);
        assertThat(said("power at 5x, 1 control", power(5, 1, 0.01, 300))).isBetween(0.72, 0.85);
        assertThat(said("power at 10x, 2 controls, later wave", power(10, 2, 0.002, 300)))
                .isBetween(0.70, 0.85);
    }

    /** Share of waves stopped at the end of the soak when the canaries have exactly the expected events that are said to suffice. */
    private static double power(double ratio, int controlsPerCanary, double alpha, int manyCanaries) {
        int campaigns = FULL ? 10_000 : 1_000;
        // Many devices, so that those that crashed are not missed among those at risk.
        int canaries = FULL ? 2_000 : manyCanaries;
        double rate = Detectability.eventsNeeded(ratio, controlsPerCanary, alpha) / canaries / SOAK;
        Life healthy = Life.of(canaries * controlsPerCanary, rate);
        // Entry lags the index by settling and a quarter of an hour; the watermark lags the look by nine tenths of half
        // an hour.
        double now = START + SETTLE + 0.25 + SOAK + 0.45;
        int found = 0;
        for (int i = 0; i < campaigns; i++) {
            SplittableRandom random = new SplittableRandom(i);
            SimulatedArm c =
                    new SimulatedArm(Arm.CANARY, Life.of(canaries, rate).crashing(ratio), SETTLE, Burst.NONE, random);
            SimulatedArm b = new SimulatedArm(Arm.CONTROL, healthy, SETTLE, Burst.NONE, random);
            found += CrashTest.judge(c.rowsAt(now), b.rowsAt(now), ratio, alpha, SimulatedArm.ms(now), SILENT)
                            .failed()
                    ? 1
                    : 0;
        }
        return (double) found / campaigns;
    }

    @Test
    void a_healthy_demo_passes_all_its_gates() {
        // Few campaigns cannot tell 0.995 from 0.99; the ten thousand of the long form can.
        assertThat(healthyPassing(DEMO)).isGreaterThan(FULL ? 0.99 : 0.98);
        assertThat(healthyPassing(STRICT)).isGreaterThan(FULL ? 0.997 : 0.99);
    }

    private static double healthyPassing(GatePolicy policy) {
        int campaigns = FULL ? 10_000 : 300;
        Map<String, Integer> ends = new TreeMap<>();
        for (int i = 0; i < campaigns; i++) {
            ends.merge(demo(Life.of(1, DEMO_RATE).noisy(0.05), policy, i).end(), 1, Integer::sum);
        }
        System.out.println("healthy demo at alpha " + policy.crashAlpha() + ", " + campaigns + " campaigns: " + ends);
        return ends.getOrDefault("PASS", 0) / (double) campaigns;
    }

    @Test
    void a_demo_that_crashes_thirty_times_as_often_is_stopped_at_the_canary() {
        int campaigns = FULL ? 10_000 : 1_000;
        List<Double> hours = new ArrayList<>();
        for (int i = 0; i < campaigns; i++) {
            Demo demo = demo(Life.of(1, DEMO_RATE).noisy(0.05).crashing(30), STRICT, i);
            if (demo.end().equals("FAIL crash, wave 0")) {
                hours.add(demo.endedAfter());
            }
        }
        Collections.sort(hours);

        System.out.printf(
                "30x crashes: stopped %d of %d, after %.1f h in the median, %.1f h in the worst case%n",
                hours.size(), campaigns, hours.get(hours.size() / 2), hours.get(hours.size() - 1));
        assertThat(hours).hasSize(campaigns);
        assertThat(hours.get(hours.size() / 2)).isLessThan(SOAK / 4);
    }

    @Test
    void a_demo_that_draws_thirty_percent_more_is_stopped_at_the_canary_by_the_battery_test() {
        int campaigns = FULL ? 10_000 : 1_000;
        int stopped = 0;
        for (int i = 0; i < campaigns; i++) {
            Demo demo = demo(Life.of(1, DEMO_RATE).noisy(0.05).drawing(0.3), STRICT, i);
            stopped += demo.end().equals("FAIL battery, wave 0") ? 1 : 0;
        }

        assertThat(said("+30 % drain stopped by the battery test", (double) stopped / campaigns))
                .isGreaterThan(0.99);
    }

    /** How a campaign ended, and how many hours into the soak of its last wave. */
    private record Demo(String end, double endedAfter) {}

    /** A campaign like the demo's, its gates judged at every hour of every soak; a crash test that failed in between would show in its peak. */
    private static Demo demo(Life canaryLife, GatePolicy policy, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int wave = 0; wave < DEMO_WAVES.length; wave++) {
            int n = DEMO_WAVES[wave][0];
            Life control = Life.of(DEMO_WAVES[wave][1], DEMO_RATE).noisy(0.05);
            Life canary = new Life(
                    n,
                    canaryLife.crashesPerHour(),
                    canaryLife.frailty(),
                    0.5,
                    0,
                    canaryLife.drift(),
                    canaryLife.noise());
            SimulatedArm c = new SimulatedArm(Arm.CANARY, canary, SETTLE, Burst.NONE, random);
            SimulatedArm b = new SimulatedArm(Arm.CONTROL, control, SETTLE, Burst.NONE, random);
            GateDecision decision = null;
            int looksUsed = 0;
            int step = wave == 0 ? 1 : 6;
            for (int hour = step; hour <= SOAK; hour += step) {
                double now = START + SETTLE + hour;
                decision = Gate.judge(
                        new WaveEvidence(
                                hour,
                                wave,
                                at(now),
                                at(START + SETTLE),
                                at(START + SETTLE + SOAK),
                                looksUsed,
                                new UpdateCounts(n, n, n, n, 0, 0, 0, 0),
                                c.rowsAt(now),
                                b.rowsAt(now)),
                        policy,
                        true);
                looksUsed = decision.looksUsed();
                if (decision.verdict() == Verdict.FAIL) {
                    return new Demo("FAIL " + culprits(decision, Verdict.FAIL) + ", wave " + wave, hour);
                }
            }
            if (decision == null || decision.verdict() != Verdict.PASS) {
                return new Demo(
                        decision == null
                                ? "never judged"
                                : "INCONCLUSIVE " + culprits(decision, Verdict.INCONCLUSIVE) + ", wave " + wave,
                        SOAK);
            }
        }
        return new Demo("PASS", SOAK);
    }

    private static String culprits(GateDecision decision, Verdict verdict) {
        return String.join(
                "+",
                decision.metrics().stream()
                        .filter(metric -> metric.verdict() == verdict)
                        .map(MetricDecision::metric)
                        .toList());
    }

    private static Instant at(double hours) {
        return Instant.ofEpochMilli(SimulatedArm.ms(hours));
    }

    private static double said(String what, double share) {
        System.out.printf("%s: %.4f%n", what, share);
        return share;
    }
}
