package wavegate.firmware.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;

class HealthTrackTest {
    private static final Duration DAY = Duration.ofHours(24);
    private static final long HOUR = 3_600_000;
    private static final long T0 = 1_000 * HOUR;

    private final HealthTrack track = new HealthTrack(DAY);

    @Test
    void the_rate_before_an_update_is_energy_over_hours() {
        for (int hour = 0; hour <= 30; hour++) {
            track.note(energy(T0 + hour * HOUR, 100 + 2.0 * hour));
        }

        assertThat(track.preRate(T0 + 30 * HOUR, DAY)).isCloseTo(2.0, within(1e-9));
    }

    @Test
    void reports_after_the_index_do_not_count() {
        for (int hour = 0; hour <= 24; hour++) {
            track.note(energy(T0 + hour * HOUR, 2.0 * hour));
        }
        track.note(energy(T0 + 29 * HOUR, 1000));

        assertThat(track.preRate(T0 + 24 * HOUR, DAY)).isCloseTo(2.0, within(1e-9));
    }

    @Test
    void less_than_half_a_window_gives_no_rate() {
        track.note(energy(T0, 0));
        track.note(energy(T0 + 11 * HOUR, 11));
        assertThat(track.preRate(T0 + 11 * HOUR, DAY)).isNaN();

        track.note(energy(T0 + 12 * HOUR, 12));
        assertThat(track.preRate(T0 + 12 * HOUR, DAY)).isCloseTo(1.0, within(1e-9));
    }

    @Test
    void samples_older_than_the_window_do_not_lengthen_it() {
        track.note(energy(T0, 0));
        track.note(energy(T0 + 30 * HOUR, 30));

        assertThat(track.preRate(T0 + 30 * HOUR, DAY)).isNaN();
    }

    @Test
    void a_new_battery_gives_no_rate() {
        for (int hour = 0; hour <= 24; hour++) {
            track.note(energy(T0 + hour * HOUR, hour < 12 ? 500 + hour : hour));
        }

        assertThat(track.preRate(T0 + 24 * HOUR, DAY)).isNaN();
    }

    @Test
    void doubled_and_reordered_reports_give_the_same_rate() {
        for (int seed = 0; seed < 50; seed++) {
            HealthTrack shuffled = new HealthTrack(DAY);
            List<HealthReport> reports = new ArrayList<>();
            for (int hour = 0; hour <= 24; hour++) {
                reports.add(energy(T0 + hour * HOUR, 3.0 * hour));
                reports.add(energy(T0 + hour * HOUR, 3.0 * hour));
            }
            Collections.shuffle(reports, new Random(seed));
            reports.forEach(shuffled::note);

            assertThat(shuffled.preRate(T0 + 24 * HOUR, DAY))
                    .as("seed %d", seed)
                    .isCloseTo(3.0, within(1e-9));
            assertThat(shuffled.latestAt()).isEqualTo(T0 + 24 * HOUR);
        }
    }

    @Test
    void a_report_every_second_for_a_week_still_spans_the_window() {
        for (long second = 0; second <= 7 * 86_400; second += 10) {
            track.note(energy(T0 + second * 1000, second / 3600.0));
        }
        long end = T0 + 7 * 86_400_000L;

        assertThat(track.preRate(end, DAY)).isCloseTo(1.0, within(1e-9));
    }

    @Test
    void the_crash_counter_is_the_newest_reports() {
        track.note(crashes(T0 + 2000, 4));
        track.note(crashes(T0 + 1000, 3));

        assertThat(track.crashCount()).isEqualTo(4);
        track.note(crashes(T0 + 3000, 0));
        assertThat(track.crashCount()).isZero();
    }

    @Test
    void the_usual_interval_is_the_second_longest_so_that_one_outage_does_not_count() {
        track.note(crashes(T0, 0));
        track.note(crashes(T0 + HOUR, 0));
        assertThat(track.usualGapMs()).isZero();

        track.note(crashes(T0 + 10 * HOUR, 0));
        track.note(crashes(T0 + 10 * HOUR, 0));
        track.note(crashes(T0 + 9 * HOUR, 0));
        assertThat(track.usualGapMs()).isEqualTo(HOUR);

        track.note(crashes(T0 + 12 * HOUR, 0));
        assertThat(track.usualGapMs()).isEqualTo(2 * HOUR);
    }

    @Test
    void nothing_is_known_before_the_first_report() {
        assertThat(track.crashCount()).isEqualTo(-1);
        assertThat(track.latestAt()).isZero();
        assertThat(track.preRate(T0, DAY)).isNaN();
    }

    @Test
    void a_clock_five_minutes_wrong_is_not_believed() {
        Instant received = Instant.ofEpochMilli(T0);
        Endpoint endpoint = new Endpoint("pump-17");

        assertThat(new HealthReport(endpoint, received.minusSeconds(299), received, Map.of()).measuredAt())
                .isEqualTo(T0 - 299_000);
        assertThat(new HealthReport(endpoint, received.minusSeconds(300), received, Map.of()).measuredAt())
                .isEqualTo(T0);
        assertThat(new HealthReport(endpoint, received.plusSeconds(300), received, Map.of()).measuredAt())
                .isEqualTo(T0);
    }

    private static HealthReport energy(long at, double mah) {
        return report(at, Map.of(Metric.ENERGY_USED_MAH, mah));
    }

    private static HealthReport crashes(long at, double count) {
        return report(at, Map.of(Metric.CRASH_COUNT, count));
    }

    private static HealthReport report(long at, Map<Metric, Double> values) {
        return new HealthReport(new Endpoint("pump-17"), Instant.ofEpochMilli(at), Instant.ofEpochMilli(at), values);
    }
}
