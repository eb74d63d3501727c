package wavegate.firmware.update;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.Candidate;
import wavegate.firmware.pkg.Compatibility;
import wavegate.firmware.pkg.Compatibility.Condition;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Payload;

/** A row of the ledger, a signal and the context, with the words the table is written in. */
final class Situation {
    final Update update;
    final UpdateSignal signal;
    final UpdateContext context;

    Situation(Update update, UpdateSignal signal, UpdateContext context) {
        this.update = update;
        this.signal = signal;
        this.context = context;
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
        return ((UpdateSignal.StatusRead) signal).status();
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

    boolean atTarget() {
        return status().version().equals(update.target());
    }

    boolean atOldVersion() {
        return status().version().equals(update.from());
    }

    boolean versionKnown() {
        return status().version().known();
    }

    /** What of the package's conditions the device does not meet. */
    Optional<Condition> unmet() {
        return Compatibility.unmet(context.manifest(), candidate());
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
                status().version(),
                status().freeMemoryKb());
    }

    boolean runsLaterRelease() {
        return !context.policy().allowOlder() && context.laterReleases().contains(status().version());
    }

    boolean canPull() {
        return status().method().canPull() && !Collections.disjoint(status().protocols(), context.served());
    }

    boolean canPush() {
        return status().method().canPush();
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

    boolean attemptsRemain() {
        return update.attempt() < context.policy().attempts();
    }

    boolean bootsTooOften() {
        return update.tries().boots() >= context.policy().maxBoots();
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
                Optional.empty());
    }

    /** The next row in the making, with the commands that go with it. */
    final class Next {
        private Update next;
        private final int step;
        private final List<UpdateCommand> commands = new ArrayList<>();

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

        Next nextAttempt() {
            return change(
                    Intent.NONE, next.attempt() + 1, next.tries().nextAttempt(), UpdateResult.INITIAL, next.deadline());
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
                    note);
            return this;
        }

        Next read() {
            commands.add(new UpdateCommand.ReadStatus(update.id(), step));
            return this;
        }

        Next observe() {
            commands.add(new UpdateCommand.ObserveStatus(update.id(), step));
            return this;
        }

        Next reset(boolean byPackage) {
            commands.add(new UpdateCommand.ResetObject(update.id(), step, byPackage));
            return this;
        }

        Next cancelDownload() {
            commands.add(new UpdateCommand.CancelDownload(update.id(), step));
            return this;
        }

        Next push() {
            commands.add(new UpdateCommand.PushPackage(update.id(), step, update.scope()));
            return this;
        }

        Next writeUri() {
            commands.add(new UpdateCommand.WritePackageUri(update.id(), step, update.scope(), update.token()));
            return this;
        }

        Next execute() {
            commands.add(new UpdateCommand.ExecuteUpdate(update.id(), step, update.scope()));
            return this;
        }

        UpdateStep by(String row) {
            return new UpdateStep(next, commands, row);
        }
    }
}
