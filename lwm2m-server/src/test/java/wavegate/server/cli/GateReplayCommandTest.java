package wavegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.EvidenceBook;
import wavegate.firmware.gate.Gate;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.JudgedBy;
import wavegate.firmware.gate.UpdateCounts;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.telemetry.Metric;
import wavegate.firmware.update.CampaignId;
import wavegate.server.ledger.FileLedger;

class GateReplayCommandTest {
    private static final Instant BACK = Instant.parse("2026-05-01T00:00:00Z");
    private static final CampaignId SPRING = new CampaignId("spring");
    private static final JudgedBy RULES = new JudgedBy(Gate.VERSION, GatePolicy.DEFAULT, true);

    @TempDir
    Path data;

    private record Ran(int code, String out, String err) {}

    private Ran replay(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("--data", data.toString()));
        all.addAll(List.of(arguments));
        int code = new CommandLine(new GateReplayCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
        return new Ran(code, out.toString(), err.toString());
    }

    private void ledgerOf(Fact... facts) {
        try (FileLedger ledger = FileLedger.open(data.resolve("ledger"), new SplittableRandom(1))) {
            ledger.commit(List.of(facts));
        }
    }

    /** Thirty canaries, twelve of which crash within two hours, and sixty controls, one of which does. */
    private static WaveEvidence evidence(int wave) {
        List<Endpoint> canary = names("canary", 30);
        List<Endpoint> control = names("control", 60);
        EvidenceBook book = new EvidenceBook(wave, canary, control, GatePolicy.DEFAULT);
        HealthTrack track = new HealthTrack(Duration.ofHours(24));
        canary.forEach(name -> book.returned(name, BACK.toEpochMilli(), track));
        book.pairControls(name -> Optional.of(track));
        for (int half = 1; half <= 4; half++) {
            Instant at = BACK.plus(Duration.ofMinutes(30L * half));
            for (List<Endpoint> arm : List.of(canary, control)) {
                for (int i = 0; i < arm.size(); i++) {
                    boolean crashed = half > 2 && i < (arm == canary ? 12 : 1);
                    book.note(new HealthReport(
                            arm.get(i),
                            at.plusMillis(i),
                            at.plusMillis(i),
                            Map.of(Metric.CRASH_COUNT, crashed ? 1.0 : 0.0)));
                }
            }
        }
        Instant now = BACK.plus(Duration.ofHours(2)).plusSeconds(1);
        return book.evidence(
                7,
                now,
                BACK,
                BACK.plus(Duration.ofMinutes(24 * 60 + 30)),
                0,
                new UpdateCounts(30, 30, 30, 30, 0, 0, 0, 0));
    }

    private static List<Endpoint> names(String arm, int count) {
        List<Endpoint> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(new Endpoint(arm + "-" + i));
        }
        return names;
    }

    private static Fact judged(WaveEvidence evidence, GateDecision decision) {
        return new Fact.GateJudged(evidence.now(), SPRING, evidence, decision, Optional.of(RULES));
    }

    @Test
    void a_verdict_judged_again_from_the_ledger_comes_out_the_same_to_the_last_figure() {
        WaveEvidence evidence = evidence(0);
        GateDecision decision = Gate.judge(evidence, GatePolicy.DEFAULT, true);
        assertThat(decision.verdict()).isEqualTo(Verdict.FAIL);
        ledgerOf(judged(evidence, decision));

        Ran ran = replay("spring");

        assertThat(ran.out()).contains("fact 1  wave 0", "stored FAIL", "the same");
        assertThat(ran.code()).isZero();
    }

    @Test
    void a_verdict_that_does_not_follow_from_its_evidence_is_shown_with_what_differs() {
        WaveEvidence evidence = evidence(0);
        GateDecision decision = Gate.judge(evidence, GatePolicy.DEFAULT, true);
        GateDecision forged = new GateDecision(
                decision.sequence(),
                decision.wave(),
                decision.at(),
                Verdict.PASS,
                false,
                decision.reason(),
                decision.looksUsed(),
                decision.metrics().subList(0, 4));
        ledgerOf(judged(evidence, forged));

        Ran ran = replay("spring", "0");

        assertThat(ran.out()).contains("DIFFERS", "verdict: stored PASS, again FAIL", "crash: not stored, again FAIL");
        assertThat(ran.code()).isEqualTo(1);
    }

    @Test
    void other_thresholds_are_asked_of_the_same_evidence() {
        WaveEvidence evidence = evidence(1);
        ledgerOf(judged(evidence, Gate.judge(evidence, GatePolicy.DEFAULT, true)));

        Ran strict = replay("spring", "--set", "laterAlpha=0.0000001", "--set", "soak=1h", "--set", "settle=5m");
        Ran loose = replay("spring", "--set", "laterAlpha=0.1", "--json");
        Ran wrong = replay("spring", "--set", "alpha=0.1");

        assertThat(strict.out()).contains("would be INCONCLUSIVE").doesNotContain("soaking until");
        assertThat(loose.out()).contains("\"outcome\":\"would be FAIL\"", "\"rules\":" + Gate.VERSION);
        assertThat(strict.code()).isZero();
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("alpha");
    }

    @Test
    void rows_that_were_left_out_and_campaigns_without_a_verdict_are_said_to_be_so() {
        WaveEvidence evidence = evidence(0);
        ledgerOf(judged(evidence.withoutMembers(), Gate.judge(evidence, GatePolicy.DEFAULT, true)));

        assertThat(replay("spring").out()).contains("not judged again");
        assertThat(replay("spring").code()).isEqualTo(1);
        assertThat(replay("autumn").err()).contains("no verdict on campaign \"autumn\"");
        assertThat(replay("spring", "3").code()).isEqualTo(1);
    }
}
