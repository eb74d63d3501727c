package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.telemetry.Metric;

/**
 * One wave from its first report to its verdict, through track, book and gate: 25 canaries and 225 controls report every half hour, a day before
 * the update and a day after it. One report in twenty is lost, one in twenty comes twice, all come up to four minutes late and the doubles a quarter of an hour later.
 */
class WaveStoryTest {
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    /** When the canaries come back after their update. */
    private static final long BACK = 10_000 * HOUR;

    private static final long SOAK_FROM = BACK + HOUR;
    private static final GatePolicy POLICY = new GatePolicy(
            Duration.ofHours(24),
            Duration.ofHours(24),
            Duration.ofHours(72),
            Duration.ofHours(1),
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
    private static final double CRASHES_PER_HOUR = -Math.log(0.9) / 24;

    /** What the new firmware does to a device: how often it crashes and how much it draws, against the old; when it falls mute, hours. */
    private record Firmware(double crashes, double draw, double muteAfter) {
        static final Firmware HEALTHY = new Firmware(1, 1, Double.POSITIVE_INFINITY);
    }

    private record Ending(GateDecision decision, double hours) {}

    @Test
    void healthy_firmware_passes() {
        Ending ending = play(Firmware.HEALTHY, 1);

        assertThat(ending.decision().verdict()).as(ending.decision().reason()).isEqualTo(Verdict.PASS);
        assertThat(ending.decision().looksUsed()).isEqualTo(4);
        assertThat(ending.hours()).isEqualTo(25);
    }

    @Test
    void firmware_that_crashes_thirty_times_as_often_fails_within_hours() {
        Ending ending = play(new Firmware(30, 1, Double.POSITIVE_INFINITY), 2);

        assertThat(ending.decision().verdict()).as(ending.decision().reason()).isEqualTo(Verdict.FAIL);
        assertThat(ending.decision().reason()).startsWith("crash: ");
        assertThat(ending.hours()).isLessThan(8);
    }

    @Test
    void firmware_that_draws_thirty_percent_more_fails_at_the_first_look() {
        Ending ending = play(new Firmware(1, 1.3, Double.POSITIVE_INFINITY), 3);

        assertThat(ending.decision().verdict()).as(ending.decision().reason()).isEqualTo(Verdict.FAIL);
        assertThat(ending.decision().reason()).startsWith("battery: look 1 of 4: ");
    }

    @Test
    void firmware_that_mutes_its_modules_fails_by_their_silence() {
        Ending ending = play(new Firmware(1, 1, 6), 4);

        assertThat(ending.decision().verdict()).as(ending.decision().reason()).isEqualTo(Verdict.FAIL);
        assertThat(ending.decision().reason()).contains("silence: ").contains("fell silent against 0 of 225 controls");
    }

    @Test
    void firmware_that_crashes_and_then_never_speaks_again_does_not_pass() {
        assertThat(play(new Firmware(1, 1, 1.1), 5).decision().verdict()).isNotEqualTo(Verdict.PASS);
    }

    /** Judged every hour from the return on, until the gate fails or the soak is over. */
    private static Ending play(Firmware firmware, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Endpoint> canaries = EvidenceBookTest.endpoints("canary", 25);
        List<Endpoint> controls = EvidenceBookTest.endpoints("control", 225);
        List<HealthReport> reports = new ArrayList<>();
        canaries.forEach(endpoint -> reports.addAll(reportsOf(endpoint, firmware, random)));
        controls.forEach(endpoint -> reports.addAll(reportsOf(endpoint, Firmware.HEALTHY, random)));
        reports.sort(Comparator.comparing(HealthReport::receivedAt));

        EvidenceBook book = new EvidenceBook(0, canaries, controls, POLICY);
        Map<Endpoint, HealthTrack> tracks = new HashMap<>();
        int looksUsed = 0;
        int next = 0;
        GateDecision decision = null;
        for (int hour = -25; hour <= 25; hour++) {
            Instant now = Instant.ofEpochMilli(BACK + hour * HOUR);
            while (next < reports.size() && reports.get(next).receivedAt().isBefore(now)) {
                HealthReport report = reports.get(next++);
                tracks.computeIfAbsent(report.endpoint(), e -> new HealthTrack(POLICY.preWindow()))
                        .note(report);
                book.note(report);
            }
            if (hour == 0) {
                canaries.forEach(endpoint -> book.returned(endpoint, BACK, tracks.get(endpoint)));
                book.pairControls(endpoint -> Optional.of(tracks.get(endpoint)));
            }
            if (hour < 1) {
                continue;
            }
            book.silences(now.toEpochMilli(), endpoint -> Optional.of(tracks.get(endpoint)));
            decision = Gate.judge(
                    book.evidence(
                            hour,
                            now,
                            Instant.ofEpochMilli(SOAK_FROM),
                            Instant.ofEpochMilli(SOAK_FROM).plus(POLICY.soak()),
                            looksUsed,
                            new UpdateCounts(25, 25, 25, 25, 0, 0, 0, 0)),
                    POLICY,
                    true);
            looksUsed = decision.looksUsed();
            if (decision.verdict() != Verdict.INCONCLUSIVE) {
                return new Ending(decision, hour);
            }
        }
        if (decision == null) {
            throw new IllegalStateException("never judged");
        }
        return new Ending(decision, 25);
    }

    private static List<HealthReport> reportsOf(Endpoint endpoint, Firmware after, SplittableRandom random) {
        List<HealthReport> reports = new ArrayList<>();
        double draw = 5 * Math.exp(0.3 * random.nextGaussian());
        double energy = 1000 * random.nextDouble();
        int crashes = random.nextInt(5);
        long phase = random.nextLong(30 * MINUTE);
        long last = BACK - 25 * HOUR;
        double lastCrash = 0;
        double muteAt = BACK + after.muteAfter() * HOUR * (0.8 + 0.4 * random.nextDouble());
        for (long at = last + phase; at < BACK + 26 * HOUR && at < muteAt; at += 30 * MINUTE) {
            boolean updated = at > BACK;
            double hours = (at - last) / (double) HOUR;
            energy += hours * draw * (updated ? after.draw() : 1) * Math.exp(0.1 * random.nextGaussian());
            if (random.nextDouble() < -Math.expm1(-hours * CRASHES_PER_HOUR * (updated ? after.crashes() : 1))) {
                crashes++;
                lastCrash = (last + random.nextDouble() * (at - last)) / 1000;
            }
            last = at;
            HealthReport report = new HealthReport(
                    endpoint,
                    Instant.ofEpochMilli(at),
                    Instant.ofEpochMilli(at + random.nextLong(4 * MINUTE)),
                    Map.of(
                            Metric.CRASH_COUNT,
                            (double) crashes,
                            Metric.ENERGY_USED_MAH,
                            energy,
                            Metric.LAST_CRASH_EPOCH_SECONDS,
                            Math.floor(lastCrash)));
            double chance = random.nextDouble();
            if (chance >= 0.05) {
                reports.add(report);
            }
            if (chance >= 0.95) {
                reports.add(new HealthReport(
                        endpoint,
                        report.deviceTime(),
                        report.receivedAt().plus(Duration.ofMinutes(16)),
                        report.values()));
            }
        }
        return reports;
    }
}
