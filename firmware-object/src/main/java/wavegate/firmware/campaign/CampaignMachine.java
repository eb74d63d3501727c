package wavegate.firmware.campaign;

import static wavegate.firmware.campaign.CampaignPhase.ABORTED;
import static wavegate.firmware.campaign.CampaignPhase.ABORTING;
import static wavegate.firmware.campaign.CampaignPhase.COMPLETED;
import static wavegate.firmware.campaign.CampaignPhase.COMPLETED_WITH_FAILURES;
import static wavegate.firmware.campaign.CampaignPhase.DRAFT;
import static wavegate.firmware.campaign.CampaignPhase.ENDING;
import static wavegate.firmware.campaign.CampaignPhase.PAUSED;
import static wavegate.firmware.campaign.CampaignPhase.PENDING_APPROVAL;
import static wavegate.firmware.campaign.CampaignPhase.ROLLED_BACK;
import static wavegate.firmware.campaign.CampaignPhase.ROLLING_BACK;
import static wavegate.firmware.campaign.CampaignPhase.RUNNING;
import static wavegate.firmware.campaign.CampaignPhase.SCHEDULED;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import wavegate.firmware.campaign.CampaignEvent.AbortAsked;
import wavegate.firmware.campaign.CampaignEvent.Approved;
import wavegate.firmware.campaign.CampaignEvent.Decided;
import wavegate.firmware.campaign.CampaignEvent.Edited;
import wavegate.firmware.campaign.CampaignEvent.Judged;
import wavegate.firmware.campaign.CampaignEvent.Killed;
import wavegate.firmware.campaign.CampaignEvent.Looked;
import wavegate.firmware.campaign.CampaignEvent.PauseAsked;
import wavegate.firmware.campaign.CampaignEvent.Rejected;
import wavegate.firmware.campaign.CampaignEvent.ResumeAsked;
import wavegate.firmware.campaign.CampaignEvent.RollbackAsked;
import wavegate.firmware.campaign.CampaignEvent.RollbackEnded;
import wavegate.firmware.campaign.CampaignEvent.Started;
import wavegate.firmware.campaign.CampaignEvent.Submitted;
import wavegate.firmware.campaign.CampaignEvent.Superseded;
import wavegate.firmware.campaign.CampaignEvent.WasUnwatched;
import wavegate.firmware.campaign.CampaignStep.Action;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.Verdict;

/**
 * The transition table of a campaign and its waves. The first row whose guard holds is taken; an event that no row takes is ignored. Only a PASS,
 * by the gate or by a human, opens the next wave. A paused campaign is still judged, so that a late FAIL kills it; it does not advance.
 */
public final class CampaignMachine {
    /** A line of the table. {@code when} is the guard in words. */
    record Row(
            String id,
            Set<CampaignPhase> from,
            Class<? extends CampaignEvent> on,
            String when,
            Predicate<Moment> guard,
            Function<Moment, CampaignStep> effect) {}

    /** A campaign, an event, the counters of its waves in order, and the time. */
    record Moment(Campaign campaign, CampaignEvent event, List<WaveCounts> counts, Instant now) {
        Optional<Wave> open() {
            return campaign.openWave();
        }

        boolean openIn(WavePhase... phases) {
            return open().map(wave -> List.of(phases).contains(wave.phase())).orElse(false);
        }

        Wave wave() {
            return open().orElseThrow();
        }

        WaveCounts waveCounts() {
            return counts.get(wave().index());
        }

        GateDecision decision() {
            return ((Judged) event).decision();
        }

        Decided decided() {
            return (Decided) event;
        }

        boolean judges(Verdict verdict) {
            return decision().verdict() == verdict
                    && open().map(wave -> wave.index() == decision().wave()).orElse(false);
        }

        /** A wave that was let through before fails by what became known since. */
        boolean failsLate() {
            return decision().verdict() == Verdict.FAIL
                    && campaign.waves().get(decision().wave()).phase() == WavePhase.PASSED
                    && campaign.waves().stream().noneMatch(wave -> wave.phase() == WavePhase.FAILED);
        }

        boolean holdsOnly() {
            return decision().guardrail() && !campaign.spec().gate().guardrailKills();
        }

        String lateReason() {
            return "wave " + decision().wave() + ", known late: " + decision().reason();
        }

        boolean isLast(Wave wave) {
            return wave.index() == campaign.waves().size() - 1;
        }

        boolean over(Duration span) {
            return !now.isBefore(wave().phaseSince().plus(span));
        }

        WavePlan plan() {
            return campaign.spec().waves();
        }

        int openUpdates() {
            return counts.stream().mapToInt(WaveCounts::open).sum();
        }

        boolean beforeFirstWave() {
            return campaign.waves().stream().allMatch(wave -> wave.phase() == WavePhase.PENDING);
        }

        boolean allPassed() {
            return campaign.waves().stream().allMatch(wave -> wave.phase() == WavePhase.PASSED);
        }

        boolean stragglersHadTheirTime() {
            Wave last = campaign.waves().get(campaign.waves().size() - 1);
            return counts.stream().allMatch(c -> c.notReserved() == 0) || patienceOver(last);
        }

        /** Devices had their time to be reached, as far as windows let. */
        boolean patienceOver(Wave wave) {
            return !now.isBefore(schedule().patienceEnds(wave.phaseSince(), plan().fillDeadline()));
        }

        Schedule schedule() {
            return campaign.spec().terms().schedule();
        }

        boolean mayTouch() {
            boolean rollback = campaign.spec().terms().rollbackOf().isPresent();
            Instant watched = rollback
                    ? campaign.startedAt()
                    : campaign.startedAt().plus(campaign.spec().gate().preWindow());
            Instant wanted = schedule().startAt().orElse(Instant.MIN);
            return !now.isBefore(watched) && !now.isBefore(wanted);
        }

        boolean deadlinePassed() {
            return schedule().endAt().filter(end -> !now.isBefore(end)).isPresent();
        }

        boolean done() {
            return allPassed() && openUpdates() == 0 && stragglersHadTheirTime();
        }

        int succeeded() {
            return counts.stream().mapToInt(WaveCounts::succeeded).sum();
        }

        boolean quorum() {
            return waveCounts().settled()
                    >= Math.ceil(plan().quorum() * waveCounts().size());
        }
    }

    static final String DEADLINE = "deadline passed";

    private static final Set<CampaignPhase> LIVE = EnumSet.of(RUNNING, PAUSED, ENDING);
    private static final List<Row> ROWS = new ArrayList<>();

    // spotless:off -- one row, one line
    static {
        row("A1", EnumSet.of(DRAFT, PENDING_APPROVAL), Edited.class, "what was agreed to is void", m -> true, m -> { Edited edited = (Edited) m.event(); return step(m.campaign().asking(edited.spec()).reviewedAs(m.campaign().review().edited(edited.by())).to(DRAFT, "", m.now())); });
        row("A2", DRAFT, Submitted.class, "", m -> true, m -> { Submitted asked = (Submitted) m.event(); return step(m.campaign().reviewedAs(m.campaign().review().submit(asked.by(), asked.needed())).to(PENDING_APPROVAL, "", m.now())); });
        row("A3", PENDING_APPROVAL, Approved.class, "by somebody else, once", m -> m.campaign().review().mayApprove(((Approved) m.event()).by()), m -> { Approved agreed = (Approved) m.event(); return step(m.campaign().reviewedAs(m.campaign().review().approved(agreed.by(), agreed.reason(), m.now()))); });
        row("A4", PENDING_APPROVAL, Rejected.class, "", m -> true, m -> { Rejected refused = (Rejected) m.event(); return step(m.campaign().reviewedAs(m.campaign().review().submit("", 0)).to(DRAFT, "rejected by " + refused.by() + ": " + refused.reason(), m.now())); });

        row("K1", EnumSet.of(DRAFT, PENDING_APPROVAL), Started.class, "as many agreed as must", m -> m.campaign().review().approvals().size() >= Math.max(m.campaign().review().needed(), ((Started) m.event()).approvalsNeeded()), m -> { Started started = (Started) m.event(); return new CampaignStep(m.campaign().started(started.membership(), started.waves(), m.now()), Set.of(), "K1"); });

        row("E1", RUNNING, Looked.class, "deadline passed, something is left to do", m -> m.deadlinePassed() && !m.done(), m -> new CampaignStep(cancelPending(m.campaign(), m.now()).to(ENDING, DEADLINE, m.now()), Set.of(Action.CANCEL_UNBEGUN), "E1"));
        row("E2", EnumSet.of(SCHEDULED, PAUSED), Looked.class, "deadline passed", Moment::deadlinePassed, m -> new CampaignStep(cancelWaves(m.campaign(), m.now(), DEADLINE).to(ABORTING, DEADLINE + "; it was " + m.campaign().phase() + (m.campaign().reason().isEmpty() ? "" : ": " + m.campaign().reason()), m.now()), Set.of(Action.CANCEL_UPDATES), "E2"));
        row("E3", ENDING, Looked.class, "what had begun has ended", m -> m.openUpdates() == 0, m -> complete(new Moment(cancelWaves(m.campaign(), m.now(), DEADLINE), m.event(), m.counts(), m.now())));

        row("K2", SCHEDULED, Looked.class, "pre-window over, start time reached", Moment::mayTouch, m -> step(openWave(m.campaign().to(RUNNING, "", m.now()), 0, m.now())));

        row("K3", RUNNING, Looked.class, "dispatching, every member reserved", m -> m.openIn(WavePhase.DISPATCHING) && m.waveCounts().notReserved() == 0, m -> step(m.campaign().with(m.wave().to(WavePhase.SETTLING, m.now(), ""))));
        row("K4", RUNNING, Looked.class, "dispatching, fill deadline passed, some reserved", m -> m.openIn(WavePhase.DISPATCHING) && m.patienceOver(m.wave()) && m.waveCounts().notReserved() < m.waveCounts().size(), m -> step(m.campaign().with(m.wave().to(WavePhase.SETTLING, m.now(), m.waveCounts().notReserved() + " stragglers not reached yet"))));
        row("K5", RUNNING, Looked.class, "dispatching, fill deadline passed, nobody reached", m -> m.openIn(WavePhase.DISPATCHING) && m.patienceOver(m.wave()), m -> hold(m, "no device of the wave could be reached"));
        row("K6", RUNNING, Looked.class, "settling, quorum settled", m -> m.openIn(WavePhase.SETTLING) && m.quorum(), CampaignMachine::soak);
        row("K7", RUNNING, Looked.class, "settling too long, some settled", m -> m.openIn(WavePhase.SETTLING) && m.patienceOver(m.wave()) && m.waveCounts().settled() > 0, CampaignMachine::soak);
        row("K8", RUNNING, Looked.class, "settling too long, none settled", m -> m.openIn(WavePhase.SETTLING) && m.patienceOver(m.wave()), m -> hold(m, "no device of the wave settled in time"));
        row("K9", RUNNING, Looked.class, "every wave passed, no update open, stragglers given their time", Moment::done, CampaignMachine::complete);

        row("J1", LIVE, Judged.class, "a guardrail failed, and it holds", m -> m.judges(Verdict.FAIL) && m.decision().guardrail() && !m.campaign().spec().gate().guardrailKills() && !m.openIn(WavePhase.HELD), m -> hold(m, m.decision().reason()));
        row("J2", LIVE, Judged.class, "failed", m -> m.judges(Verdict.FAIL) && !(m.decision().guardrail() && !m.campaign().spec().gate().guardrailKills()), m -> fail(m, m.decision().reason()));
        row("J3", RUNNING, Judged.class, "passed", m -> m.judges(Verdict.PASS) && m.openIn(WavePhase.SOAKING), m -> pass(m, m.decision().reason()));
        row("J4", LIVE, Judged.class, "inconclusive, soak over, limit reached", m -> m.judges(Verdict.INCONCLUSIVE) && m.openIn(WavePhase.SOAKING) && !m.now().isBefore(m.wave().soakUntil()) && !m.now().isBefore(limit(m)), m -> hold(looked(m), m.decision().reason()));
        row("J5", LIVE, Judged.class, "inconclusive, soak over: extend", m -> m.judges(Verdict.INCONCLUSIVE) && m.openIn(WavePhase.SOAKING) && !m.now().isBefore(m.wave().soakUntil()), CampaignMachine::extend);
        row("J6", LIVE, Judged.class, "a planned look was spent", m -> m.judges(Verdict.INCONCLUSIVE) && m.openIn(WavePhase.SOAKING) && m.decision().looksUsed() > m.wave().looksUsed(), m -> step(looked(m).campaign()));

        row("J7", LIVE, Judged.class, "a wave let through before failed a guardrail, and it holds", m -> m.failsLate() && m.holdsOnly() && m.open().isPresent() && !m.openIn(WavePhase.HELD), m -> hold(m, m.lateReason()));
        row("J8", LIVE, Judged.class, "a wave let through before failed", m -> m.failsLate() && !m.holdsOnly(), CampaignMachine::failLate);
        row("J9", PAUSED, Decided.class, "held wave watched longer", m -> m.openIn(WavePhase.HELD) && m.wave().index() == m.decided().wave() && m.decided().verdict() == Verdict.INCONCLUSIVE, CampaignMachine::watchLonger);

        row("T1", EnumSet.of(SCHEDULED, PAUSED), WasUnwatched.class, "the pre-window does not count what nobody watched", Moment::beforeFirstWave, m -> step(m.campaign().delayed(((WasUnwatched) m.event()).gap())));
        row("T2", LIVE, WasUnwatched.class, "nor does a wave's clock", m -> m.open().isPresent(), m -> step(m.campaign().with(m.wave().delayed(((WasUnwatched) m.event()).gap()))));

        row("O1", EnumSet.of(SCHEDULED, RUNNING, ENDING), PauseAsked.class, "", m -> true, m -> step(m.campaign().to(PAUSED, ((PauseAsked) m.event()).reason(), m.now())));
        row("O2", PAUSED, ResumeAsked.class, "before the first wave", Moment::beforeFirstWave, m -> step(m.campaign().to(SCHEDULED, "", m.now())));
        row("O3", PAUSED, ResumeAsked.class, "no wave is held or failed", m -> !m.openIn(WavePhase.HELD) && m.campaign().waves().stream().noneMatch(wave -> wave.phase() == WavePhase.FAILED), m -> new CampaignStep(m.campaign().to(RUNNING, "", m.now()), Set.of(Action.RELEASE_HELD), "O3"));
        row("O4", EnumSet.of(DRAFT, PENDING_APPROVAL), AbortAsked.class, "", m -> true, m -> step(m.campaign().to(ABORTED, ((AbortAsked) m.event()).reason(), m.now())));
        row("O5", EnumSet.of(SCHEDULED, RUNNING, PAUSED, ENDING), AbortAsked.class, "", m -> true, m -> new CampaignStep(cancelWaves(m.campaign(), m.now(), "").to(ABORTING, ((AbortAsked) m.event()).reason(), m.now()), Set.of(Action.CANCEL_UPDATES), "O5"));
        row("O6", ABORTING, Looked.class, "no update open", m -> m.openUpdates() == 0, m -> step(m.campaign().to(ABORTED, m.campaign().reason(), m.now())));
        row("O7", PAUSED, Decided.class, "held wave let through", m -> m.openIn(WavePhase.HELD) && m.wave().index() == m.decided().wave() && m.decided().verdict() == Verdict.PASS, m -> { CampaignStep passed = pass(m, m.decided().reason()); return new CampaignStep(passed.next().phase() == PAUSED ? passed.next().to(RUNNING, "", m.now()) : passed.next(), Set.of(Action.RELEASE_HELD), "O7"); });
        row("O8", PAUSED, Decided.class, "held wave stopped", m -> m.openIn(WavePhase.HELD) && m.wave().index() == m.decided().wave() && m.decided().verdict() == Verdict.FAIL, m -> fail(m, m.decided().reason()));
        row("O9", EnumSet.of(SCHEDULED, RUNNING, ENDING), Killed.class, "", m -> true, m -> step(m.campaign().to(PAUSED, ((Killed) m.event()).reason(), m.now())));

        row("G1", EnumSet.of(RUNNING, PAUSED, ENDING, COMPLETED, COMPLETED_WITH_FAILURES, ABORTED), RollbackAsked.class, "it updated a device, or may have", m -> m.succeeded() + m.openUpdates() > 0, m -> new CampaignStep(cancelWaves(m.campaign(), m.now(), "rolling back").to(ROLLING_BACK, ((RollbackAsked) m.event()).reason(), m.now()), Set.of(Action.CANCEL_UPDATES), "G1"));
        row("G2", ROLLING_BACK, RollbackEnded.class, "", m -> ((RollbackEnded) m.event()).done(), m -> step(m.campaign().to(ROLLED_BACK, ((RollbackEnded) m.event()).how(), m.now())));
        row("G3", ROLLING_BACK, RollbackEnded.class, "called off", m -> true, m -> step(m.campaign().to(COMPLETED_WITH_FAILURES, ((RollbackEnded) m.event()).how(), m.now())));
        row("S1", EnumSet.of(SCHEDULED, RUNNING, PAUSED), Superseded.class, "no update open", m -> m.openUpdates() == 0, m -> step(cancelWaves(m.campaign(), m.now(), "superseded").to(ABORTED, ((Superseded) m.event()).reason(), m.now())));
    }
    // spotless:on

    private CampaignMachine() {}

    /**
     * @param counts of every wave, in order; ignored before the campaign has waves
     */
    public static CampaignStep next(Campaign campaign, CampaignEvent event, List<WaveCounts> counts, Instant now) {
        Moment moment = new Moment(campaign, event, counts, now);
        for (Row row : ROWS) {
            if (row.from().contains(campaign.phase())
                    && row.on().isInstance(event)
                    && row.guard().test(moment)) {
                CampaignStep step = row.effect().apply(moment);
                return new CampaignStep(step.next(), step.actions(), row.id());
            }
        }
        return new CampaignStep(campaign, Set.of(), "");
    }

    static List<Row> rows() {
        return List.copyOf(ROWS);
    }

    private static void row(
            String id,
            CampaignPhase from,
            Class<? extends CampaignEvent> on,
            String when,
            Predicate<Moment> guard,
            Function<Moment, CampaignStep> effect) {
        row(id, EnumSet.of(from), on, when, guard, effect);
    }

    private static void row(
            String id,
            Set<CampaignPhase> from,
            Class<? extends CampaignEvent> on,
            String when,
            Predicate<Moment> guard,
            Function<Moment, CampaignStep> effect) {
        ROWS.add(new Row(id, from, on, when, guard, effect));
    }

    private static CampaignStep step(Campaign next) {
        return new CampaignStep(next, Set.of(), "");
    }

    private static Campaign openWave(Campaign campaign, int index, Instant now) {
        return campaign.with(campaign.waves().get(index).to(WavePhase.DISPATCHING, now, ""));
    }

    private static CampaignStep soak(Moment m) {
        Duration watch = m.campaign()
                .spec()
                .gate()
                .settle()
                .plus(m.campaign().spec().gate().soak());
        return step(m.campaign().with(m.wave().soaking(m.now(), m.now().plus(watch))));
    }

    private static CampaignStep hold(Moment m, String why) {
        return step(m.campaign().with(m.wave().to(WavePhase.HELD, m.now(), why)).to(PAUSED, why, m.now()));
    }

    private static CampaignStep fail(Moment m, String why) {
        return new CampaignStep(
                m.campaign().with(m.wave().to(WavePhase.FAILED, m.now(), why)).to(PAUSED, why, m.now()),
                m.campaign().spec().terms().rollbackOnFail()
                        ? Set.of(Action.RAISE_KILL_SWITCH, Action.ROLL_BACK)
                        : Set.of(Action.RAISE_KILL_SWITCH),
                "");
    }

    /** The wave that runs now is the one to stop; the one that let it open stays as it was decided. */
    private static CampaignStep failLate(Moment m) {
        if (m.open().isPresent()) {
            return fail(m, m.lateReason());
        }
        return new CampaignStep(m.campaign().to(PAUSED, m.lateReason(), m.now()), Set.of(Action.RAISE_KILL_SWITCH), "");
    }

    /** Another soak for a wave that had begun its own; one that nobody was reached of, or settled in, is filled anew. */
    private static CampaignStep watchLonger(Moment m) {
        boolean soaked = !m.wave().soakFrom().equals(Instant.MAX);
        String why = m.decided().reason();
        Wave again = soaked
                ? m.wave()
                        .to(WavePhase.SOAKING, m.now(), why)
                        .soakingUntil(m.now().plus(m.campaign().spec().gate().soak()), why)
                : m.wave().to(WavePhase.DISPATCHING, m.now(), why);
        return new CampaignStep(m.campaign().with(again).to(RUNNING, "", m.now()), Set.of(Action.RELEASE_HELD), "");
    }

    private static CampaignStep pass(Moment m, String why) {
        Wave wave = m.wave();
        Campaign passed = m.campaign().with(wave.to(WavePhase.PASSED, m.now(), why));
        return step(m.isLast(wave) ? passed : openWave(passed, wave.index() + 1, m.now()));
    }

    private static Moment looked(Moment m) {
        Campaign spent = m.campaign().with(m.wave().looked(m.decision().looksUsed()));
        return new Moment(spent, m.event(), m.counts(), m.now());
    }

    private static Instant limit(Moment m) {
        return m.wave().soakFrom().plus(m.campaign().spec().gate().soakMax());
    }

    /** A quarter of the soak at a time, so that a wave that lacks a little is not held up by a whole soak more. */
    private static CampaignStep extend(Moment m) {
        Instant longer = m.now().plus(m.campaign().spec().gate().soak().dividedBy(4));
        Instant until = longer.isAfter(limit(m)) ? limit(m) : longer;
        Campaign spent = looked(m).campaign();
        return step(spent.with(
                spent.openWave().orElseThrow().soakingUntil(until, m.decision().reason())));
    }

    private static CampaignStep complete(Moment m) {
        boolean clean = m.counts().stream()
                .allMatch(c -> c.failed() == 0 && c.lost() == 0 && c.notReserved() == 0 && c.cancelled() == 0);
        return step(m.campaign().to(clean ? COMPLETED : COMPLETED_WITH_FAILURES, "", m.now()));
    }

    private static Campaign cancelWaves(Campaign campaign, Instant now, String why) {
        Campaign next = campaign;
        for (Wave wave : campaign.waves()) {
            if (!wave.phase().isFinal()) {
                next = next.with(wave.to(WavePhase.CANCELLED, now, why));
            }
        }
        return next;
    }

    private static Campaign cancelPending(Campaign campaign, Instant now) {
        Campaign next = campaign;
        for (Wave wave : campaign.waves()) {
            if (wave.phase() == WavePhase.PENDING) {
                next = next.with(wave.to(WavePhase.CANCELLED, now, DEADLINE));
            }
        }
        return next;
    }
}
