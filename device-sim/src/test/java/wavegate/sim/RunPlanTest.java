package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import wavegate.sim.coap.Handshakes;
import wavegate.sim.device.DeviceCounters;
import wavegate.sim.scenario.Scenario;

class RunPlanTest {
    private static final Scenario HEALTHY = Scenario.named("healthy");

    @Test
    void modules_keep_step_with_a_short_run_and_never_slow_down_for_a_long_one() {
        RunPlan tenMinutes = new RunPlan(Duration.ofMinutes(10), 0.05);
        RunPlan aDay = new RunPlan(Duration.ofHours(24), 0.05);

        assertThat(tenMinutes.scenario(HEALTHY, 10_000, 1).timing().telemetryPeriod())
                .isEqualTo(Duration.ofSeconds(40));
        assertThat(tenMinutes.scenario(HEALTHY, 10_000, 2).timing().telemetryPeriod())
                .isEqualTo(Duration.ofSeconds(80));
        assertThat(tenMinutes.scenario(HEALTHY, 10_000, 1).timing().applyDelay())
                .isEqualTo(Duration.ofSeconds(20));
        assertThat(aDay.scenario(HEALTHY, 10_000, 1)).isEqualTo(HEALTHY);
    }

    @Test
    void a_large_fleet_reports_as_often_as_two_processors_bear() {
        Duration period = new RunPlan(Duration.ofMinutes(1), 0.05)
                .scenario(HEALTHY, 60_000, 1)
                .timing()
                .telemetryPeriod();

        assertThat(60_000.0 / period.toSeconds()).isLessThanOrEqualTo(1500);
    }

    @Test
    void without_a_campaign_the_scenario_is_as_its_file_says() {
        assertThat(new RunPlan(Duration.ofSeconds(10), 0).scenario(HEALTHY, 60_000, 1))
                .isEqualTo(HEALTHY);
    }

    @Test
    void large_and_long_runs_are_looked_at_less_often() {
        assertThat(new RunPlan(Duration.ofMinutes(10), 0).sampleSeconds(50_000)).isEqualTo(1);
        assertThat(new RunPlan(Duration.ofMinutes(10), 0).sampleSeconds(1_000_000))
                .isEqualTo(10);
        assertThat(new RunPlan(Duration.ofHours(24), 0).sampleSeconds(100)).isEqualTo(72);
        assertThat(new RunPlan(Duration.ofMinutes(1), 0).lineSeconds(100)).isEqualTo(1);
        assertThat(new RunPlan(Duration.ZERO, 0).lineSeconds(100)).isEqualTo(10);
    }

    @Test
    void rates_are_those_since_the_look_before() {
        Timeline timeline = new Timeline();

        timeline.add(2, fleetAfter(new Traffic(100, 200, 1000, 2000, 4)));
        Timeline.Sample second = timeline.add(4, fleetAfter(new Traffic(160, 220, 1600, 2400, 4)));

        assertThat(timeline.samples().get(0).datagrams()).isEqualTo(150);
        assertThat(second.datagramsIn()).isEqualTo(30);
        assertThat(second.datagramsOut()).isEqualTo(10);
        assertThat(second.bytesIn()).isEqualTo(300);
        assertThat(second.retransmitted()).isZero();
    }

    private static FleetReport fleetAfter(Traffic traffic) {
        return new FleetReport(
                1,
                1,
                1,
                0,
                0,
                1,
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                DeviceCounters.ZERO,
                traffic,
                Handshakes.NONE);
    }
}
