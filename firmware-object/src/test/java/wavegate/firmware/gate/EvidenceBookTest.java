package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.telemetry.Metric;

class EvidenceBookTest {
    private static final long MINUTE = 60_000;
    private static final long T0 = 1_000_000 * MINUTE;
    private static final GatePolicy POLICY = GatePolicy.DEFAULT;

    private final List<Endpoint> canaries = endpoints("canary", 2);
    private final List<Endpoint> controls = endpoints("control", 5);
    private final EvidenceBook book = new EvidenceBook(0, canaries, controls, POLICY);
    private final HealthTrack noTrack = new HealthTrack(POLICY.preWindow());

    @Test
    void controls_take_the_index_of_the_canary_of_their_rank() {
        book.returned(canaries.get(1), T0 + MINUTE, noTrack);
        List<MemberEvidence> paired = book.pairControls(e -> Optional.empty());
        assertThat(paired).extracting(MemberEvidence::endpoint).containsExactly(controls.get(1), controls.get(3));
        assertThat(paired).extracting(MemberEvidence::indexAt).containsOnly(T0 + MINUTE);

        List<MemberEvidence> rest = book.pairRemainingControls(T0 + 9 * MINUTE, e -> Optional.empty());
        assertThat(rest)
                .extracting(MemberEvidence::endpoint)
                .containsExactly(controls.get(0), controls.get(2), controls.get(4));
        assertThat(rest).extracting(MemberEvidence::indexAt).containsOnly(T0 + 9 * MINUTE);

        book.returned(canaries.get(0), T0 + 20 * MINUTE, noTrack);
        assertThat(book.pairControls(e -> Optional.empty())).isEmpty();
    }

    @Test
    void a_second_return_changes_nothing() {
        assertThat(book.returned(canaries.get(0), T0, noTrack)).isPresent();
        assertThat(book.returned(canaries.get(0), T0 + MINUTE, noTrack)).isEmpty();
        assertThat(book.returned(controls.get(0), T0, noTrack)).isEmpty();
        assertThat(book.returned(new Endpoint("stranger"), T0, noTrack)).isEmpty();
        assertThat(canary(0).indexAt()).isEqualTo(T0);
    }

    @Test
    void the_download_is_no_part_of_the_rate_before() {
        HealthTrack track = new HealthTrack(POLICY.preWindow());
        for (int hour = 0; hour <= 24; hour++) {
            track.note(report(canaries.get(0), T0 + hour * 60L * MINUTE, Map.of(Metric.ENERGY_USED_MAH, 1.0 * hour)));
        }
        long dispatched = T0 + 24 * 60 * MINUTE;
        assertThat(book.dispatched(canaries.get(0), dispatched, track)).isPresent();
        track.note(report(canaries.get(0), dispatched + 60 * MINUTE, Map.of(Metric.ENERGY_USED_MAH, 90.0)));

        book.returned(canaries.get(0), dispatched + 60 * MINUTE, track);

        assertThat(canary(0).preRate()).isEqualTo(1.0);
        assertThat(canary(0).indexAt()).isEqualTo(dispatched + 60 * MINUTE);
    }

    @Test
    void crashes_while_settling_are_no_events() {
        book.returned(canaries.get(0), T0, noTrack);
        assertThat(book.note(crashes(T0 + 10 * MINUTE, 7))).isEmpty();
        assertThat(book.note(crashes(T0 + 31 * MINUTE, 9))).isPresent();
        book.note(crashes(T0 + 41 * MINUTE, 9));

        assertThat(canary(0).atRiskFrom()).isEqualTo(T0 + 31 * MINUTE);
        assertThat(canary(0).crashesAtStart()).isEqualTo(9);
        assertThat(canary(0).crashed()).isFalse();
        assertThat(canary(0).latestAt()).isEqualTo(T0 + 41 * MINUTE);
    }

    @Test
    void after_a_decision_only_a_crash_before_it_is_still_taken() {
        long decided = T0 + 120 * MINUTE;
        book.returned(canaries.get(0), T0, noTrack);
        book.note(crashes(T0 + 31 * MINUTE, 3));

        assertThat(book.noteLate(crashes(decided + MINUTE, 4), decided)).isEmpty();
        assertThat(canary(0).latestAt()).isEqualTo(decided);
        assertThat(book.noteLate(crashes(decided + 60 * MINUTE, 5, decided + 9 * MINUTE), decided))
                .isEmpty();
        assertThat(canary(0).crashed()).isFalse();

        assertThat(book.noteLate(crashes(decided + 60 * MINUTE, 4, decided - 9 * MINUTE), decided))
                .isPresent();
        assertThat(canary(0).firstCrashAt()).isEqualTo(decided - 9 * MINUTE);
        assertThat(book.noteLate(crashes(decided + 70 * MINUTE, 5, decided - 3 * MINUTE), decided))
                .isEmpty();
    }

    @Test
    void a_crash_is_dated_by_the_device_where_it_says_so_plausibly() {
        book.returned(canaries.get(0), T0, noTrack);
        book.note(crashes(T0 + 31 * MINUTE, 3));
        book.note(crashes(T0 + 60 * MINUTE, 4, T0 + 55 * MINUTE));
        assertThat(canary(0).firstCrashAt()).isEqualTo(T0 + 55 * MINUTE);

        book.returned(canaries.get(1), T0, noTrack);
        book.note(crashes(canaries.get(1), T0 + 31 * MINUTE, 3, 0));
        book.note(crashes(canaries.get(1), T0 + 60 * MINUTE, 4, T0 + 5 * MINUTE));
        assertThat(canary(1).firstCrashAt()).isEqualTo(T0 + 60 * MINUTE);
    }

    @Test
    void only_the_first_crash_counts() {
        book.returned(canaries.get(0), T0, noTrack);
        book.note(crashes(T0 + 31 * MINUTE, 3));
        assertThat(book.note(crashes(T0 + 50 * MINUTE, 4))).isPresent();
        assertThat(book.note(crashes(T0 + 60 * MINUTE, 9))).isEmpty();

        assertThat(canary(0).firstCrashAt()).isEqualTo(T0 + 50 * MINUTE);
    }

    @Test
    void a_counter_that_was_reset_is_followed_from_its_new_value() {
        book.returned(canaries.get(0), T0, noTrack);
        book.note(crashes(T0 + 31 * MINUTE, 12));
        book.note(crashes(T0 + 41 * MINUTE, 0));
        assertThat(canary(0).crashed()).isFalse();
        book.note(crashes(T0 + 51 * MINUTE, 1));

        assertThat(canary(0).firstCrashAt()).isEqualTo(T0 + 51 * MINUTE);
    }

    @Test
    void late_and_doubled_reports_do_not_move_the_first_crash_later() {
        List<HealthReport> reports = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            reports.add(crashes(T0 + (31 + 10 * i) * MINUTE, i < 8 ? 2 : i));
            reports.add(crashes(T0 + (31 + 10 * i) * MINUTE, i < 8 ? 2 : i));
        }
        for (int seed = 0; seed < 100; seed++) {
            EvidenceBook shuffled = new EvidenceBook(0, canaries, controls, POLICY);
            shuffled.returned(canaries.get(0), T0, noTrack);
            shuffled.note(crashes(T0 + 31 * MINUTE, 2));
            Collections.shuffle(reports, new Random(seed));
            reports.forEach(shuffled::note);

            MemberEvidence row = evidence(shuffled).canary().get(0);
            assertThat(row.firstCrashAt()).as("seed %d", seed).isEqualTo(T0 + (31 + 80) * MINUTE);
            assertThat(row.latestAt()).isEqualTo(T0 + 231 * MINUTE);
        }
    }

    @Test
    void replayed_rows_give_the_same_evidence_and_missing_reports_only_shorten_it() {
        Random random = new Random(7);
        Map<Endpoint, HealthTrack> tracks = new HashMap<>();
        List<MemberEvidence> ledger = new ArrayList<>();
        List<Endpoint> all = new ArrayList<>(canaries);
        all.addAll(controls);
        for (int minute = -1500; minute < 600; minute += 5) {
            for (Endpoint endpoint : all) {
                long at = T0 + minute * MINUTE;
                HealthReport report = report(
                        endpoint,
                        at,
                        Map.of(
                                Metric.CRASH_COUNT,
                                (double) Math.max(0, minute / 100 + random.nextInt(2)),
                                Metric.ENERGY_USED_MAH,
                                2000.0 + minute));
                tracks.computeIfAbsent(endpoint, e -> new HealthTrack(POLICY.preWindow()))
                        .note(report);
                book.note(report).ifPresent(ledger::add);
            }
            if (minute == 0 || minute == 45) {
                book.returned(canaries.get(minute / 45), T0 + minute * MINUTE, tracks.get(canaries.get(minute / 45)))
                        .ifPresent(ledger::add);
                ledger.addAll(book.pairControls(e -> Optional.of(tracks.get(e))));
            }
        }

        EvidenceBook replayed = new EvidenceBook(0, canaries, controls, POLICY);
        ledger.forEach(replayed::restore);

        WaveEvidence was = evidence(book);
        WaveEvidence is = evidence(replayed);
        assertThat(facts(is.canary())).isEqualTo(facts(was.canary()));
        assertThat(facts(is.control())).isEqualTo(facts(was.control()));
        assertThat(was.canary()).allMatch(row -> row.crashed() && row.preRate() > 0 && row.postStartAt() > 0);
        for (int i = 0; i < canaries.size(); i++) {
            assertThat(is.canary().get(i).latestAt())
                    .isBetween(
                            is.canary().get(i).atRiskFrom(), was.canary().get(i).latestAt());
        }
        assertThat(replayed.pairControls(e -> Optional.empty())).isEmpty();
    }

    @Test
    void a_restart_between_return_and_pairing_loses_no_control() {
        MemberEvidence row = book.returned(canaries.get(0), T0, noTrack).orElseThrow();
        EvidenceBook replayed = new EvidenceBook(0, canaries, controls, POLICY);
        replayed.restore(row);

        assertThat(replayed.pairControls(e -> Optional.empty()))
                .extracting(MemberEvidence::endpoint)
                .containsExactly(controls.get(0), controls.get(2), controls.get(4));
    }

    @Test
    void a_device_not_heard_of_for_a_quarter_of_the_soak_fell_silent_once() {
        book.returned(canaries.get(0), T0, noTrack);
        book.pairControls(e -> Optional.empty());
        book.note(crashes(T0 + 31 * MINUTE, 0));
        book.note(crashes(controls.get(0), T0 + 31 * MINUTE, 0, 0));
        long limit = 6 * 60 * MINUTE;
        book.note(crashes(controls.get(0), T0 + 150 * MINUTE, 0, 0));
        book.note(crashes(controls.get(0), T0 + 300 * MINUTE, 0, 0));

        assertThat(book.silences(T0 + 31 * MINUTE + limit - 1, e -> Optional.empty()))
                .isEmpty();
        List<MemberEvidence> silent = book.silences(T0 + 31 * MINUTE + limit + 5, e -> Optional.empty());
        assertThat(silent).extracting(MemberEvidence::endpoint).containsExactly(canaries.get(0));
        assertThat(silent.get(0).firstSilentAt()).isEqualTo(T0 + 31 * MINUTE + limit);
        assertThat(book.silences(T0 + 31 * MINUTE + limit + 10, e -> Optional.empty()))
                .isEmpty();

        book.note(crashes(T0 + 600 * MINUTE, 0));
        assertThat(canary(0).firstSilentAt()).isEqualTo(T0 + 31 * MINUTE + limit);
    }

    @Test
    void nobody_was_silent_while_nobody_listened() {
        List<MemberEvidence> ledger = new ArrayList<>();
        book.returned(canaries.get(0), T0, noTrack).ifPresent(ledger::add);
        book.note(crashes(T0 + 31 * MINUTE, 0)).ifPresent(ledger::add);
        EvidenceBook restarted = new EvidenceBook(0, canaries, controls, POLICY);
        ledger.forEach(restarted::restore);
        long back = T0 + 1000 * MINUTE;

        assertThat(restarted.silences(back, e -> Optional.empty())).isEmpty();
        restarted.note(crashes(controls.get(0), back, 0, 0));
        restarted.note(crashes(controls.get(0), back + 170 * MINUTE, 0, 0));
        restarted.note(crashes(controls.get(0), back + 340 * MINUTE, 0, 0));
        assertThat(restarted.silences(back + 359 * MINUTE, e -> Optional.empty()))
                .isEmpty();
        assertThat(restarted.silences(back + 360 * MINUTE, e -> Optional.empty()))
                .extracting(MemberEvidence::firstSilentAt)
                .containsExactly(back + 360 * MINUTE);
    }

    @Test
    void a_device_that_reports_seldom_is_silent_after_twice_its_usual_interval_and_the_ledger_says_so() {
        HealthTrack seldom = new HealthTrack(POLICY.preWindow());
        List<MemberEvidence> ledger = new ArrayList<>();
        book.returned(canaries.get(0), T0, noTrack).ifPresent(ledger::add);
        long first = T0 + 31 * MINUTE;
        for (int day = -3; day <= 0; day++) {
            seldom.note(crashes(first + day * 300L * MINUTE, 0));
        }
        book.note(crashes(first, 0)).ifPresent(ledger::add);
        hearsOthersEveryHour(book, first, 1000);

        List<MemberEvidence> longer = book.silences(first + 360 * MINUTE, e -> Optional.of(seldom));
        assertThat(longer).hasSize(1);
        assertThat(longer.get(0).silentAfter()).contains(Duration.ofHours(12));
        assertThat(longer.get(0).fellSilent()).isFalse();
        ledger.addAll(longer);
        assertThat(book.silences(first + 719 * MINUTE, e -> Optional.empty())).isEmpty();

        EvidenceBook restarted = new EvidenceBook(0, canaries, controls, POLICY);
        ledger.forEach(restarted::restore);
        restarted.note(crashes(first, 0));
        hearsOthersEveryHour(restarted, first, 1000);
        for (EvidenceBook either : List.of(book, restarted)) {
            assertThat(either.silences(first + 719 * MINUTE, e -> Optional.empty()))
                    .isEmpty();
            assertThat(either.silences(first + 900 * MINUTE, e -> Optional.empty()))
                    .extracting(MemberEvidence::firstSilentAt)
                    .containsExactly(first + 720 * MINUTE);
        }
    }

    @Test
    void limits_of_their_own_are_whole_quarters_of_the_policys_and_leave_a_quarter_of_the_soak() {
        assertThat(POLICY.silentAfter(0)).isEqualTo(Duration.ofHours(6));
        assertThat(POLICY.silentAfter(135 * MINUTE)).isEqualTo(Duration.ofHours(6));
        assertThat(POLICY.silentAfter(136 * MINUTE)).isEqualTo(Duration.ofMinutes(450));
        assertThat(POLICY.silentAfter(8 * 60 * MINUTE)).isEqualTo(Duration.ofHours(18));
        assertThat(POLICY.silentAfter(Long.MAX_VALUE)).isEqualTo(Duration.ofHours(18));
    }

    @Test
    void an_outage_of_both_arms_makes_nobody_silent_and_whoever_stays_away_after_it_is_found() {
        book.returned(canaries.get(0), T0, noTrack);
        book.pairControls(e -> Optional.empty());
        long first = T0 + 31 * MINUTE;
        book.note(crashes(first, 0));
        book.note(crashes(controls.get(0), first, 0, 0));
        long back = first + 500 * MINUTE;

        assertThat(book.silences(back - MINUTE, e -> Optional.empty())).isEmpty();
        book.note(crashes(controls.get(0), back, 0, 0));
        assertThat(book.silences(back, e -> Optional.empty())).isEmpty();

        hearsOthersEveryHour(book, back, 400);
        assertThat(book.silences(back + 359 * MINUTE, e -> Optional.empty())).isEmpty();
        assertThat(book.silences(back + 360 * MINUTE, e -> Optional.empty()))
                .extracting(MemberEvidence::endpoint, MemberEvidence::firstSilentAt)
                .containsExactly(tuple(canaries.get(0), back + 360 * MINUTE));
    }

    @Test
    void a_device_that_never_reports_again_is_found_among_devices_that_all_report_at_the_same_hours() {
        HealthTrack seldom = new HealthTrack(POLICY.preWindow());
        book.returned(canaries.get(0), T0, noTrack);
        book.pairControls(e -> Optional.empty());
        long first = T0 + 31 * MINUTE;
        for (int time = -3; time <= 0; time++) {
            seldom.note(crashes(first + time * 360L * MINUTE, 0));
        }
        book.note(crashes(first, 0));
        List<MemberEvidence> changed = new ArrayList<>();
        for (int time = 0; time <= 4; time++) {
            long at = first + time * 360L * MINUTE;
            book.note(crashes(controls.get(0), at, 0, 0));
            for (int minute = 0; minute < 360; minute += 36) {
                changed.addAll(book.silences(at + minute * MINUTE, e -> Optional.of(seldom)));
            }
        }

        assertThat(changed.stream().filter(MemberEvidence::fellSilent))
                .extracting(MemberEvidence::endpoint)
                .containsExactly(canaries.get(0));
    }

    /** A control that has a row but is not at risk: it only shows that somebody is heard. */
    private void hearsOthersEveryHour(EvidenceBook listening, long fromMs, int minutes) {
        for (int minute = 60; minute < minutes; minute += 60) {
            listening.note(report(controls.get(0), fromMs + minute * MINUTE, Map.of()));
        }
    }

    @Test
    void a_device_cannot_stand_in_both_arms() {
        assertThatThrownBy(() -> new EvidenceBook(3, canaries, canaries, POLICY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("wave 3: canary-0 twice (expected: each device once, in one arm)");
    }

    private static List<MemberEvidence> facts(List<MemberEvidence> rows) {
        return rows.stream().map(row -> row.latest(0, 0, 0)).toList();
    }

    private MemberEvidence canary(int rank) {
        return evidence(book).canary().get(rank);
    }

    private static WaveEvidence evidence(EvidenceBook book) {
        return book.evidence(
                1,
                Instant.ofEpochMilli(T0).plus(Duration.ofDays(1)),
                Instant.ofEpochMilli(T0),
                Instant.ofEpochMilli(T0).plus(POLICY.soak()),
                0,
                new UpdateCounts(2, 2, 2, 2, 0, 0, 0, 0));
    }

    private HealthReport crashes(long at, int count) {
        return report(canaries.get(0), at, Map.of(Metric.CRASH_COUNT, (double) count));
    }

    private HealthReport crashes(long at, int count, long lastCrashAt) {
        return crashes(canaries.get(0), at, count, lastCrashAt);
    }

    private static HealthReport crashes(Endpoint endpoint, long at, int count, long lastCrashAt) {
        return report(
                endpoint,
                at,
                Map.of(Metric.CRASH_COUNT, (double) count, Metric.LAST_CRASH_EPOCH_SECONDS, lastCrashAt / 1000.0));
    }

    private static HealthReport report(Endpoint endpoint, long at, Map<Metric, Double> values) {
        return new HealthReport(endpoint, Instant.ofEpochMilli(at), Instant.ofEpochMilli(at), values);
    }

    static List<Endpoint> endpoints(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Endpoint(name + "-" + i))
                .toList();
    }
}
