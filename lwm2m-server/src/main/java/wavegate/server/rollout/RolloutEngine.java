package wavegate.server.rollout;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.campaign.CampaignEvent;
import wavegate.firmware.campaign.CampaignStep;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.telemetry.Metric;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateContext;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateStep;

/**
 * Turns inputs into facts and commands. No thread, clock or randomness of its own, so that a seed can drive it: call {@link #handle} and
 * {@link #tick}, then {@link #commit}, all on one thread. The order is always decide, commit, send.
 */
final class RolloutEngine {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutEngine.class);
    private static final Set<Integer> GRAVE_ERRORS = Set.of(5, 8);

    /** What an engine is given. {@code worker} runs what may take long; {@code back} brings its answer to the rollout thread. */
    record Parts(
            Ledger ledger,
            RolloutStore view,
            ArtifactStore artifacts,
            EventSink sink,
            ShardOwnership ownership,
            Fence fence,
            InstantSource clock,
            RandomGenerator random,
            Executor worker,
            Consumer<Runnable> back,
            RolloutSettings settings) {}

    private final Parts parts;
    private final RolloutState state;
    private final Turn turn;
    private final Published published = new Published();
    private final Deadlines deadlines = new Deadlines();
    private final Set<Endpoint> reachable = new HashSet<>();
    private final Map<Endpoint, HealthTrack> tracks = new HashMap<>();
    /** Last sign of moving bytes, per open update; saves a fact per block. */
    private final Map<Endpoint, Instant> moved = new HashMap<>();

    private final Set<CampaignRun> touched = new java.util.LinkedHashSet<>();
    private final Set<Endpoint> changedUpdates = new java.util.LinkedHashSet<>();
    private final Map<String, Long> rows = new java.util.TreeMap<>();
    private final Dispatcher dispatcher;
    private final GateKeeper gateKeeper;
    private DeviceLink link = NoLink.INSTANCE;
    private Instant nextLook = Instant.MIN;
    private long ignored;

    RolloutEngine(Parts parts) {
        this.parts = parts;
        this.state = new RolloutState(new MembershipFiles(parts.artifacts())::read);
        this.turn = new Turn(state, parts.clock());
        this.dispatcher = new Dispatcher(this, parts.random(), parts.settings().reserveChunk());
        this.gateKeeper = new GateKeeper(this, parts.worker(), parts.back());
    }

    /** Rebuilds the state from the ledger and raises the fences in force. Once, before anything else. */
    void recover(DeviceLink deviceLink) {
        link = deviceLink;
        parts.ledger().replay(0, recorded -> state.apply(recorded.fact()));
        state.killSwitches().values().forEach(kill -> parts.fence().raise(kill.scope()));
        for (Update update : state.openUpdates()) {
            schedule(update);
            changedUpdates.add(update.endpoint());
        }
        state.runs().forEach(touched::add);
        Duration gap = Duration.between(state.lastAt(), turn.now());
        if (!state.lastAt().equals(Instant.MIN)
                && gap.compareTo(parts.settings().tick()) > 0) {
            openRuns().forEach(run -> campaignEvent(run, new CampaignEvent.WasUnwatched(gap), "server"));
        }
        publish();
        republishWatched();
    }

    // ---- inputs

    void handle(RolloutInput input) {
        if (input instanceof RolloutInput.Answered answered) {
            answered(answered);
        } else if (input instanceof RolloutInput.HealthReported reported) {
            healthReported(reported.report());
        } else if (input instanceof RolloutInput.Registered registered) {
            registered(registered.endpoint(), registered.reported());
        } else if (input instanceof RolloutInput.RegistrationUpdated updated) {
            reachable.add(updated.endpoint());
            signal(updated.endpoint(), new UpdateSignal.DeviceSeen(false, false));
        } else if (input instanceof RolloutInput.StatusHinted hinted) {
            signal(hinted.endpoint(), new UpdateSignal.Hint());
        } else if (input instanceof RolloutInput.BytesMoved bytes) {
            moved.put(bytes.update().endpoint(), turn.now());
        } else if (input instanceof RolloutInput.DeviceRead read) {
            deviceRead(read.endpoint(), read.identity(), read.version());
        } else if (input instanceof RolloutInput.Deregistered gone) {
            reachable.remove(gone.endpoint());
        }
    }

    private void registered(Endpoint endpoint, Labels reported) {
        if (!parts.ownership().owns(endpoint)) {
            return;
        }
        boolean rebooted = !reachable.add(endpoint);
        Optional<Device> known = state.device(endpoint);
        if (known.isEmpty()) {
            turn.record(new Fact.DeviceChanged(turn.now(), Device.firstSeen(endpoint, reported, turn.now())));
        } else if (!known.get().reportedLabels().equals(reported)) {
            turn.record(new Fact.DeviceChanged(turn.now(), known.get().withReportedLabels(reported)));
        }
        if (state.openUpdate(endpoint).isPresent()) {
            signal(endpoint, new UpdateSignal.DeviceSeen(true, rebooted));
            return;
        }
        boolean member = dispatcher.reachable(endpoint);
        boolean unknown = known.isEmpty()
                || !known.get().identity().known()
                || !known.get().firmware().known();
        if (member || unknown) {
            turn.afterCommit(() -> link.readDevice(endpoint, member));
        }
    }

    private void deviceRead(Endpoint endpoint, DeviceIdentity identity, FirmwareVersion version) {
        Optional<Device> device = state.device(endpoint);
        if (device.isEmpty()) {
            return;
        }
        DeviceIdentity told = identity.known() ? identity : device.get().identity();
        if (!device.get().firmware().equals(version) || !device.get().identity().equals(told)) {
            turn.record(new Fact.DeviceChanged(turn.now(), device.get().running(told, version)));
        }
        for (CampaignRun run : state.runs()) {
            run.update(endpoint)
                    .filter(update -> UpdateMachine.revertsSuccess(update, version))
                    .filter(update -> !run.wave(update.wave()).reverted.contains(endpoint))
                    .ifPresent(update -> {
                        turn.record(new Fact.UpdateAnnotated(
                                turn.now(),
                                update.id(),
                                update.wave(),
                                "old version " + version + " seen after SUCCESS"));
                        touched.add(run);
                    });
        }
    }

    private void healthReported(HealthReport report) {
        Endpoint endpoint = report.endpoint();
        boolean watchedByAny = false;
        for (CampaignRun run : state.runs()) {
            if (!run.campaign().phase().isOpen()) {
                continue;
            }
            HealthTrack track = tracks.computeIfAbsent(
                    endpoint,
                    key -> new HealthTrack(run.campaign().spec().gate().preWindow()));
            if (!watchedByAny) {
                track.note(report);
                watchedByAny = true;
            }
            for (Wave wave : run.campaign().waves()) {
                if (wave.phase() != WavePhase.PENDING && !wave.phase().isFinal()) {
                    run.wave(wave.index()).book.note(report).ifPresent(row -> noted(run, wave.index(), row));
                }
            }
        }
        boolean grave = report.value(Metric.ERROR_CODE).stream().anyMatch(code -> GRAVE_ERRORS.contains((int) code));
        if (grave) {
            signal(endpoint, new UpdateSignal.FoundUnhealthy());
        }
    }

    void noted(CampaignRun run, int wave, MemberEvidence row) {
        turn.record(new Fact.EvidenceNoted(turn.now(), run.campaign().id(), wave, row));
    }

    private void answered(RolloutInput.Answered answered) {
        if (answered.signal() instanceof UpdateSignal.StatusRead read
                && read.status().version().known()) {
            deviceRead(
                    answered.update().endpoint(),
                    read.status().identity(),
                    read.status().version());
        }
        Optional<Update> update = state.openUpdate(answered.update().endpoint())
                .filter(open -> open.id().equals(answered.update()));
        if (update.isPresent()) {
            take(
                    update.get(),
                    UpdateMachine.answer(update.get(), answered.step(), answered.signal(), context(update.get())));
        } else {
            ignored++;
        }
    }

    // ---- updates

    /** Gives a signal to the open update of a device, if it has one. */
    void signal(Endpoint endpoint, UpdateSignal signal) {
        Optional<Update> update = state.openUpdate(endpoint);
        if (update.isEmpty()) {
            return;
        }
        CampaignRun run = state.run(update.get().campaign()).orElseThrow();
        boolean full = run.inFlight() >= run.campaign().spec().inFlight();
        if (full && UpdateMachine.wantsBudget(update.get(), signal)) {
            run.parked().put(endpoint, signal);
        } else {
            take(update.get(), UpdateMachine.next(update.get(), signal, context(update.get())));
        }
    }

    private UpdateContext context(Update update) {
        CampaignRun run = state.run(update.campaign()).orElseThrow();
        FirmwarePackage firmwarePackage = state.find(update.packageId()).orElseThrow();
        return new UpdateContext(
                turn.now(),
                run.campaign().spec().update(),
                firmwarePackage.manifest(),
                dispatcher.mayApply(run, update) && !firmwarePackage.revoked(),
                state.isClosed(update.endpoint(), firmwarePackage.manifest().sha256()),
                parts.settings().served(),
                Math.floorMod(update.endpoint().hashCode(), 1000) / 1000.0);
    }

    private void take(Update before, UpdateStep step) {
        if (step.ignored()) {
            ignored++;
            return;
        }
        rows.merge(step.row(), 1L, Long::sum);
        if (step.next().step() != before.step()) {
            changed(before, step);
        }
        step.commands().forEach(command -> turn.send(command, link));
    }

    private void changed(Update before, UpdateStep step) {
        Update after = step.next();
        CampaignRun run = state.run(after.campaign()).orElseThrow();
        turn.record(new Fact.UpdateChanged(turn.now(), after, step.row()));
        touched.add(run);
        changedUpdates.add(after.endpoint());
        if (after.phase() != before.phase()) {
            LOG.info(
                    "update ep={} campaign={} {} -> {} row={} attempt={}",
                    after.endpoint(),
                    after.campaign(),
                    before.where(),
                    after.where(),
                    step.row(),
                    after.attempt());
            if (after.isFinal() || after.phase() == UpdatePhase.RETRY) {
                moved.remove(after.endpoint());
                turn.afterCommit(() -> link.forget(after.id()));
            }
            CampaignRun.WaveRun wave = run.wave(after.wave());
            HealthTrack track = track(run, after.endpoint());
            if (after.phase() == UpdatePhase.DOWNLOADING && before.intent() == Intent.NONE) {
                wave.book
                        .dispatched(after.endpoint(), turn.now().toEpochMilli(), track)
                        .ifPresent(row -> noted(run, after.wave(), row));
            } else if (after.phase() == UpdatePhase.VERIFY_POST) {
                wave.book
                        .returned(after.endpoint(), turn.now().toEpochMilli(), track)
                        .ifPresent(row -> noted(run, after.wave(), row));
                wave.book
                        .pairControls(endpoint -> Optional.of(track(run, endpoint)))
                        .forEach(row -> noted(run, after.wave(), row));
            }
        }
        schedule(after);
    }

    HealthTrack track(CampaignRun run, Endpoint endpoint) {
        return tracks.computeIfAbsent(
                endpoint, key -> new HealthTrack(run.campaign().spec().gate().preWindow()));
    }

    private void schedule(Update update) {
        deadlines.deadline(update);
        if (UpdateMachine.polled(update)) {
            deadlines.poll(update, turn.now().plus(policyOf(update).poll()));
        }
    }

    private wavegate.firmware.update.UpdatePolicy policyOf(Update update) {
        return state.run(update.campaign()).orElseThrow().campaign().spec().update();
    }

    /** A member of a wave gets its update. Its first signal follows in the same turn. */
    void reserve(CampaignRun run, int wave, Endpoint endpoint, String token) {
        FirmwarePackage firmwarePackage =
                state.find(run.campaign().spec().packageId()).orElseThrow();
        Update update = Update.reserved(
                new wavegate.firmware.update.UpdateId(run.campaign().id(), endpoint),
                wave,
                firmwarePackage.id(),
                state.device(endpoint).map(device -> device.labels().region()).orElse(""),
                token,
                firmwarePackage.manifest().version(),
                turn.now());
        turn.record(new Fact.UpdateChanged(turn.now(), update, "reserved"));
        touched.add(run);
        changedUpdates.add(endpoint);
        signal(endpoint, new UpdateSignal.Begin());
    }

    private void due(Deadlines.Due due) {
        Optional<Update> update = state.openUpdate(due.update().endpoint())
                .filter(open -> open.id().equals(due.update()) && open.step() == due.step());
        if (update.isEmpty()) {
            return;
        }
        if (due.kind() == Deadlines.Kind.POLL) {
            signal(due.update().endpoint(), new UpdateSignal.PollDue());
            state.openUpdate(due.update().endpoint())
                    .filter(open -> open.step() == due.step())
                    .ifPresent(open ->
                            deadlines.poll(open, turn.now().plus(policyOf(open).poll())));
            return;
        }
        Instant lastMove = moved.get(due.update().endpoint());
        if (lastMove != null && update.get().phase() == UpdatePhase.DOWNLOADING) {
            Instant stall = lastMove.plus(policyOf(update.get()).downloadStall());
            if (stall.isAfter(turn.now())) {
                deadlines.at(stall, update.get());
                return;
            }
        }
        signal(due.update().endpoint(), new UpdateSignal.DeadlinePassed());
    }

    // ---- campaigns

    /** Gives an event to a campaign and does what its table asks for. @return whether a row took it */
    boolean campaignEvent(CampaignRun run, CampaignEvent event, String by) {
        CampaignStep step =
                wavegate.firmware.campaign.CampaignMachine.next(run.campaign(), event, run.counts(), turn.now());
        if (step.ignored()) {
            return false;
        }
        rows.merge(step.row(), 1L, Long::sum);
        touched.add(run);
        if (!step.next().equals(run.campaign())) {
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
        for (CampaignStep.Action action : step.actions()) {
            switch (action) {
                case CANCEL_UPDATES -> cancelUpdates(run, UpdateDetail.ABORTED);
                case RAISE_KILL_SWITCH -> gateKeeper.kill(run, step.next().reason());
                case RELEASE_HELD -> releaseHeld(run);
            }
        }
        if (step.next().phase().isFinal() || event instanceof CampaignEvent.Started) {
            republishWatched();
        }
        return true;
    }

    void cancelUpdates(CampaignRun run, UpdateDetail why) {
        for (Update update : List.copyOf(openUpdatesOf(run))) {
            signal(update.endpoint(), new UpdateSignal.CancelAsked(why));
        }
    }

    List<Update> openUpdatesOf(CampaignRun run) {
        java.util.ArrayList<Update> open = new java.util.ArrayList<>();
        for (Update update : run.updates()) {
            if (!update.isFinal()) {
                open.add(update);
            }
        }
        return open;
    }

    void releaseHeld(CampaignRun run) {
        for (Update update : openUpdatesOf(run)) {
            if (update.phase() == UpdatePhase.PRE_UPDATING
                    && update.detail() == UpdateDetail.HELD
                    && dispatcher.mayApply(run, update)) {
                signal(update.endpoint(), new UpdateSignal.ApplyAllowed());
            }
        }
    }

    // ---- time

    /** Deadlines, then waves, gates and reservations. Cheap when nothing is due. */
    void tick() {
        Instant now = turn.now();
        deadlines.fire(now, this::due);
        for (CampaignRun run : List.copyOf(openRuns())) {
            while (campaignEvent(run, new CampaignEvent.Looked(), "server")) {
                // A wave that opens may be full at once; go on until nothing moves.
            }
            if (!now.isBefore(nextLook)) {
                gateKeeper.look(run);
            }
            dispatcher.reserve(run);
        }
        if (!now.isBefore(nextLook)) {
            nextLook = now.plus(parts.settings().gateInterval());
        }
    }

    private List<CampaignRun> openRuns() {
        java.util.ArrayList<CampaignRun> open = new java.util.ArrayList<>();
        for (CampaignRun run : state.runs()) {
            if (run.campaign().phase().isOpen()) {
                open.add(run);
            }
        }
        return open;
    }

    // ---- the end of a turn

    /** Commits what was decided; then, and only then, lets others see it and sends. */
    void commit() {
        List<Fact> facts = turn.takeFacts();
        if (!facts.isEmpty()) {
            List<Recorded> recorded = parts.ledger().commit(facts);
            parts.view().apply(recorded);
            parts.sink().committed(recorded);
        }
        publish();
        turn.takeActions().forEach(Runnable::run);
    }

    private void publish() {
        for (Endpoint endpoint : changedUpdates) {
            publishUpdate(endpoint);
        }
        changedUpdates.clear();
        for (CampaignRun run : touched) {
            published.status(run.status(turn.now()));
        }
        touched.clear();
    }

    private void publishUpdate(Endpoint endpoint) {
        Optional<Update> open = state.openUpdate(endpoint);
        if (open.isPresent()) {
            published.update(open.get(), state.find(open.get().packageId()).orElseThrow());
            return;
        }
        for (CampaignRun run : state.runs()) {
            run.update(endpoint)
                    .ifPresent(ended -> published.update(
                            ended, state.find(ended.packageId()).orElseThrow()));
        }
    }

    private void republishWatched() {
        Set<Endpoint> watched = new HashSet<>();
        for (CampaignRun run : openRuns()) {
            watched.addAll(run.members());
            run.waves().forEach(wave -> watched.addAll(wave.control));
        }
        published.watchOnly(watched);
        tracks.keySet().retainAll(watched);
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

    Dispatcher dispatcher() {
        return dispatcher;
    }

    void touch(CampaignRun run) {
        touched.add(run);
    }

    boolean isReachable(Endpoint endpoint) {
        return reachable.contains(endpoint);
    }

    /** How often each row of the tables was taken, by row id. */
    Map<String, Long> rows() {
        return rows;
    }

    /** Signals that fitted no row. */
    long ignored() {
        return ignored;
    }
}
