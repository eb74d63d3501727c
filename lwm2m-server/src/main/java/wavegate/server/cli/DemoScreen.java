package wavegate.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.rollout.CampaignStatus;
import wavegate.sim.FleetReport;

/** What a person sees of a demonstration: a bar per wave, a line per event, a report at the end. */
final class DemoScreen implements AutoCloseable {
    private final PrintWriter out;
    /** Bars are for a terminal; a pipe gets a line per phase. The launcher knows which it is. */
    private final boolean interactive = Boolean.getBoolean("wavegate.terminal");

    private Optional<ProgressBar> bar = Optional.empty();
    private int shownWave = -1;
    private WavePhase shownPhase = WavePhase.PENDING;

    DemoScreen(PrintWriter out) {
        this.out = out;
    }

    void say(String format, Object... values) {
        endBar();
        out.println(values.length == 0 ? format : String.format(Locale.ROOT, format, values));
        out.flush();
    }

    void show(CampaignStatus status) {
        Optional<Wave> open = status.campaign().openWave();
        if (open.isEmpty()) {
            return;
        }
        Wave wave = open.get();
        if (wave.index() != shownWave) {
            endBar();
            passed(status, shownWave);
            shownWave = wave.index();
            shownPhase = WavePhase.PENDING;
            bar = interactive ? Optional.of(newBar(name(wave), wave.size())) : Optional.empty();
        }
        Map<UpdatePhase, Integer> phases = status.phases().get(wave.index());
        if (!interactive && wave.phase() != shownPhase) {
            say("  %s %-11s of %d: %s", name(wave), wave.phase(), wave.size(), counts(phases));
        }
        shownPhase = wave.phase();
        int done = phases.entrySet().stream()
                .filter(entry -> entry.getKey().isFinal() || entry.getKey() == UpdatePhase.VERIFY_POST)
                .mapToInt(Map.Entry::getValue)
                .sum();
        bar.ifPresent(b -> {
            b.stepTo(done);
            b.setExtraMessage(" " + wave.phase() + " " + counts(phases) + gate(wave, status));
        });
    }

    private static String gate(Wave wave, CampaignStatus status) {
        return wave.phase() == WavePhase.SOAKING
                ? status.lastGate()
                        .filter(gate -> gate.wave() == wave.index())
                        .map(gate -> " gate " + gate.verdict())
                        .orElse("")
                : "";
    }

    /** The gate's word on a wave that has just been left. */
    private void passed(CampaignStatus status, int index) {
        if (index >= 0) {
            Wave wave = status.campaign().waves().get(index);
            say("  %s %s: %s", name(wave), wave.phase(), wave.reason());
        }
    }

    private static String name(Wave wave) {
        return wave.index() == 0 ? "canary " : "wave " + wave.index() + " ";
    }

    static String counts(Map<UpdatePhase, Integer> phases) {
        List<String> parts = new ArrayList<>();
        phases.forEach((phase, n) -> parts.add(phase + " " + n));
        return String.join(", ", parts);
    }

    private ProgressBar newBar(String name, int size) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(size)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(500)
                .setMaxRenderedLength(150)
                .setConsumer(new ConsoleProgressBarConsumer(System.out, 150))
                .build();
    }

    private void endBar() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }

    void plan(JsonNode plan) {
        CampaignText.plan(out, plan);
        out.flush();
    }

    void gate(GateDecision decision) {
        say("  gate of wave %d: %s", decision.wave(), decision.verdict());
        decision.metrics()
                .forEach(metric -> say("    %-20s %-12s %s", metric.metric(), metric.verdict(), metric.reason()));
    }

    void report(CampaignStatus end, FleetReport fleet, Duration took, DemoVerdict verdict) {
        endBar();
        passed(end, shownWave);
        say("");
        say(
                "campaign   %s%s",
                end.campaign().phase(),
                end.campaign().reason().isEmpty() ? "" : ": " + end.campaign().reason());
        for (Wave wave : end.campaign().waves()) {
            say(
                    "  %-8s %-11s %5d devices, %5d control   %s",
                    name(wave),
                    wave.phase(),
                    wave.size(),
                    wave.control(),
                    counts(end.phases().get(wave.index())));
        }
        if (!end.reasons().isEmpty()) {
            say("reasons    %s", end.reasons());
        }
        say("devices    %s, as the devices themselves say", fleet.byVersion());
        say(
                "transfer   %,d bytes of images in %,d blocks, %,d datagrams each way",
                fleet.totals().bytes(), fleet.totals().blocks(), Math.max(fleet.datagramsIn(), fleet.datagramsOut()));
        say(
                "modules    %,d boots, %,d crashes, %,d reverts",
                fleet.totals().boots(), fleet.totals().crashes(), fleet.totals().reverts());
        say("time       %d s", took.toSeconds());
        say("");
        verdict.checks().forEach(check -> say("%s %s", check.holds() ? "  ok  " : "  BAD ", check.what()));
    }

    @Override
    public void close() {
        endBar();
    }
}
