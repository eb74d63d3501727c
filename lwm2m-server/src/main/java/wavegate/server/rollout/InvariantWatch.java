package wavegate.server.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;

/**
 * Looks over the shoulder of the machines: every fact is held against the invariants before it is applied, every command before it is sent, and the
 * counters are checked a little at every tick. It decides nothing and shares no guard with those that do. A violation is counted, logged once for each
 * campaign, and where firmware may go astray the campaign is paused. Costs a few look-ups a fact. Rollout thread only.
 */
final class InvariantWatch {
    private static final Logger LOG = LoggerFactory.getLogger(InvariantWatch.class);

    /** A fact is dated before the line of its order is written. */
    private static final Duration SAME_TURN = Duration.ofSeconds(1);

    private record Seen(Invariant invariant, Optional<CampaignId> campaign) {}

    private final RolloutState state;
    private final Tallies tallies;
    private final WaveRecount recount;
    private final Set<Seen> logged = new HashSet<>();
    /** Campaigns to be paused when the turn ends, with why. Empty key: all of them. */
    private final Map<Optional<CampaignId>, String> stops = new LinkedHashMap<>();
    /** Updates to which something was dispatched and whose device has not been read since. */
    private final Set<UpdateId> unread = new HashSet<>();

    private Instant latest = Instant.EPOCH;

    InvariantWatch(RolloutState state, Tallies tallies) {
        this.state = state;
        this.tallies = tallies;
        this.recount = new WaveRecount(this);
    }

    /** Why campaigns must stop, once for each violation that asks for it. */
    Map<Optional<CampaignId>, String> takeStops() {
        if (stops.isEmpty()) {
            return Map.of();
        }
        Map<Optional<CampaignId>, String> taken = new LinkedHashMap<>(stops);
        stops.clear();
        return taken;
    }

    void require(boolean holds, Invariant invariant, CampaignId campaign, Object... facts) {
        if (!holds) {
            violated(invariant, Optional.of(campaign), facts);
        }
    }

    private void violated(Invariant invariant, Optional<CampaignId> campaign, Object... facts) {
        tallies.violated(invariant);
        String what = "invariant " + invariant.number() + " violated: " + invariant.label() + facts(facts);
        if (logged.add(new Seen(invariant, campaign))) {
            LOG.error(
                    "{} campaign={}; later ones of this campaign are only counted",
                    what,
                    campaign.map(CampaignId::value).orElse("-"));
        }
        if (invariant.stops()) {
            stops.putIfAbsent(campaign, what);
        }
    }

    private static String facts(Object... facts) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i + 1 < facts.length; i += 2) {
            text.append(' ').append(facts[i]).append('=').append(facts[i + 1]);
        }
        return text.toString();
    }

    // ---- facts

    /** @param ordered whether an order with a line in the audit is being carried out */
    void before(Fact fact, boolean ordered) {
        if (fact instanceof Fact.UpdateChanged changed) {
            update(changed.update(), changed.row());
        } else if (fact instanceof Fact.CampaignChanged changed) {
            campaign(changed);
            audited(changed.by(), ordered || changed.cause().equals("O9"), fact, Optional.of(changed.campaign()));
        } else if (fact instanceof Fact.GateJudged judged) {
            passRestsOnEvidence(judged);
        } else if (fact instanceof Fact.PackageChanged changed) {
            packageStays(changed.firmwarePackage());
            audited(changed.by(), ordered, fact, Optional.empty());
        } else if (fact instanceof Fact.KillSwitchRaised raised) {
            audited(raised.killSwitch().by(), ordered, fact, Optional.empty());
        } else if (fact instanceof Fact.KillSwitchLifted lifted) {
            audited(lifted.by(), ordered, fact, Optional.empty());
        } else if (fact instanceof Fact.KillSwitchReported reported) {
            killSwitchReachedAll(reported.receipt().killSwitch());
        }
        // A kill switch is as old as its fence, a receipt as what it acknowledges.
        if (!(fact instanceof Fact.KillSwitchRaised) && !(fact instanceof Fact.KillSwitchReported)) {
            if (fact.at().isBefore(latest.minus(SAME_TURN))) {
                violated(Invariant.CLOCKS_NOT_SHORTENED, Optional.empty(), "at", fact.at(), "after", latest);
            }
            latest = fact.at();
        }
    }

    private void update(Update update, String row) {
        Optional<CampaignRun> found = state.run(update.campaign());
        if (found.isEmpty()) {
            return;
        }
        CampaignRun run = found.get();
        Optional<Update> before = run.update(update.endpoint());
        if (before.isEmpty()) {
            // One that is declined is not begun: its row ends as it is made.
            if (!update.isFinal()) {
                reserved(run, update);
            }
        } else {
            boolean askedAgain = update.phase() == UpdatePhase.RETRY
                    && update.detail() == UpdateDetail.ASKED
                    && before.get().phase() != UpdatePhase.SUCCESS;
            require(
                    !before.get().isFinal() || askedAgain,
                    Invariant.ENDS_ARE_FINAL,
                    update.campaign(),
                    "ep",
                    update.endpoint(),
                    "from",
                    before.get().where(),
                    "to",
                    update.where());
            // U2: the fence kept the Execute back. X4: nobody watches a device that is not of the fleet any more.
            boolean calledOff = before.get().phase().isApplying()
                    && update.phase() == UpdatePhase.CANCELLED
                    && !row.equals("U2")
                    && !row.equals("X4");
            require(
                    !calledOff,
                    Invariant.KILL_SWITCH_REACHED_ALL,
                    update.campaign(),
                    "ep",
                    update.endpoint(),
                    "called-off",
                    before.get().where());
        }
        if (update.isFinal()) {
            unread.remove(update.id());
        } else {
            Optional<Update> open = state.openUpdate(update.endpoint())
                    .filter(other -> !other.id().equals(update.id()));
            require(
                    open.isEmpty(),
                    Invariant.ONE_ACTIVE_UPDATE,
                    update.campaign(),
                    "ep",
                    update.endpoint(),
                    "beside",
                    open.map(Update::id));
        }
        boolean dispatches = update.phase() != before.map(Update::phase).orElse(UpdatePhase.IDLE)
                && ((update.phase() == UpdatePhase.DOWNLOADING && update.intent() != Intent.NONE)
                        || (update.phase() == UpdatePhase.UPDATING && row.equals("P3")));
        if (dispatches) {
            underNoKillSwitch(Invariant.NOTHING_UNDER_A_KILL_SWITCH, update);
        }
    }

    private void underNoKillSwitch(Invariant invariant, Update update) {
        for (KillSwitch kill : state.killSwitches().values()) {
            // Before its receipt a kill switch is still calling off; until then the fence alone holds them.
            boolean reaches = state.receipt(kill.id()).isPresent() || invariant == Invariant.RESERVED_WHILE_RUNNING;
            require(
                    !reaches || !kill.scope().covers(update.scope()),
                    invariant,
                    update.campaign(),
                    "ep",
                    update.endpoint(),
                    "phase",
                    update.where(),
                    "kill-switch",
                    kill.id());
        }
    }

    private void reserved(CampaignRun run, Update update) {
        CampaignId id = update.campaign();
        Campaign campaign = run.campaign();
        require(
                campaign.phase() == CampaignPhase.RUNNING,
                Invariant.RESERVED_WHILE_RUNNING,
                id,
                "ep",
                update.endpoint(),
                "phase",
                campaign.phase());
        underNoKillSwitch(Invariant.RESERVED_WHILE_RUNNING, update);
        require(
                state.find(update.packageId()).filter(found -> !found.revoked()).isPresent(),
                Invariant.RESERVED_WHILE_RUNNING,
                id,
                "ep",
                update.endpoint(),
                "revoked",
                update.packageId());
        require(
                run.waveOf(update.endpoint())
                        .filter(wave -> wave == update.wave())
                        .isPresent(),
                Invariant.FIXED_MEMBERSHIP,
                id,
                "ep",
                update.endpoint(),
                "wave",
                update.wave());
        for (Wave wave : campaign.waves()) {
            require(
                    wave.index() >= update.wave() || wave.phase() == WavePhase.PASSED,
                    Invariant.PASS_BEFORE_NEXT_WAVE,
                    id,
                    "ep",
                    update.endpoint(),
                    "wave",
                    update.wave(),
                    "before-it",
                    wave.phase());
        }
        for (CampaignRun other : state.runs()) {
            require(
                    !other.campaign().phase().isOpen() || !other.holdsAsControl(update.endpoint()),
                    Invariant.CONTROL_LEFT_ALONE,
                    id,
                    "ep",
                    update.endpoint(),
                    "control-of",
                    other.campaign().id());
        }
    }

    private void campaign(Fact.CampaignChanged changed) {
        Campaign now = changed.campaign();
        Optional<Campaign> known = state.run(now.id()).map(CampaignRun::campaign);
        if (known.isEmpty()) {
            return;
        }
        Campaign before = known.get();
        require(
                before.membership().isEmpty() || before.membership().equals(now.membership()),
                Invariant.FIXED_MEMBERSHIP,
                now.id(),
                "cause",
                changed.cause());
        for (Wave was : before.waves()) {
            Wave is = now.waves().get(was.index());
            require(
                    !was.phase().isFinal() || was.phase() == is.phase(),
                    Invariant.ENDS_ARE_FINAL,
                    now.id(),
                    "wave",
                    was.index(),
                    "from",
                    was.phase(),
                    "to",
                    is.phase());
            require(
                    was.phase() != WavePhase.SOAKING || !is.soakUntil().isBefore(was.soakUntil()),
                    Invariant.CLOCKS_NOT_SHORTENED,
                    now.id(),
                    "wave",
                    was.index(),
                    "soak-until",
                    is.soakUntil(),
                    "was",
                    was.soakUntil());
            boolean opens = was.phase() == WavePhase.PENDING && is.phase() == WavePhase.DISPATCHING;
            require(
                    !opens
                            || was.index() == 0
                            || now.waves().get(was.index() - 1).phase() == WavePhase.PASSED,
                    Invariant.PASS_BEFORE_NEXT_WAVE,
                    now.id(),
                    "opened",
                    was.index());
            if (was.phase() != WavePhase.PASSED && is.phase() == WavePhase.PASSED) {
                passed(changed, was);
            }
        }
    }

    /** By a PASS of the gate once the soak is over, or by a person. */
    private void passed(Fact.CampaignChanged changed, Wave was) {
        CampaignId id = changed.campaign().id();
        boolean byGate = changed.by().equals("gate");
        boolean judged = state.run(id).flatMap(CampaignRun::lastGate).stream()
                .anyMatch(gate -> gate.verdict() == Verdict.PASS && gate.wave() == was.index());
        require(
                judged || (!byGate && !changed.by().equals("server")),
                Invariant.PASS_BEFORE_NEXT_WAVE,
                id,
                "wave",
                was.index(),
                "passed-by",
                changed.by());
        require(
                !byGate || !changed.at().isBefore(was.soakUntil()),
                Invariant.CLOCKS_NOT_SHORTENED,
                id,
                "wave",
                was.index(),
                "soak-until",
                was.soakUntil());
    }

    private void passRestsOnEvidence(Fact.GateJudged judged) {
        if (judged.decision().verdict() == Verdict.PASS) {
            boolean sound = !judged.decision().metrics().isEmpty()
                    && judged.decision().metrics().stream().allMatch(metric -> metric.verdict() == Verdict.PASS)
                    && judged.decision().sequence() == judged.evidence().sequence()
                    && !judged.evidence().now().isBefore(judged.evidence().soakUntil());
            require(
                    sound,
                    Invariant.PASS_ON_EVIDENCE,
                    judged.campaign(),
                    "wave",
                    judged.decision().wave(),
                    "sequence",
                    judged.decision().sequence());
        }
    }

    private void packageStays(FirmwarePackage now) {
        boolean stays = state.find(now.id())
                .filter(before -> !before.manifest().equals(now.manifest()) || (before.revoked() && !now.revoked()))
                .isEmpty();
        if (!stays) {
            violated(Invariant.PACKAGES_STAY, Optional.empty(), "package", now.id());
        }
    }

    private void killSwitchReachedAll(KillSwitch kill) {
        for (Update update : state.openUpdates()) {
            require(
                    !update.phase().isCancellable() || !kill.scope().covers(update.scope()),
                    Invariant.KILL_SWITCH_REACHED_ALL,
                    update.campaign(),
                    "ep",
                    update.endpoint(),
                    "phase",
                    update.where(),
                    "kill-switch",
                    kill.id());
        }
    }

    /** Whoever gives orders from outside is named with where the name is from, such as {@code token:k3x9}; the parts of this server are not. */
    private void audited(String by, boolean ordered, Fact fact, Optional<Campaign> campaign) {
        boolean outside = by.indexOf(':') > 0 && !by.startsWith("wavegate:");
        if (outside && !ordered) {
            violated(
                    Invariant.HUMANS_AUDITED,
                    campaign.map(Campaign::id),
                    "fact",
                    fact.getClass().getSimpleName(),
                    "by",
                    by);
        }
    }

    // ---- commands

    void sends(UpdateCommand command) {
        if (command.isDispatch()) {
            require(
                    unread.add(command.update()),
                    Invariant.READ_BEFORE_SENT_AGAIN,
                    command.update().campaign(),
                    "ep",
                    command.update().endpoint(),
                    "step",
                    command.step());
        }
    }

    void read(UpdateId update) {
        unread.remove(update);
    }

    // ---- counters

    /** A part of the whole at a time. */
    void look(List<CampaignRun> open) {
        for (CampaignRun run : open) {
            require(
                    run.inFlight() <= run.campaign().spec().inFlight(),
                    Invariant.WITHIN_BUDGET,
                    run.campaign().id(),
                    "in-flight",
                    run.inFlight());
            for (CampaignRun.WaveRun wave : run.waves()) {
                int phases = 0;
                for (int count : wave.phases.values()) {
                    phases += count;
                }
                int waiting =
                        wave.unreserved.size() + wave.unreachable.size() + wave.passedOver.size() + wave.later.size();
                for (Collection<?> aside : wave.aside.values()) {
                    waiting += aside.size();
                }
                require(
                        phases == wave.reserved && waiting + wave.reserved == wave.members.size(),
                        Invariant.CONSERVATION,
                        run.campaign().id(),
                        "counted",
                        phases,
                        "reserved",
                        wave.reserved,
                        "waiting",
                        waiting,
                        "members",
                        wave.members.size());
            }
        }
        recount.go(open);
    }
}
