package wavegate.server.rollout;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.CampaignMachine;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.CampaignStep;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceStanding;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdateSignal;

/**
 * Turns inputs into facts and commands. No thread, clock or randomness of its own, so that a seed can drive it: call {@link #handle} and
 * {@link #tick}, then {@link #commit}, all on one thread. The order is always decide, commit, send.
 */
final class RolloutEngine {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutEngine.class);
    /**
     * A turn that moves a whole fleet, after a long outage or by a kill switch, is more than one batch of the ledger holds. It is committed in
     * pieces, in order; a crash between two leaves a beginning of the turn, of which nothing has been sent.
     */
    private static final int MOST_FACTS_AT_ONCE = 4096;

    private static final int TRACKS_AT_ONCE = 2000;

    private static final Set<UpdatePhase> NOT_BEGUN =
            EnumSet.of(UpdatePhase.IDLE, UpdatePhase.CHECKING, UpdatePhase.RETRY);

    /** What an engine is given. {@code worker} runs what may take long; {@code back} brings its answer to the rollout thread. */
    record Parts(
            Ledger ledger,
            RolloutStore view,
            ArtifactStore artifacts,
            PackageCheck packageCheck,
            EventSink sink,
            ShardOwnership ownership,
            Fence fence,
            InstantSource clock,
            RandomGenerator random,
            Executor worker,
            Consumer<Runnable> back,
            RolloutSettings settings,
            Function<Device, DeviceStanding> standings) {
        /** Without soft state to ask in queries. */
        Parts(
                Ledger ledger,
                RolloutStore view,
                ArtifactStore artifacts,
                PackageCheck packageCheck,
                EventSink sink,
                ShardOwnership ownership,
                Fence fence,
                InstantSource clock,
                RandomGenerator random,
                Executor worker,
                Consumer<Runnable> back,
                RolloutSettings settings) {
            this(
                    ledger,
                    view,
                    artifacts,
                    packageCheck,
                    sink,
                    ownership,
                    fence,
                    clock,
                    random,
                    worker,
                    back,
                    settings,
                    device -> DeviceStanding.UNKNOWN);
        }
    }

    private final Parts parts;
    private final RolloutState state;
    private final Tallies tallies = new Tallies();
    private final InvariantWatch watch;
    private final Turn turn;
    private final Published published = new Published();
    private final ConcurrentHashMap<Endpoint, HealthTrack> tracks = new ConcurrentHashMap<>();
    private Iterator<Endpoint> unwatched = Collections.emptyIterator();
    private final Set<CampaignRun> touched = new LinkedHashSet<>();
    /** Rows of this turn, as they are at its end. */
    private final Map<UpdateId, Update> changedUpdates = new LinkedHashMap<>();

    private final Map<String, Long> rows = new TreeMap<>();
    private final Inputs inputs = new Inputs(this);
    private final Clients clients = new Clients(this);
    private final Updates updates = new Updates(this);
    private final Coexistence coexistence = new Coexistence(this);
    private final LateJoiners joiners;
    private final Kills kills = new Kills(this);
    private final Dispatcher dispatcher;
    private final GateKeeper gateKeeper;
    private final Budgets budgets;
    private final Schedules schedules = new Schedules(this);
    private final Rollbacks rollbacks;
    private int ticks;
    /** Whether campaigns have come, gone or moved since those that wait were looked at. */
    private boolean moved = true;

    /** Of the facts the state was rebuilt from. */
    private long newest;

    private Instant watchedUntil = Instant.EPOCH;
    private DeviceLink link = NoLink.INSTANCE;

    RolloutEngine(Parts parts) {
        this.parts = parts;
        this.state = new RolloutState(new MembershipFiles(parts.artifacts())::read);
        this.watch = new InvariantWatch(state, tallies);
        this.turn = new Turn(state, parts.clock(), watch);
        this.budgets = new Budgets(this, new TransferBudget(parts.settings().budget(), parts.random()));
        this.dispatcher = new Dispatcher(this, parts.random(), parts.settings().reserveChunk());
        this.joiners = new LateJoiners(this, parts.settings().reserveChunk());
        this.gateKeeper = new GateKeeper(this, parts.worker(), parts.back());
        this.rollbacks = new Rollbacks(this);
    }

    /** Rebuilds the state from the ledger and raises the fences in force. Once, before anything else. */
    void recover(DeviceLink deviceLink) {
        link = deviceLink;
        state.replaying();
        parts.ledger().rebuild(this::rebuilt);
        state.replayed();
        state.killSwitches().values().forEach(kill -> parts.fence().raise(kill.scope()));
        for (Update update : state.openUpdates()) {
            updates.resume(update);
            state.run(update.campaign()).ifPresent(run -> {
                budgets.note(run, update);
                schedules.note(run, update);
            });
            changedUpdates.put(update.id(), update);
        }
        state.runs().forEach(touched::add);
        Duration gap = Duration.between(watchedUntil, turn.now());
        if (newest > 0 && gap.compareTo(parts.settings().tick()) > 0) {
            openRuns().forEach(run -> campaignEvent(run, new CampaignEvent.WasUnwatched(gap), "server"));
        }
        kills.resume();
        state.packages().stream().filter(FirmwarePackage::revoked).forEach(revoked -> kills.revoked(revoked.id()));
        publish();
        republishWatched();
    }

    /**
     * Until the last fact of all, at least, somebody watched: the one with the highest sequence, since a snapshot gives facts in another order. Not the
     * one with the latest time: after a clock was set back, that lies ahead, and would hide the next gap.
     */
    private void rebuilt(Recorded recorded) {
        state.apply(recorded.fact());
        if (recorded.sequence() > newest) {
            newest = recorded.sequence();
            watchedUntil = recorded.fact().at();
        }
    }

    // ---- inputs

    void handle(RolloutInput input) {
        inputs.take(input);
    }

    void noted(CampaignRun run, int wave, MemberEvidence row) {
        turn.record(new Fact.EvidenceNoted(turn.now(), run.campaign().id(), wave, row));
    }

    // ---- campaigns

    /** Gives an event to a campaign and does what its table asks for. @return whether a row took it */
    boolean campaignEvent(CampaignRun run, CampaignEvent event, String by) {
        CampaignStep step = CampaignMachine.next(run.campaign(), event, run.counts(), turn.now());
        if (step.ignored()) {
            if (!(event instanceof CampaignEvent.Looked)) {
                unfitting("campaign", run.campaign().phase().name(), event);
            }
            return false;
        }
        rows.merge(step.row(), 1L, Long::sum);
        touched.add(run);
        Campaign before = run.campaign();
        if (!step.next().equals(before)) {
            LOG.info(
                    "campaign id={} {} -> {} row={} wave={} reason=\"{}\"",
                    run.campaign().id(),
                    run.campaign().phase(),
                    step.next().phase(),
                    step.row(),
                    step.next().openWave().map(w -> w.index() + "/" + w.phase()).orElse("-"),
                    step.next().reason());
            turn.record(new Fact.CampaignChanged(turn.now(), step.next(), step.row(), by));
        }
        moved(run, before);
        for (CampaignStep.Action action : step.actions()) {
            switch (action) {
                case CANCEL_UPDATES -> cancelUpdates(run, UpdateDetail.ABORTED);
                case CANCEL_UNBEGUN -> cancelUnbegun(run);
                case RAISE_KILL_SWITCH -> gateKeeper.kill(run, step.next().reason());
                case RELEASE_HELD -> releaseHeld(run);
                case ROLL_BACK -> rollbacks.beginByGate(run);
            }
        }
        if (step.next().phase().isFinal() || event instanceof CampaignEvent.Started) {
            republishWatched();
        }
        return true;
    }

    private void moved(CampaignRun run, Campaign before) {
        Campaign now = run.campaign();
        Optional<Integer> open = now.openWave().map(Wave::index);
        boolean otherWave = !open.equals(before.openWave().map(Wave::index));
        moved |= otherWave || now.phase() != before.phase();
        if (!before.phase().isOpen() && now.phase().isOpen()) {
            coexistence.started(run);
        }
        if (otherWave && open.isPresent()) {
            coexistence.waveOpened(run, open.get());
        }
    }

    /** Whom a campaign's query means, now. */
    Predicate<Device> selection(CampaignSpec spec) {
        Instant now = turn.now();
        return spec.selection()
                .query()
                .<Predicate<Device>>map(query ->
                        device -> query.matches(device, parts.standings().apply(device), now))
                .orElse(device -> true);
    }

    void cancelUpdates(CampaignRun run, UpdateDetail why) {
        for (Update update : openUpdatesOf(run)) {
            signal(update.endpoint(), new UpdateSignal.CancelAsked(why));
        }
    }

    /** Those that have not begun to transfer. */
    private void cancelUnbegun(CampaignRun run) {
        for (Update update : openUpdatesOf(run)) {
            if (NOT_BEGUN.contains(update.phase())) {
                signal(update.endpoint(), new UpdateSignal.CancelAsked(UpdateDetail.DEADLINE));
            }
        }
    }

    List<Update> openUpdatesOf(CampaignRun run) {
        return List.copyOf(run.open());
    }

    void releaseHeld(CampaignRun run) {
        openUpdatesOf(run).forEach(update -> releaseHeld(run, update));
    }

    void releaseHeld(CampaignRun run, Update update) {
        if (update.phase() == UpdatePhase.PRE_UPDATING && update.detail() == UpdateDetail.HELD) {
            if (dispatcher.mayApply(run, update)) {
                signal(update.endpoint(), new UpdateSignal.ApplyAllowed());
            } else {
                schedules.note(run, update);
            }
        }
    }

    // ---- time

    /** Deadlines, then waves, gates and reservations. Cheap when nothing is due. @return whether there is more to do at once */
    boolean tick() {
        Instant now = turn.now();
        boolean more = updates.fireDeadlines(now);
        forgetTracks();
        schedules.fire();
        joiners.admit();
        if (moved) {
            moved = false;
            dispatcher.lookAgain();
        }
        // Another campaign first each time, so that none takes every place that becomes free.
        List<CampaignRun> turns = openRuns();
        Collections.rotate(turns, -ticks++);
        for (CampaignRun run : turns) {
            while (campaignEvent(run, new CampaignEvent.Looked(), "server")) {
                // A wave that opens may be full at once; go on until nothing moves.
            }
            rollbacks.look(run);
            gateKeeper.lookIfDue(run);
            more |= dispatcher.reserve(run);
            coexistence.endIfSuperseded(run);
        }
        watch.look(turns);
        return more;
    }

    List<CampaignRun> openRuns() {
        ArrayList<CampaignRun> open = new ArrayList<>();
        for (CampaignRun run : state.runs()) {
            if (run.campaign().phase().isOpen()) {
                open.add(run);
            }
        }
        return open;
    }

    // ---- the end of a turn

    /** Commits what was decided; then, and only then, lets others see it and sends. @return nanoseconds until it was durable */
    long commit() {
        watch.takeStops().forEach(this::stop);
        List<Fact> facts = turn.takeFacts();
        long durable = 0;
        for (int from = 0; from < facts.size(); from += MOST_FACTS_AT_ONCE) {
            int to = Math.min(facts.size(), from + MOST_FACTS_AT_ONCE);
            long began = System.nanoTime();
            List<Recorded> recorded = parts.ledger().commit(List.copyOf(facts.subList(from, to)));
            durable += System.nanoTime() - began;
            parts.view().apply(recorded);
            parts.sink().committed(recorded);
        }
        publish();
        turn.takeActions().forEach(Runnable::run);
        return durable;
    }

    /** @param id empty: every campaign */
    private void stop(Optional<CampaignId> id, String why) {
        for (CampaignRun run : openRuns()) {
            if (id.isEmpty() || id.get().equals(run.campaign().id())) {
                campaignEvent(run, new CampaignEvent.PauseAsked(why), "server");
            }
        }
    }

    private void publish() {
        // One that ended goes before one that began in the same turn on the same device, and takes its grant with it.
        changedUpdates.values().stream().filter(Update::isFinal).forEach(this::publish);
        changedUpdates.values().stream().filter(update -> !update.isFinal()).forEach(this::publish);
        changedUpdates.clear();
        for (CampaignRun run : touched) {
            published.status(run.status(turn.now()));
        }
        touched.clear();
    }

    private void publish(Update update) {
        published.update(update, state.find(update.packageId()).orElseThrow());
    }

    private void republishWatched() {
        List<Set<Endpoint>> watched = new ArrayList<>();
        for (CampaignRun run : openRuns()) {
            watched.add(run.members());
            run.waves().forEach(wave -> watched.add(wave.controlSet));
        }
        published.watchOnly(watched);
        unwatched = tracks.keySet().iterator();
    }

    /** Forgets some of the tracks that nobody looks at any more; all of them would hold up the loop. */
    private void forgetTracks() {
        for (int i = 0; i < TRACKS_AT_ONCE && unwatched.hasNext(); i++) {
            if (!published.watches(unwatched.next())) {
                unwatched.remove();
            }
        }
    }

    // ---- for the parts of the engine

    Turn turn() {
        return turn;
    }

    RolloutState state() {
        return state;
    }

    Published published() {
        return published;
    }

    Parts parts() {
        return parts;
    }

    DeviceLink link() {
        return link;
    }

    Budgets budgets() {
        return budgets;
    }

    Kills kills() {
        return kills;
    }

    Schedules schedules() {
        return schedules;
    }

    Rollbacks rollbacks() {
        return rollbacks;
    }

    Coexistence coexistence() {
        return coexistence;
    }

    LateJoiners joiners() {
        return joiners;
    }

    /** A device was taken out of the fleet. */
    void forget(Endpoint endpoint) {
        inputs.forget(endpoint);
        tracks.remove(endpoint);
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    void touch(CampaignRun run) {
        touched.add(run);
    }

    boolean isReachable(Endpoint endpoint) {
        return inputs.isReachable(endpoint);
    }

    HealthTrack track(CampaignRun run, Endpoint endpoint) {
        return tracks.computeIfAbsent(
                endpoint, key -> new HealthTrack(run.campaign().spec().gate().preWindow()));
    }

    /** Gives a signal to the open update of a device, if it has one. */
    void signal(Endpoint endpoint, UpdateSignal signal) {
        updates.signal(endpoint, signal);
    }

    Clients clients() {
        return clients;
    }

    Updates updates() {
        return updates;
    }

    /** A row was changed: others see it after the commit. */
    void changed(CampaignRun run, Update update) {
        touched.add(run);
        changedUpdates.put(update.id(), update);
        budgets.note(run, update);
        schedules.note(run, update);
    }

    void countRow(String row) {
        rows.merge(row, 1L, Long::sum);
    }

    /** Nothing in the table fits: counted, and dropped. */
    void unfitting(String machine, String phase, Object event) {
        tallies.unfitting(machine, phase, event.getClass().getSimpleName());
    }

    /** How often each row of the tables was taken, by row id. */
    Map<String, Long> rows() {
        return rows;
    }

    RolloutFigures figures() {
        return tallies;
    }

    InvariantWatch watch() {
        return watch;
    }
}
