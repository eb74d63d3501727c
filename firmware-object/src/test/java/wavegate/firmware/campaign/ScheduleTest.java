package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Windows as clocks on walls show them. Berlin puts its clock forward on 2030-03-31 at 01:00Z and back on 2030-10-27 at 01:00Z. */
class ScheduleTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static Schedule windows(Duration jitter, WeeklyWindow... windows) {
        return new Schedule(Optional.empty(), Optional.empty(), List.of(windows), "Europe/Berlin", jitter);
    }

    private static WeeklyWindow daily(String from, String to) {
        return WeeklyWindow.of(List.of(), from, to);
    }

    private static Instant at(String text) {
        return Instant.parse(text);
    }

    @Test
    void a_window_holds_its_days_and_times_in_its_zone() {
        WeeklyWindow weekend = WeeklyWindow.of(List.of("sun", "sat"), "09:00", "17:30");

        assertThat(weekend.contains(at("2030-06-01T07:00:00Z"), BERLIN)).isTrue();
        assertThat(weekend.contains(at("2030-06-01T06:59:59Z"), BERLIN)).isFalse();
        assertThat(weekend.contains(at("2030-06-01T15:29:59Z"), BERLIN)).isTrue();
        assertThat(weekend.contains(at("2030-06-01T15:30:00Z"), BERLIN)).isFalse();
        assertThat(weekend.contains(at("2030-06-03T10:00:00Z"), BERLIN)).isFalse();
        assertThat(weekend).hasToString("sat,sun 09:00-17:30");
    }

    @Test
    void a_window_over_midnight_belongs_to_the_day_it_opens_on() {
        WeeklyWindow friday = WeeklyWindow.of(List.of("fri"), "22:00", "05:00");

        assertThat(friday.contains(at("2030-06-07T22:00:00Z"), ZoneOffset.UTC)).isTrue();
        assertThat(friday.contains(at("2030-06-08T04:59:59Z"), ZoneOffset.UTC)).isTrue();
        assertThat(friday.contains(at("2030-06-08T05:00:00Z"), ZoneOffset.UTC)).isFalse();
        assertThat(friday.contains(at("2030-06-07T04:00:00Z"), ZoneOffset.UTC)).isFalse();
        assertThat(friday.contains(at("2030-06-08T22:00:00Z"), ZoneOffset.UTC)).isFalse();
    }

    @Test
    void where_the_clock_is_put_forward_a_night_is_an_hour_shorter() {
        Schedule nights = windows(Duration.ZERO, daily("22:00", "05:00"));

        assertThat(nights.contains(at("2030-03-30T21:00:00Z"), BERLIN)).isTrue();
        assertThat(nights.contains(at("2030-03-31T02:59:59Z"), BERLIN)).isTrue();
        assertThat(nights.contains(at("2030-03-31T03:00:00Z"), BERLIN)).isFalse();
        assertThat(nights.waitsUntil(at("2030-03-31T03:00:00Z"), BERLIN, 0)).contains(at("2030-03-31T20:00:00Z"));
    }

    @Test
    void where_the_clock_is_put_back_a_night_is_an_hour_longer() {
        Schedule nights = windows(Duration.ZERO, daily("22:00", "05:00"));

        assertThat(nights.contains(at("2030-10-26T20:00:00Z"), BERLIN)).isTrue();
        assertThat(nights.contains(at("2030-10-27T03:59:59Z"), BERLIN)).isTrue();
        assertThat(nights.contains(at("2030-10-27T04:00:00Z"), BERLIN)).isFalse();
        assertThat(nights.waitsUntil(at("2030-10-27T04:00:00Z"), BERLIN, 0)).contains(at("2030-10-27T21:00:00Z"));
    }

    @Test
    void a_window_in_the_hour_that_is_skipped_does_not_open_on_that_day() {
        Schedule short_ = windows(Duration.ZERO, daily("02:15", "02:45"));

        assertThat(short_.waitsUntil(at("2030-03-30T23:00:00Z"), BERLIN, 0)).contains(at("2030-04-01T00:15:00Z"));
        for (Instant when = at("2030-03-31T00:00:00Z");
                when.isBefore(at("2030-03-31T12:00:00Z"));
                when = when.plusSeconds(300)) {
            assertThat(short_.contains(when, BERLIN)).as(when.toString()).isFalse();
        }
    }

    @Test
    void a_window_in_the_hour_that_is_repeated_is_open_whenever_the_clock_shows_it() {
        Schedule short_ = windows(Duration.ZERO, daily("02:15", "02:45"));

        assertThat(short_.contains(at("2030-10-27T00:20:00Z"), BERLIN)).isTrue();
        assertThat(short_.contains(at("2030-10-27T00:50:00Z"), BERLIN)).isFalse();
        assertThat(short_.waitsUntil(at("2030-10-27T00:50:00Z"), BERLIN, 0)).contains(at("2030-10-27T01:15:00Z"));
        assertThat(short_.contains(at("2030-10-27T01:20:00Z"), BERLIN)).isTrue();
        assertThat(short_.contains(at("2030-10-27T01:45:00Z"), BERLIN)).isFalse();
    }

    @Test
    void every_opening_and_closing_of_a_year_is_found_where_the_clock_is() {
        WeeklyWindow window = WeeklyWindow.of(List.of("sun"), "01:30", "02:30");
        Instant now = at("2030-01-01T00:00:00Z");
        int openings = 0;
        while (now.isBefore(at("2031-01-01T00:00:00Z"))) {
            Instant change = window.nextChange(now, BERLIN).orElseThrow();
            assertThat(window.contains(change, BERLIN)).isNotEqualTo(window.contains(change.minusMillis(1), BERLIN));
            openings += window.contains(change, BERLIN) && change.isBefore(at("2031-01-01T00:00:00Z")) ? 1 : 0;
            now = change;
        }
        // 52 Sundays; on 27 October the window opens twice, since 02:00 to 02:30 comes twice.
        assertThat(openings).isEqualTo(53);
    }

    @Test
    void devices_begin_spread_over_the_jitter_but_over_no_more_than_half_of_the_window() {
        Schedule wide = windows(Duration.ofMinutes(30), daily("10:00", "14:00"));
        Schedule narrow = windows(Duration.ofHours(3), daily("10:00", "11:00"));
        Instant opened = at("2030-06-01T08:00:00Z");

        assertThat(wide.waitsUntil(opened, BERLIN, 0.5)).contains(opened.plus(Duration.ofMinutes(15)));
        assertThat(wide.waitsUntil(opened.plus(Duration.ofMinutes(15)), BERLIN, 0.5))
                .isEmpty();
        assertThat(wide.waitsUntil(opened, BERLIN, 0)).isEmpty();
        assertThat(narrow.waitsUntil(opened, BERLIN, 1)).contains(opened.plus(Duration.ofMinutes(30)));
    }

    @Test
    void without_windows_any_time_will_do() {
        assertThat(Schedule.ALWAYS.waitsUntil(Instant.EPOCH, BERLIN, 0.7)).isEmpty();
        assertThat(Schedule.ALWAYS.contains(Instant.EPOCH, BERLIN)).isTrue();
    }

    @Test
    void a_rate_grows_with_success_and_not_beyond_its_limit() {
        DispatchRate rate = new DispatchRate(10, 2, 50, 100);

        assertThat(rate.after(0)).isEqualTo(10);
        assertThat(rate.after(99)).isEqualTo(10);
        assertThat(rate.after(100)).isEqualTo(20);
        assertThat(rate.after(250)).isEqualTo(40);
        assertThat(rate.after(1_000_000)).isEqualTo(50);
        assertThat(DispatchRate.constant(3).after(1_000_000)).isEqualTo(3);
        assertThat(rate.minutesFor(250)).isEqualTo(10 + 5 + 1.25);
        assertThat(DispatchRate.constant(50).minutesFor(1_000_000)).isEqualTo(20_000);
    }

    @Test
    void a_meter_gives_out_the_rate_and_saves_up_no_more_than_ten_seconds_of_it() {
        DispatchRate rate = DispatchRate.constant(60);
        RateMeter meter = new RateMeter();
        Instant now = Instant.EPOCH;
        int begun = 0;
        for (int tick = 0; tick < 5 * 600; tick++) {
            while (meter.available(rate, 0, now) > 0) {
                meter.took();
                begun++;
            }
            now = now.plusMillis(200);
        }

        assertThat(begun).isEqualTo(600);
        assertThat(meter.available(rate, 0, now.plus(Duration.ofHours(1)))).isEqualTo(10);
        assertThat(meter.available(rate, 0, Instant.EPOCH)).isEqualTo(10);
    }

    @Test
    void a_schedule_that_cannot_be_kept_is_refused() {
        assertThatThrownBy(() -> WeeklyWindow.of(List.of("someday"), "10:00", "11:00"))
                .hasMessageContaining("window day: \"someday\"");
        assertThatThrownBy(() -> WeeklyWindow.of(List.of(), "10", "11:00")).hasMessageContaining("window from: \"10\"");
        assertThatThrownBy(() -> Schedule.zoneOf("Mars/Base")).hasMessageContaining("zone: \"Mars/Base\"");
        assertThatThrownBy(() -> new Schedule(
                        Optional.of(at("2030-01-02T00:00:00Z")),
                        Optional.of(at("2030-01-01T00:00:00Z")),
                        List.of(),
                        "UTC",
                        Duration.ZERO))
                .hasMessageContaining("endAt: 2030-01-01T00:00:00Z (expected: after startAt");
        assertThatThrownBy(() -> new DispatchRate(10, 2, 5, 1)).hasMessageContaining("highest rate: 5.0");
    }
}
