package wavegate.server.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.CampaignMachine;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Gate;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.JudgedBy;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.update.CampaignId;

/**
 * Has open waves judged. Evidence is taken on the rollout thread and is immutable; the judging runs on the worker; its answer comes back as an
 * input that names the evidence, and is dropped if the wave has moved on since. One judging per campaign at a time.
 */
final class GateKeeper {
    private static final int MAX_RECORDED_MEMBERS = 20_000;

    private final RolloutEngine engine;
    private final Executor worker;
    private final Consumer<Runnable> back;
    private final Set<CampaignId> judging = new HashSet<>();

    GateKeeper(RolloutEngine engine, Executor worker, Consumer<Runnable> back) {
        this.engine = engine;
        this.worker = worker;
        this.back = back;
    }

    /** Judges an open wave forty times a soak, but at most once in the interval of the settings. */
    void lookIfDue(CampaignRun run) {
        Instant now = engine.turn().now();
        if (now.isBefore(run.nextLook())) {
            return;
        }
        Duration fortieth = run.campaign().spec().gate().soak().dividedBy(40);
        Duration longest = engine.parts().settings().gateInterval();
        run.nextLook(now.plus(fortieth.compareTo(longest) < 0 ? fortieth : longest));
        if (!lookBack(run)) {
            look(run);
        }
    }

    /**
     * Judges a wave again that was let through, if what became known since speaks against it: reports that were on their way, updates that failed or
     * were undone after all. The evidence is taken as of when it was decided. @return whether one is judged
     */
    private boolean lookBack(CampaignRun run) {
        for (Wave wave : run.campaign().waves()) {
            CampaignRun.WaveRun waveRun = run.wave(wave.index());
            if (wave.phase() != WavePhase.PASSED) {
                continue;
            }
            int harm = waveRun.harm();
            boolean news = waveRun.lateNews || (waveRun.harmKnown >= 0 && harm > waveRun.harmKnown);
            if (!news || !judging.add(run.campaign().id())) {
                waveRun.harmKnown = news ? waveRun.harmKnown : harm;
                continue;
            }
            waveRun.lateNews = false;
            waveRun.harmKnown = harm;
            judge(
                    run,
                    wave,
                    waveRun.book.evidence(
                            engine.parts().ledger().lastSequence(),
                            wave.phaseSince(),
                            wave.soakFrom(),
                            wave.soakUntil(),
                            run.campaign().spec().gate().looks(),
                            waveRun.forGate()));
            return true;
        }
        return false;
    }

    private void look(CampaignRun run) {
        Optional<Wave> open = run.campaign().openWave();
        if (open.isEmpty()
                || open.get().phase() == WavePhase.HELD
                || !judging.add(run.campaign().id())) {
            return;
        }
        Wave wave = open.get();
        CampaignRun.WaveRun waveRun = run.wave(wave.index());
        if (wave.phase() == WavePhase.SOAKING) {
            waveRun.book
                    .pairRemainingControls(
                            wave.soakFrom().toEpochMilli(), endpoint -> Optional.of(engine.track(run, endpoint)))
                    .forEach(row -> engine.noted(run, wave.index(), row));
        }
        waveRun.book
                .silences(engine.turn().now().toEpochMilli(), endpoint -> Optional.of(engine.track(run, endpoint)))
                .forEach(row -> engine.noted(run, wave.index(), row));
        WaveEvidence evidence = waveRun.book.evidence(
                engine.parts().ledger().lastSequence(),
                engine.turn().now(),
                wave.soakFrom(),
                wave.soakUntil(),
                wave.looksUsed(),
                waveRun.forGate());
        judge(run, wave, evidence);
    }

    private void judge(CampaignRun run, Wave wave, WaveEvidence evidence) {
        var policy = run.campaign().spec().gate();
        // By place, not by who is there: a wave that found nobody to compare with must not pass as if it were the last.
        boolean hasControl = wave.index() < run.campaign().waves().size() - 1;
        CampaignId id = run.campaign().id();
        worker.execute(() -> {
            try {
                GateDecision decision = Gate.judge(evidence, policy, hasControl);
                JudgedBy by = new JudgedBy(Gate.VERSION, policy, hasControl);
                back.accept(() -> judged(id, evidence, decision, by));
            } catch (RuntimeException e) {
                back.accept(() -> {
                    judging.remove(id);
                    throw e;
                });
            }
        });
    }

    private void judged(CampaignId id, WaveEvidence evidence, GateDecision decision, JudgedBy by) {
        judging.remove(id);
        CampaignRun run = engine.state().run(id).orElseThrow();
        run.lastGate(decision);
        engine.touch(run);
        Campaign moved = CampaignMachine.next(
                        run.campaign(),
                        new CampaignEvent.Judged(decision),
                        run.counts(),
                        engine.turn().now())
                .next();
        boolean takenByARow = !moved.equals(run.campaign());
        if (takenByARow) {
            engine.turn()
                    .record(new Fact.GateJudged(
                            engine.turn().now(), id, recordable(evidence), decision, Optional.of(by)));
            engine.campaignEvent(run, new CampaignEvent.Judged(decision), "gate");
            engine.dispatcher().lookAgain();
        }
    }

    /** Rows of a very large wave are in the ledger already, one by one, up to the evidence's sequence; a record must not outgrow a batch. */
    private static WaveEvidence recordable(WaveEvidence evidence) {
        boolean small = evidence.canary().size() + evidence.control().size() <= MAX_RECORDED_MEMBERS;
        return small ? evidence : evidence.withoutMembers();
    }

    /** The gate's own kill: the fence rises now, on this thread, before anything else is decided. */
    void kill(CampaignRun run, String reason) {
        KillScope scope =
                new KillScope(KillScope.Kind.CAMPAIGN, run.campaign().id().value());
        boolean already = engine.state().killSwitches().values().stream()
                .anyMatch(kill -> kill.scope().equals(scope));
        if (!already) {
            Fence.Raised raised = engine.parts().fence().raise(scope);
            engine.kills().raise(scope, reason, "gate", raised);
        }
    }
}
