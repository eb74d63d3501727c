package wavegate.firmware.update;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;

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

    /** Whether the package was made for what the device says it is. */
    boolean fits() {
        Manifest manifest = context.manifest();
        var identity = status().identity();
        return admits(manifest.manufacturer(), identity.manufacturer())
                && admits(manifest.model(), identity.model())
                && admits(manifest.hardware(), identity.hardware());
    }

    boolean runsLaterRelease() {
        return !context.policy().allowOlder() && context.laterReleases().contains(status().version());
    }

    private static boolean admits(String wanted, String is) {
        return wanted.isEmpty() || wanted.equals(is);
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
                deadline);
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
            next = with(next.phase(), next.detail(), intent, attempt, tries, lastResult, next.since(), deadline);
            return this;
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
            next = new Update(
                    next.id(),
                    next.wave(),
                    next.packageId(),
                    next.region(),
                    next.token(),
                    next.target(),
                    version,
                    next.phase(),
                    next.detail(),
                    next.intent(),
                    next.attempt(),
                    next.step(),
                    next.tries(),
                    next.lastResult(),
                    next.since(),
                    next.deadline());
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
