package wavegate.firmware.update;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientProfile.VersionSource;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.device.ResetStep;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.Candidate;
import wavegate.firmware.pkg.Compatibility;
import wavegate.firmware.pkg.Compatibility.Condition;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.pkg.Severity;

/** A row of the ledger, a signal and the context, with the words the table is written in. */
final class Situation {
    private static final String ALONE = "0";

    final Update update;
    final UpdateSignal signal;
    final UpdateContext context;
    private final Optional<Batch> batch;
    private final Optional<DeviceStatus> status;

    Situation(Update update, UpdateSignal signal, UpdateContext context) {
        this.update = update;
        this.signal = signal;
        this.context = context;
        Optional<DeviceStatus> read =
                signal instanceof UpdateSignal.StatusRead answer ? Optional.of(answer.status()) : Optional.empty();
        boolean several = !context.manifest().components().isEmpty();
        this.batch = several ? read.map(shown -> new Batch(update, shown, context)) : Optional.empty();
        this.status = batch.map(Batch::view).or(() -> read);
    }

    // ---- questions

    boolean in(UpdateDetail... details) {
        for (UpdateDetail detail : details) {
            if (update.detail() == detail) {
                return true;
            }
        }
        return false;
    }

    /** Only asked on rows for {@link UpdateSignal.StatusRead}. */
    DeviceStatus status() {
        return status.orElseThrow();
    }

    /** All components of a package for several; empty for any other, and where nothing was read. */
    Optional<Batch> batch() {
        return batch;
    }

    /** Why several components cannot be updated together here. */
    Optional<String> batchUnfit() {
        return batch.flatMap(all -> {
            Set<String> missing = all.missing();
            return missing.isEmpty()
                    ? all.ruledOut().or(all::notToBeNamed)
                    : Optional.of("Object 33629 has no component " + String.join(", ", missing));
        });
    }

    /** Whether some components run the target, and others what they came from. */
    boolean partly() {
        return batch.filter(Batch::partly).isPresent();
    }

    /** What all components show, in words. */
    String inWords() {
        return batch.map(Batch::inWords).orElse("");
    }

    FirmwareStatus firmware() {
        return status().firmware();
    }

    UpdateResult result() {
        return firmware().result();
    }

    boolean state(UpdateState state) {
        return firmware().is(state);
    }

    boolean state(UpdateState state, UpdateResult result) {
        return state(state) && result().equals(result);
    }

    /** 2 with a result that says nothing against the image. */
    boolean executable() {
        return state(UpdateState.DOWNLOADED, UpdateResult.INITIAL)
                || state(UpdateState.DOWNLOADED, UpdateResult.DEFERRED);
    }

    /**
     * What the device runs, by the source its client is believed in. While PkgVersion tells of an image that waits there, the device runs what it
     * came from: the new one is watched in State 0 alone.
     */
    FirmwareVersion version() {
        boolean begun = update.phase() != UpdatePhase.VERIFY_POST;
        if (batch.isPresent()) {
            // Components show what they run whatever the client does on the Device object.
            return status().version();
        }
        return versionHidden() && begun ? update.from() : status().provenBy(context.profile());
    }

    /** Whether the version is shown again only in State 0. */
    boolean versionHidden() {
        return batch.isEmpty() && context.profile().version() == VersionSource.PKG_VERSION && !state(UpdateState.IDLE);
    }

    boolean atTarget() {
        return version().equals(update.target());
    }

    boolean atOldVersion() {
        return version().equals(update.from());
    }

    boolean versionKnown() {
        return version().known();
    }

    /** What of the package's conditions the device does not meet. A version that is hidden as yet is judged when it shows. */
    Optional<Condition> unmet() {
        return Compatibility.unmet(context.manifest(), candidate())
                .filter(condition -> condition != Condition.VERSION || versionKnown() || !versionHidden());
    }

    String whyUnmet() {
        return unmet().map(condition -> Compatibility.reason(condition, context.manifest(), candidate()))
                .orElse("");
    }

    private Candidate candidate() {
        var identity = status().identity();
        return new Candidate(
                identity.manufacturer(),
                identity.model(),
                identity.hardware(),
                context.labels().carrier(),
                context.labels().region(),
                batch.isPresent() ? batch.get().status().version() : version(),
                status().freeMemoryKb());
    }

    /** What to carry to the device that was just read: a delta from what it runs, unless one failed in this update. */
    Payload chosen() {
        if (batch.isPresent()) {
            return batch.get().image(batch.get().begin().current()).payload();
        }
        if (update.payload()
                .filter(payload -> payload.kind() == Payload.Kind.FULL_AFTER_DELTA)
                .isPresent()) {
            return update.payload().get();
        }
        return context.deltas().stream()
                .filter(delta -> delta.from().equals(version()))
                .min(Comparator.comparingLong(Delta::sizeBytes))
                .map(delta -> Payload.of(delta, context.manifest()))
                .orElseGet(() -> Payload.full(context.manifest()));
    }

    /** Whether the device says that a delta was broken, of no use to it, or could not be applied. */
    boolean deltaFailed() {
        return update.payload().filter(Payload::isDelta).isPresent()
                && (result().equals(UpdateResult.INTEGRITY_FAILURE)
                        || result().equals(UpdateResult.UNSUPPORTED_PACKAGE_TYPE)
                        || result().equals(UpdateResult.UPDATE_FAILED));
    }

    Payload fullInstead() {
        return Payload.fullAfter(update.payload().orElseThrow(), context.manifest());
    }

    boolean runsLaterRelease() {
        return !context.policy().allowOlder() && context.laterReleases().contains(version());
    }

    /** Whether the boot stage of the device would refuse the image, whatever the campaign allows. */
    boolean counterTooLow() {
        return context.guardedReleases().contains(version());
    }

    boolean canPull() {
        return context.profile().delivery().method().canPull()
                && status().method().canPull()
                && context.uriLength() <= context.profile().delivery().maxUri()
                && !Collections.disjoint(status().protocols(), context.served());
    }

    boolean canPush() {
        return canPush(status(), context);
    }

    static boolean canPush(DeviceStatus status, UpdateContext context) {
        return context.profile().delivery().method().canPush()
                && status.method().canPush();
    }

    /** What may bring the object back to State 0. */
    ResetPlan resets() {
        return new ResetPlan(update, status(), context);
    }

    /** Whose the object and its result are. */
    Attribution whose() {
        return batch.map(all -> all.whose(status())).orElseGet(() -> new Attribution(update, status(), context));
    }

    boolean batteryLow() {
        int percent = status().batteryPercent();
        return percent >= 0 && percent < context.policy().minBatteryPercent();
    }

    boolean failed(UpdateSignal.LinkFailed.Why why) {
        return ((UpdateSignal.LinkFailed) signal).why() == why;
    }

    boolean registered() {
        return ((UpdateSignal.DeviceSeen) signal).registered();
    }

    /** Called off because another campaign has the device next. */
    boolean gives() {
        return signal instanceof UpdateSignal.CancelAsked asked
                && (asked.why() == UpdateDetail.OUTRANKED || asked.why() == UpdateDetail.SUPERSEDED);
    }

    boolean attemptsRemain() {
        return update.attempt() < context.policy().attempts();
    }

    boolean bootsTooOften() {
        return update.tries().boots() >= context.policy().maxBoots();
    }

    /** How long the device may put the update off: by the package, else by the campaign. */
    Duration deferral() {
        return context.manifest()
                .handled()
                .flatMap(Handling::maxDefer)
                .orElse(context.policy().deferral());
    }

    /** Mandatory, as OMA has it, where the package does not say. */
    private int severity() {
        return context.manifest()
                .handled()
                .flatMap(Handling::severity)
                .orElse(Severity.MANDATORY)
                .code();
    }

    private List<String> components() {
        List<String> names = new ArrayList<>();
        context.manifest().component().ifPresent(names::add);
        context.manifest().components().forEach(each -> names.add(each.name()));
        return names;
    }

    private FirmwareSlot slotRead() {
        return status().details().slot();
    }

    /** A component that others are linked to is applied alone: of the others nothing is known to be ours. */
    private String executeArgument() {
        if (batch.isPresent() && update.parts().isPresent()) {
            return batch.get().executeArgument();
        }
        boolean alone = slotRead().isComponent() && status().details().linked();
        return alone && context.profile().object5().executeArguments() ? ALONE : "";
    }

    // ---- answers

    /** The row stays as it is; commands go out under its present step. */
    Next stay() {
        return new Next(update, update.step());
    }

    Next to(UpdatePhase phase, UpdateDetail detail) {
        Instant since = phase == update.phase() ? update.since() : context.now();
        return new Next(
                with(
                        phase,
                        detail,
                        update.intent(),
                        update.attempt(),
                        update.tries(),
                        update.lastResult(),
                        since,
                        Instant.MAX),
                update.step() + 1);
    }

    private Update with(
            UpdatePhase phase,
            UpdateDetail detail,
            Intent intent,
            int attempt,
            Tries tries,
            UpdateResult lastResult,
            Instant since,
            Instant deadline) {
        return new Update(
                update.id(),
                update.wave(),
                update.packageId(),
                update.region(),
                update.token(),
                update.target(),
                update.from(),
                phase,
                detail,
                intent,
                attempt,
                update.step() + 1,
                tries,
                lastResult,
                since,
                deadline,
                update.payload(),
                Optional.empty(),
                update.sighting(),
                update.parts());
    }

    /** The next row in the making, with the commands that go with it. */
    final class Next {
        private Update next;
        private final int step;
        private final List<UpdateCommand> commands = new ArrayList<>();
        private Optional<ClientBehaviour> shown = Optional.empty();

        private Next(Update next, int step) {
            this.next = next;
            this.step = step;
        }

        private Next change(Intent intent, int attempt, Tries tries, UpdateResult lastResult, Instant deadline) {
            return replace(next.from(), intent, attempt, tries, lastResult, deadline, next.payload(), next.note());
        }

        Next within(Duration deadline) {
            return change(
                    next.intent(),
                    next.attempt(),
                    next.tries(),
                    next.lastResult(),
                    context.now().plus(deadline));
        }

        Next until(Instant deadline) {
            return change(next.intent(), next.attempt(), next.tries(), next.lastResult(), deadline);
        }

        Next meaning(Intent intent) {
            return change(intent, next.attempt(), next.tries(), next.lastResult(), next.deadline());
        }

        Next counting(Tries tries) {
            return change(next.intent(), next.attempt(), tries, next.lastResult(), next.deadline());
        }

        /** Keeps the Update Result that was read. */
        Next showing(UpdateResult result) {
            return change(next.intent(), next.attempt(), next.tries(), result, next.deadline());
        }

        /** A decision to push outlives its attempt. */
        Next nextAttempt() {
            return change(
                    next.intent() == Intent.PUSH ? Intent.PUSH : Intent.NONE,
                    next.attempt() + 1,
                    next.tries().nextAttempt(),
                    UpdateResult.INITIAL,
                    next.deadline());
        }

        /** Takes the version that was read as the one the device comes from. */
        Next comingFrom(FirmwareVersion version) {
            return replace(
                    version,
                    next.intent(),
                    next.attempt(),
                    next.tries(),
                    next.lastResult(),
                    next.deadline(),
                    next.payload(),
                    next.note());
        }

        /** Chooses the bytes that travel from here on. */
        Next carrying(Payload payload) {
            return replace(
                    next.from(),
                    next.intent(),
                    next.attempt(),
                    next.tries(),
                    next.lastResult(),
                    next.deadline(),
                    Optional.of(payload),
                    next.note());
        }

        /** Says why in words. */
        Next noting(String note) {
            return replace(
                    next.from(),
                    next.intent(),
                    next.attempt(),
                    next.tries(),
                    next.lastResult(),
                    next.deadline(),
                    next.payload(),
                    Optional.of(note));
        }

        private Next replace(
                FirmwareVersion from,
                Intent intent,
                int attempt,
                Tries tries,
                UpdateResult lastResult,
                Instant deadline,
                Optional<Payload> payload,
                Optional<String> note) {
            next = new Update(
                    next.id(),
                    next.wave(),
                    next.packageId(),
                    next.region(),
                    next.token(),
                    next.target(),
                    from,
                    next.phase(),
                    next.detail(),
                    intent,
                    attempt,
                    next.step(),
                    tries,
                    lastResult,
                    next.since(),
                    deadline,
                    payload,
                    note,
                    next.sighting(),
                    next.parts());
            return this;
        }

        /** Keeps what the object shows now as what we left it as. */
        Next seeing() {
            next = next.seen(Sighting.of(status()));
            return this;
        }

        /** Takes the components as they are found, each to be compared with later. */
        Next beginning(Batch all) {
            next = next.consistingOf(all.begin());
            return this;
        }

        /** Notes that our image lies on the component whose turn it was. */
        Next holding() {
            if (batch.isPresent() && next.parts().isPresent()) {
                next = next.consistingOf(next.parts().get().holding(Sighting.of(status())));
            }
            return this;
        }

        /** Goes on with another component: what is said of the object is said of that one from here on. */
        Next turningTo(int place, ComponentStatus shown, Batch all) {
            Parts parts = next.parts().orElseThrow().turnedTo(place);
            next = next.turnedTo(parts, all.image(parts.current()).payload(), all.sighting(shown));
            return this;
        }

        /** The device has shown something of its client. */
        Next shows(ClientBehaviour behaviour) {
            shown = Optional.of(behaviour);
            return this;
        }

        Next read() {
            boolean reserved = next.phase() == UpdatePhase.CHECKING && next.detail() == UpdateDetail.READING;
            commands.add(new UpdateCommand.ReadStatus(update.id(), step, components(), reserved, false));
            return this;
        }

        Next readIfAwake() {
            commands.add(new UpdateCommand.ReadStatus(update.id(), step, components(), false, true));
            return this;
        }

        Next observe() {
            commands.add(new UpdateCommand.ObserveStatus(update.id(), step, next.slot()));
            return this;
        }

        /** Writes severity, defer period and the brake on automatic upgrades where the object has them. */
        Next prepare() {
            return prepare(status().details());
        }

        Next prepare(ObjectDetails details) {
            OptionalInt severity =
                    details.has(FirmwareUpdateObject.SEVERITY) ? OptionalInt.of(severity()) : OptionalInt.empty();
            OptionalLong defer = details.has(FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD)
                    ? OptionalLong.of(deferral().toSeconds())
                    : OptionalLong.empty();
            boolean automatic = details.has(FirmwareUpdateObject.AUTOMATIC_UPGRADE);
            if (severity.isPresent() || defer.isPresent() || automatic) {
                commands.add(
                        new UpdateCommand.PrepareObject(update.id(), step, next.slot(), severity, defer, automatic));
            }
            return this;
        }

        Next reset(ResetMeans means) {
            if (batch.isPresent()) {
                batch.get().status().components().stream()
                        .filter(
                                update.phase() == UpdatePhase.CHECKING
                                        ? batch.get()::wantsReset
                                        : each -> each.firmware().is(UpdateState.DOWNLOADED))
                        .forEach(each -> reset(each.details().slot(), means));
                return this;
            }
            return reset(signal instanceof UpdateSignal.StatusRead ? slotRead() : next.slot(), means);
        }

        private Next reset(FirmwareSlot slot, ResetMeans means) {
            commands.add(new UpdateCommand.ResetObject(update.id(), step, slot, means));
            return this;
        }

        /** Leaves no image behind, by the first means that is safe in State 2; what came of it is not asked. */
        Next tidy() {
            tidyMeans().ifPresent(this::reset);
            return this;
        }

        private Optional<ResetMeans> tidyMeans() {
            for (ResetStep each : context.profile().reset()) {
                boolean plain = each.means() == ResetMeans.EMPTY_URI || each.means() == ResetMeans.ZERO_BYTE;
                if (plain && each.isSafeIn(UpdateState.DOWNLOADED.code())) {
                    return Optional.of(each.means());
                }
            }
            return Optional.empty();
        }

        /** An end for one of several components is one for all: no image stays behind on the others, and the note says what each shows. */
        private void endTogether() {
            boolean failed = next.phase() == UpdatePhase.FAILED
                    || next.phase() == UpdatePhase.ROLLBACK
                    || next.phase() == UpdatePhase.CANCELLED;
            if (next.parts().isEmpty() || !failed || !commands.isEmpty()) {
                return;
            }
            if (batch.isPresent()) {
                tidy();
            } else if (update.phase() != UpdatePhase.UPDATING && update.phase() != UpdatePhase.VERIFY_POST) {
                Optional<ResetMeans> means = tidyMeans();
                update.parts().get().carried().stream()
                        .filter(part -> part.held().isPresent() && means.isPresent())
                        .forEach(part -> reset(part.slot(), means.get()));
            }
        }

        private void explain() {
            boolean open = next.phase() != UpdatePhase.FAILED
                    && next.phase() != UpdatePhase.ROLLBACK
                    && next.phase() != UpdatePhase.RETRY;
            if (next.parts().isEmpty() || open || next.note().isPresent()) {
                return;
            }
            if (batch.isPresent()) {
                noting(inWords());
            } else {
                update.note().ifPresent(this::noting);
            }
        }

        /** Where the component's instance is not known yet nothing was written, and Object 5 is none of ours. */
        Next cancelDownload() {
            if (update.parts().isPresent()) {
                update.parts().get().carried().stream()
                        .filter(part -> part.held().isPresent()
                                || part.equals(update.parts().get().current()))
                        .forEach(part -> cancelDownload(part.slot()));
            } else if (update.sighting().isPresent() || components().isEmpty()) {
                cancelDownload(next.slot());
            }
            return this;
        }

        private void cancelDownload(FirmwareSlot slot) {
            commands.add(new UpdateCommand.CancelDownload(update.id(), step, slot));
        }

        Next push() {
            commands.add(new UpdateCommand.PushPackage(
                    update.id(),
                    step,
                    update.scope(),
                    next.slot(),
                    context.profile().delivery().maxBlock(),
                    next.payload()));
            return this;
        }

        Next writeUri() {
            commands.add(new UpdateCommand.WritePackageUri(
                    update.id(), step, update.scope(), next.slot(), update.token(), next.payload()));
            return this;
        }

        Next execute() {
            FirmwareSlot first = update.parts()
                    .filter(parts -> batch.isPresent())
                    .map(parts -> parts.carried().get(0).slot())
                    .orElseGet(next::slot);
            commands.add(new UpdateCommand.ExecuteUpdate(update.id(), step, update.scope(), first, executeArgument()));
            return this;
        }

        UpdateStep by(String row) {
            endTogether();
            explain();
            return new UpdateStep(next, commands, shown, row);
        }
    }
}
