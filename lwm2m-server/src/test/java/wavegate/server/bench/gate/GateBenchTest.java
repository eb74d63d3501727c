package wavegate.server.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import wavegate.firmware.gate.Verdict;

/** The bench in small. Seeds are fixed: a figure moves only if the gate, or what is simulated, does. The long form is the bench as it is run. */
class GateBenchTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    private final GateBench bench = new GateBench(new GatePlan(1, 1, 1, 2), line -> {});

    @Test
    void equal_firmware_is_stopped_in_at_most_one_campaign_of_a_hundred_whatever_goes_wrong_around_it() {
        GateStudy equal = bench.study("equal", GateScenario.troubled(), FULL ? 10_000 : 120, false);

        assertThat(equal.stopped("crash")).as("crash").isLessThanOrEqualTo(GateReport.FALSE_STOPS);
        assertThat(equal.stopped("battery")).as("battery").isLessThanOrEqualTo(GateReport.FALSE_STOPS);
        assertThat(equal.stopped("silence")).as("silence").isLessThanOrEqualTo(GateReport.FALSE_STOPS);
        assertThat(equal.ended(Verdict.PASS)).as("passed").isGreaterThan(0.8);
    }

    @Test
    void five_times_the_crashes_and_a_third_more_use_are_found_in_the_same_trouble() {
        GateStudy crashes = bench.study("5x", GateScenario.troubled().crashing(5), 40, false);
        GateStudy use = bench.study("+30 %", GateScenario.troubled().drawing(0.3), 30, false);

        assertThat(crashes.stopped("crash")).isGreaterThan(0.85);
        assertThat(use.stopped("battery")).isGreaterThan(0.95);
        assertThat(crashes.delay("crash", 0.5)).isBetween(4.0, 16.0);
    }

    @Test
    void a_tenth_of_the_canaries_bricked_is_found_in_the_same_trouble() {
        GateStudy bricked = bench.study("bricked", GateScenario.troubled(), 60, false, 5);

        assertThat(bricked.stopped("silence")).isGreaterThan(GateReport.POWER_BRICKED);
    }

    @Test
    void a_test_for_one_look_that_is_looked_at_every_quarter_of_an_hour_stops_equal_firmware_often() {
        GateStudy equal = bench.study("equal", GateScenario.troubled(), 60, true);

        assertThat(equal.stopped(CommonRules.TEST_DEVICES)).isGreaterThan(0.03);
        assertThat(equal.stopped(CommonRules.ONE_PERCENT)).isGreaterThan(0.5);
    }

    @Test
    void the_same_seed_gives_the_same_outcome_on_any_number_of_threads() {
        GateStudy one = new GateBench(new GatePlan(1, 1, 7, 1), line -> {})
                .study("equal", GateScenario.troubled().crashing(3), 6, true);
        GateStudy two = new GateBench(new GatePlan(1, 1, 7, 2), line -> {})
                .study("equal", GateScenario.troubled().crashing(3), 6, true);

        assertThat(two.outcomes()).isEqualTo(one.outcomes());
    }

    @Test
    void a_small_bench_prints_every_rule_and_every_goal() {
        GateStudy small = bench.study("small", GateScenario.troubled(), 2, true);
        GateReport report = new GateReport(
                new GatePlan(2, 2, 1, 1),
                small,
                small,
                small,
                small,
                IntStream.range(0, 5).mapToObj(i -> small).toList(),
                IntStream.range(0, 5).mapToObj(i -> small).toList());

        assertThat(report.table())
                .contains(
                        "this gate",
                        CommonRules.TEST_DEVICES,
                        CommonRules.TWICE,
                        CommonRules.MEAN,
                        "false stops, crash");
        assertThat(report.json().get("studies")).hasSize(14);
        assertThat(report.goals()).hasSize(6);
    }
}
