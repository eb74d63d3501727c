package wavegate.server.rollout;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.telemetry.HealthTrack;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateContext;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateMachine;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateStep;

/** Takes signals through the update table and does what follows from a changed row: facts, commands, deadlines, evidence. Rollout thread only. */
final class Updates {
    private static final Logger LOG = LoggerFactory.getLogger(Updates.class);

    /** Of an update that has no Package URI. */
    private static final String NEVER_SENT = "0000000000000000";

    private static final int DUE_AT_ONCE = 200;

    private final RolloutEngine engine;
    private final Deadlines deadlines = new Deadlines();
    /** Last sign of moving bytes, per open update; saves a fact per block. */
    private final Map<Endpoint, Instant> moved = new HashMap<>();

    private final Polls polls = new Polls();
    /** By which profile the link knows the devices of open updates. */
    private final Map<Endpoint, ClientProfile> met = new HashMap<>();

    Updates(RolloutEngine engine) {
        this.engine = engine;
    }

    void bytesMoved(Endpoint endpoint) {
        engine.state()
                .openUpdate(endpoint)
                .filter(update -> update.phase() == UpdatePhase.DOWNLOADING)
                .ifPresent(update -> moved.put(endpoint, engine.turn().now()));
    }

    /** @return whether more are due */
    boolean fireDeadlines(Instant now) {
        return deadlines.fire(now, DUE_AT_ONCE, this::due);
    }

    /** An answer to a command; one for an update that has ended, or for an older step, is counted and dropped. */
    void answered(RolloutInput.Answered answered) {
        Optional<Update> update = engine.state()
                .openUpdate(answered.update().endpoint())
                .filter(open -> open.id().equals(answered.update()));
        if (update.isPresent()) {
            if (answered.signal() instanceof UpdateSignal.StatusRead && hasNoRoom(update.get(), answered.step())) {
                CampaignRun run = engine.state().run(update.get().campaign()).orElseThrow();
                UpdateSignal noRoom = new UpdateSignal.NoRoom();
                take(update.get(), noRoom, UpdateMachine.next(update.get(), noRoom, context(update.get())));
                run.parked().put(update.get().endpoint(), new UpdateSignal.DeviceSeen(false, false));
                return;
            }
            UpdateStep step =
                    UpdateMachine.answer(update.get(), answered.step(), answered.signal(), context(update.get()));
            if (answered.signal() instanceof UpdateSignal.StatusRead) {
                if (answered.step() == update.get().step()) {
                    engine.watch().read(answered.update());
                }
                polls.read(
                        answered.update().endpoint(),
                        step.next().step() != update.get().step());
            }
            take(update.get(), answered.signal(), step);
        } else {
            engine.unfitting("update", "ENDED", answered.signal());
        }
    }

    /** Whether the device, now that it has said where it is, must wait. */
    private boolean hasNoRoom(Update update, int step) {
        return update.phase() == UpdatePhase.CHECKING
                && update.detail() == UpdateDetail.READING
                && step == update.step()
                && !engine.budgets()
                        .relocate(engine.state().run(update.campaign()).orElseThrow(), update);
    }

    /** Gives a signal to the open update of a device, if it has one. */
    void signal(Endpoint endpoint, UpdateSignal signal) {
        Optional<Update> update = engine.state().openUpdate(endpoint);
        if (update.isEmpty()) {
            return;
        }
        if (!(signal instanceof UpdateSignal.PollDue)) {
            polls.heard(endpoint);
        }
        CampaignRun run = engine.state().run(update.get().campaign()).orElseThrow();
        if (UpdateMachine.wantsBudget(update.get(), signal) && !engine.budgets().admits(run, endpoint)) {
            run.parked().put(endpoint, signal);
        } else {
            take(update.get(), signal, UpdateMachine.next(update.get(), signal, context(update.get())));
        }
    }

    private UpdateContext context(Update update) {
        CampaignRun run = engine.state().run(update.campaign()).orElseThrow();
        FirmwarePackage firmwarePackage =
                engine.state().find(update.packageId()).orElseThrow();
        return new UpdateContext(
                engine.turn().now(),
                run.campaign().spec().update(),
                firmwarePackage.manifest(),
                engine.state().device(update.endpoint()).map(Device::labels).orElse(Labels.NONE),
                engine.state()
                        .deltasFor(
                                update.endpoint(),
                                engine.clients()
                                        .profile(update.endpoint())
                                        .delivery()
                                        .deltas(),
                                firmwarePackage),
                engine.dispatcher().mayApply(run, update) && !firmwarePackage.revoked(),
                engine.state()
                        .isClosed(update.endpoint(), firmwarePackage.manifest().sha256()),
                engine.state().laterReleases(firmwarePackage),
                engine.state().guardedReleases(firmwarePackage),
                engine.parts().settings().served(),
                profile(update.endpoint()),
                engine.parts().settings().uriLength(),
                moved.containsKey(update.endpoint()),
                run.campaign().spec().terms().selfTest(),
                Math.floorMod(update.endpoint().hashCode(), 1000) / 1000.0);
    }

    /** The profile, made known to the link before anything is asked of the device by it. */
    private ClientProfile profile(Endpoint endpoint) {
        ClientProfile profile = engine.clients().profile(endpoint);
        if (!profile.equals(met.put(endpoint, profile))) {
            engine.turn().afterCommit(() -> engine.link().meet(endpoint, profile));
        }
        return profile;
    }

    private void take(Update before, UpdateSignal signal, UpdateStep step) {
        if (step.ignored()) {
            engine.unfitting("update", before.phase().name(), signal);
            return;
        }
        engine.countRow(step.row());
        step.shown().ifPresent(behaviour -> engine.clients().shown(before.endpoint(), behaviour));
        if (step.next().step() != before.step()) {
            changed(before, step);
        }
        step.commands().forEach(command -> engine.turn().send(command, engine.link()));
        if (before.phase().isApplying() && step.next().phase().isCancellable()) {
            notAppliedAfterAll(step.next());
        }
    }

    /** A kill switch or an abort left it alone because it might be applying. It was not, so it is called off now. */
    private void notAppliedAfterAll(Update update) {
        CampaignPhase campaign =
                engine.state().run(update.campaign()).orElseThrow().campaign().phase();
        boolean revoked = engine.state().find(update.packageId()).orElseThrow().revoked();
        if (revoked || engine.parts().fence().isUp(update.scope())) {
            UpdateDetail why = revoked ? UpdateDetail.REVOKED : UpdateDetail.KILLED;
            signal(update.endpoint(), new UpdateSignal.CancelAsked(why));
        } else if (campaign == CampaignPhase.ABORTING || campaign == CampaignPhase.ROLLING_BACK) {
            signal(update.endpoint(), new UpdateSignal.CancelAsked(UpdateDetail.ABORTED));
        }
    }

    private void changed(Update before, UpdateStep step) {
        Update after = step.next();
        CampaignRun run = engine.state().run(after.campaign()).orElseThrow();
        engine.turn().record(new Fact.UpdateChanged(engine.turn().now(), after, step.row()));
        engine.changed(run, after);
        if (!after.payload().equals(before.payload())) {
            // Blocks that moved were of other bytes.
            moved.remove(after.endpoint());
        }
        if (after.phase() != before.phase()) {
            LOG.info(
                    "update ep={} campaign={} {} -> {} row={} attempt={}{}",
                    after.endpoint(),
                    after.campaign(),
                    before.where(),
                    after.where(),
                    step.row(),
                    after.attempt(),
                    after.note().map(note -> " note=" + note).orElse(""));
            if (after.isFinal() || after.phase() == UpdatePhase.RETRY) {
                moved.remove(after.endpoint());
                met.remove(after.endpoint());
                polls.forget(after.endpoint());
                engine.turn().afterCommit(() -> engine.link().forget(after.id()));
            }
            CampaignRun.WaveRun wave = run.wave(after.wave());
            HealthTrack track = engine.track(run, after.endpoint());
            if (after.phase() == UpdatePhase.DOWNLOADING && before.intent() == Intent.NONE) {
                wave.book
                        .dispatched(after.endpoint(), engine.turn().now().toEpochMilli(), track)
                        .ifPresent(row -> engine.noted(run, after.wave(), row));
            } else if (after.phase() == UpdatePhase.VERIFY_POST) {
                wave.book
                        .returned(after.endpoint(), engine.turn().now().toEpochMilli(), track)
                        .ifPresent(row -> engine.noted(run, after.wave(), row));
                wave.book
                        .pairControls(endpoint -> Optional.of(engine.track(run, endpoint)))
                        .forEach(row -> engine.noted(run, after.wave(), row));
            }
        }
        schedule(after);
        if (after.isFinal()) {
            engine.coexistence().freed(after.endpoint());
        }
    }

    /** Found open at the start. Nobody could fetch while the server was away: who was at it has as long for the next block as if one had just come. */
    void resume(Update update) {
        if (update.phase() == UpdatePhase.DOWNLOADING) {
            moved.put(update.endpoint(), engine.turn().now());
        }
        schedule(update);
    }

    void schedule(Update update) {
        deadlines.deadline(update);
        if (UpdateMachine.polled(update)) {
            polls.startAnew(update.endpoint());
            deadlines.poll(update, nextPoll(update));
        }
    }

    private Instant nextPoll(Update update) {
        return engine.turn()
                .now()
                .plus(polls.next(
                        update.endpoint(),
                        policyOf(update),
                        engine.clients().profile(update.endpoint()),
                        engine.clients().traits(update.endpoint())));
    }

    private UpdatePolicy policyOf(Update update) {
        return engine.state()
                .run(update.campaign())
                .orElseThrow()
                .campaign()
                .spec()
                .update();
    }

    /** A member of a wave gets its update. Its first signal follows in the same turn. */
    void reserve(CampaignRun run, int wave, Endpoint endpoint, String token) {
        Instant now = engine.turn().now();
        Update update = run.gaveWay(endpoint)
                .map(before -> UpdateMachine.afresh(before, now))
                .orElseGet(() -> reserved(run, wave, endpoint, token));
        engine.turn().record(new Fact.UpdateChanged(now, update, "reserved"));
        engine.changed(run, update);
        signal(endpoint, new UpdateSignal.Begin());
    }

    /** A member of a wave that is not to be begun: its row ends as it is made. */
    void decline(CampaignRun run, int wave, Endpoint endpoint, UpdateDetail why) {
        Instant now = engine.turn().now();
        Update before = run.gaveWay(endpoint).orElseGet(() -> reserved(run, wave, endpoint, NEVER_SENT));
        Update update = UpdateMachine.declined(before, why, now);
        engine.turn().record(new Fact.UpdateChanged(now, update, "declined"));
        engine.changed(run, update);
    }

    private Update reserved(CampaignRun run, int wave, Endpoint endpoint, String token) {
        FirmwarePackage firmwarePackage =
                engine.state().find(run.campaign().spec().packageId()).orElseThrow();
        return Update.reserved(
                new UpdateId(run.campaign().id(), endpoint),
                wave,
                firmwarePackage.id(),
                engine.state()
                        .device(endpoint)
                        .map(device -> device.labels().region())
                        .orElse(""),
                token,
                firmwarePackage.manifest().version(),
                engine.turn().now());
    }

    private void due(Deadlines.Due due) {
        Optional<Update> update = engine.state()
                .openUpdate(due.update().endpoint())
                .filter(open -> open.id().equals(due.update()) && open.step() == due.step());
        if (update.isEmpty()) {
            return;
        }
        if (due.kind() == Deadlines.Kind.POLL) {
            polls.due(due.update().endpoint());
            signal(due.update().endpoint(), new UpdateSignal.PollDue());
            engine.state()
                    .openUpdate(due.update().endpoint())
                    .filter(open -> open.step() == due.step())
                    .ifPresent(open -> deadlines.poll(open, nextPoll(open)));
            return;
        }
        Instant lastMove = moved.get(due.update().endpoint());
        if (lastMove != null && update.get().phase() == UpdatePhase.DOWNLOADING) {
            Instant stall = lastMove.plus(policyOf(update.get()).downloadStall());
            if (stall.isAfter(engine.turn().now())) {
                deadlines.at(stall, update.get());
                return;
            }
        }
        signal(due.update().endpoint(), new UpdateSignal.DeadlinePassed());
    }
}
