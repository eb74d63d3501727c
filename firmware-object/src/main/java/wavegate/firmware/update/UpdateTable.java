package wavegate.firmware.update;

import static wavegate.firmware.device.ResetMeans.NEW_PUSH;
import static wavegate.firmware.device.ResetMeans.REBOOT;
import static wavegate.firmware.object.UpdateResult.CONNECTION_LOST;
import static wavegate.firmware.object.UpdateResult.DEFERRED;
import static wavegate.firmware.object.UpdateResult.DEPENDENCY_ERROR;
import static wavegate.firmware.object.UpdateResult.INITIAL;
import static wavegate.firmware.object.UpdateResult.INTEGRITY_FAILURE;
import static wavegate.firmware.object.UpdateResult.OUT_OF_RAM;
import static wavegate.firmware.object.UpdateResult.SUCCESS;
import static wavegate.firmware.object.UpdateResult.UNSUPPORTED_PROTOCOL;
import static wavegate.firmware.object.UpdateResult.UPDATE_FAILED;
import static wavegate.firmware.object.UpdateState.DOWNLOADED;
import static wavegate.firmware.object.UpdateState.DOWNLOADING;
import static wavegate.firmware.object.UpdateState.IDLE;
import static wavegate.firmware.object.UpdateState.UPDATING;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientProfile.Deferral;
import wavegate.firmware.device.ClientProfile.ResultKept;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.device.ResetStep;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.update.UpdateSignal.ApplyAllowed;
import wavegate.firmware.update.UpdateSignal.Begin;
import wavegate.firmware.update.UpdateSignal.CancelAsked;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.DeviceSeen;
import wavegate.firmware.update.UpdateSignal.ExecuteAccepted;
import wavegate.firmware.update.UpdateSignal.FoundUnhealthy;
import wavegate.firmware.update.UpdateSignal.Hint;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;
import wavegate.firmware.update.UpdateSignal.NoRoom;
import wavegate.firmware.update.UpdateSignal.PackageAccepted;
import wavegate.firmware.update.UpdateSignal.PollDue;
import wavegate.firmware.update.UpdateSignal.Refused;
import wavegate.firmware.update.UpdateSignal.ResetAnswered;
import wavegate.firmware.update.UpdateSignal.StatusRead;
import wavegate.firmware.update.UpdateSignal.UriAccepted;

/**
 * The transition table of one device's update: phase, signal, guard, and what follows. Within a phase the first row whose guard holds is taken;
 * a signal that no row takes is ignored. Every row reads the device before it believes anything, and no row writes on an ambiguous answer.
 */
final class UpdateTable {
    /** A line of the table. {@code when} is the guard in words. */
    record Row(
            String id,
            Set<UpdatePhase> from,
            Class<? extends UpdateSignal> on,
            String when,
            Predicate<Situation> guard,
            Function<Situation, Situation.Next> effect) {}

    private static final Set<UpdatePhase> MOVING =
            EnumSet.of(UpdatePhase.CHECKING, UpdatePhase.DOWNLOADING, UpdatePhase.VERIFYING, UpdatePhase.PRE_UPDATING);

    private static final List<Row> ROWS = new ArrayList<>();
    private static final Map<UpdatePhase, List<Row>> BY_PHASE = new EnumMap<>(UpdatePhase.class);

    // spotless:off -- one row, one line
    static {
        // IDLE: reserved, not started
        row("I1", UpdatePhase.IDLE, Begin.class, "", s -> true, UpdateTable::check);
        row("I2", UpdatePhase.IDLE, DeviceSeen.class, "", s -> true, UpdateTable::check);

        // CHECKING: what is it, what does it run, is /5 free
        row("S1", UpdatePhase.CHECKING, StatusRead.class, "components that are not there, or cannot be updated together", s -> s.batchUnfit().isPresent(), s -> ended(s, UpdatePhase.SKIPPED, UpdateDetail.REJECTED).noting(s.batchUnfit().orElseThrow()));
        row("C1", UpdatePhase.CHECKING, StatusRead.class, "no object 5", s -> !s.status().hasObject5(), end(UpdatePhase.SKIPPED, UpdateDetail.NO_FIRMWARE_OBJECT));
        row("C2", UpdatePhase.CHECKING, StatusRead.class, "version unreadable, and not for the image that lies there", s -> !s.versionKnown() && !s.versionHidden(), end(UpdatePhase.SKIPPED, UpdateDetail.NO_VERSION_EVIDENCE));
        row("C25", UpdatePhase.CHECKING, StatusRead.class, "self-test, and the target runs", s -> s.context.selfTest() && s.atTarget() && s.state(IDLE), UpdateTable::soak);
        row("C26", UpdatePhase.CHECKING, StatusRead.class, "self-test, and it does not: nothing is changed", s -> s.context.selfTest() && !s.atTarget(), s -> ended(s, UpdatePhase.SKIPPED, UpdateDetail.REJECTED).noting("self-test: runs another version"));
        row("C3", UpdatePhase.CHECKING, StatusRead.class, "target runs already", s -> s.atTarget() && !s.state(UPDATING), end(UpdatePhase.SKIPPED, UpdateDetail.ALREADY_THERE));
        row("C4", UpdatePhase.CHECKING, StatusRead.class, "not what the package is for", s -> s.unmet().isPresent(), s -> ended(s, UpdatePhase.SKIPPED, UpdateDetail.REJECTED).noting(s.whyUnmet()));
        row("C27", UpdatePhase.CHECKING, StatusRead.class, "its boot stage holds a higher security counter", s -> s.counterTooLow() && !s.state(UPDATING), s -> ended(s, UpdatePhase.SKIPPED, UpdateDetail.REJECTED).noting("security counter lower than that of version " + s.version() + ", which the device runs"));
        row("C23", UpdatePhase.CHECKING, StatusRead.class, "a later release runs, and no way back was asked for", s -> s.runsLaterRelease() && !s.state(UPDATING), end(UpdatePhase.SKIPPED, UpdateDetail.SUPERSEDED));
        row("C5", UpdatePhase.CHECKING, StatusRead.class, "image closed for this device", s -> s.context.artifactClosed(), end(UpdatePhase.SKIPPED, UpdateDetail.ARTIFACT_CLOSED));
        row("C6", UpdatePhase.CHECKING, StatusRead.class, "neither push nor pull", s -> !s.canPull() && !s.canPush(), end(UpdatePhase.SKIPPED, UpdateDetail.NO_DELIVERY_METHOD));
        row("C7", UpdatePhase.CHECKING, StatusRead.class, "3: someone else's update runs", s -> s.state(UPDATING), s -> s.to(UpdatePhase.CHECKING, UpdateDetail.FOREIGN_UPDATE).until(deadlineOfForeignUpdate(s)));
        row("C24", UpdatePhase.CHECKING, StatusRead.class, "1, begun by someone else just now: let it be", s -> s.whose().freshForeignDownload(), s -> s.to(UpdatePhase.CHECKING, UpdateDetail.FOREIGN_UPDATE).until(deadlineOfForeignUpdate(s)));
        row("C8", UpdatePhase.CHECKING, StatusRead.class, "not free: the next means of reset but a push or a reboot", s -> s.resets().needed() && s.resets().next().isPresent() && !s.resets().nextIs(NEW_PUSH) && !s.resets().nextIs(REBOOT), UpdateTable::normalise);
        row("C9", UpdatePhase.CHECKING, StatusRead.class, "not free, and only a reboot is left", s -> s.resets().needed() && !s.state(IDLE) && s.resets().nextIs(REBOOT), UpdateTable::reboot);
        row("C11", UpdatePhase.CHECKING, StatusRead.class, "0, pull possible and preferred or the only way", s -> s.state(IDLE) && pulls(s), UpdateTable::pull);
        row("C12", UpdatePhase.CHECKING, StatusRead.class, "0, push; or 1 left by a push that died", s -> (s.state(IDLE) || s.resets().nextIs(NEW_PUSH)) && s.canPush() && s.versionKnown(), UpdateTable::push);
        row("C13", UpdatePhase.CHECKING, StatusRead.class, "stuck", s -> true, s -> retry(s, UpdateDetail.STUCK));
        row("C14", UpdatePhase.CHECKING, ResetAnswered.class, "", s -> !s.in(UpdateDetail.REBOOTING), s -> s.stay().read());
        row("C15", UpdatePhase.CHECKING, DeviceSeen.class, "waited for", s -> s.in(UpdateDetail.WAITING_FOR_DEVICE, UpdateDetail.WAITING_FOR_ROOM), UpdateTable::check);
        row("C16", UpdatePhase.CHECKING, DeviceSeen.class, "new registration", Situation::registered, s -> s.stay().read());
        row("C17", UpdatePhase.CHECKING, LinkFailed.class, "asleep", s -> s.failed(Why.ASLEEP), UpdateTable::checkLater);
        row("C18", UpdatePhase.CHECKING, LinkFailed.class, "no answer, tries remain", s -> s.update.tries().reads() < 2, s -> s.to(UpdatePhase.CHECKING, s.update.detail()).counting(s.update.tries().read()).within(s.context.policy().checking()).read());
        row("C19", UpdatePhase.CHECKING, LinkFailed.class, "no answer", s -> true, s -> retry(s, UpdateDetail.NO_ANSWER));
        row("C20", UpdatePhase.CHECKING, Refused.class, "", s -> true, s -> retry(s, UpdateDetail.REFUSED));
        row("C21", UpdatePhase.CHECKING, PollDue.class, "someone else's update runs", s -> s.in(UpdateDetail.FOREIGN_UPDATE), s -> s.stay().readIfAwake());
        row("C28", UpdatePhase.CHECKING, NoRoom.class, "its cell is full", s -> true, s -> s.to(UpdatePhase.CHECKING, UpdateDetail.WAITING_FOR_ROOM).within(s.context.policy().awaitReturn()));
        row("C29", UpdatePhase.CHECKING, DeadlinePassed.class, "waits for room: it is elsewhere now, or there is some", s -> s.in(UpdateDetail.WAITING_FOR_ROOM), UpdateTable::check);
        row("C22", UpdatePhase.CHECKING, DeadlinePassed.class, "", s -> true, s -> retry(s, s.in(UpdateDetail.FOREIGN_UPDATE) ? UpdateDetail.STUCK : UpdateDetail.NO_ANSWER));

        // DOWNLOADING: bytes move
        row("D1", UpdatePhase.DOWNLOADING, PackageAccepted.class, "", s -> true, UpdateTable::confirm);
        row("D2", UpdatePhase.DOWNLOADING, UriAccepted.class, "", s -> true, s -> s.stay());
        row("D18", UpdatePhase.DOWNLOADING, StatusRead.class, "somebody else writes to the object too", s -> s.whose().conflict(), s -> retry(s, UpdateDetail.CONFLICT));
        row("D3", UpdatePhase.DOWNLOADING, StatusRead.class, "0, target runs: another server was faster", s -> s.state(IDLE) && s.atTarget(), end(UpdatePhase.SKIPPED, UpdateDetail.ALREADY_THERE));
        row("D4", UpdatePhase.DOWNLOADING, StatusRead.class, "2/0", s -> s.state(DOWNLOADED, INITIAL), UpdateTable::confirm);
        row("D5", UpdatePhase.DOWNLOADING, StatusRead.class, "1 in a pull: it goes on", s -> s.state(DOWNLOADING) && s.update.intent() == Intent.PULL, UpdateTable::goesOn);
        row("D6", UpdatePhase.DOWNLOADING, StatusRead.class, "1 or 0/0 after a push broke: restart at block 0", s -> s.update.intent() == Intent.PUSH && (s.state(DOWNLOADING) || s.state(IDLE, INITIAL)) && s.update.tries().deliveries() < 2, UpdateTable::push);
        row("D19", UpdatePhase.DOWNLOADING, StatusRead.class, "0/0 after an error answer: it was refused", s -> s.state(IDLE, INITIAL) && s.in(UpdateDetail.REFUSED), s -> retry(s, UpdateDetail.REFUSED));
        row("D22", UpdatePhase.DOWNLOADING, StatusRead.class, "0/0 in a pull not begun: its user may be thinking", s -> s.state(IDLE, INITIAL) && notBegun(s), Situation::stay);
        row("D24", UpdatePhase.DOWNLOADING, StatusRead.class, "0/0, and no word whether the URI came: it did", s -> s.state(IDLE, INITIAL) && unanswered(s) && s.whose().uriIsOurs(), UpdateTable::goesOn);
        row("D25", UpdatePhase.DOWNLOADING, StatusRead.class, "0/0, and no word whether the URI came: once more", s -> s.state(IDLE, INITIAL) && unanswered(s) && s.update.tries().deliveries() < 2, UpdateTable::pull);
        row("D26", UpdatePhase.DOWNLOADING, StatusRead.class, "0/0 in a pull: as it was before the blocks that were asked for since?", s -> s.state(IDLE, INITIAL) && s.update.intent() == Intent.PULL && s.context.blocksMoved() && s.update.tries().reads() == 0, s -> s.to(UpdatePhase.DOWNLOADING, s.update.detail()).counting(s.update.tries().read()).until(s.update.deadline()).read());
        row("D7", UpdatePhase.DOWNLOADING, StatusRead.class, "0/0: the device lost it", s -> s.state(IDLE, INITIAL) || s.state(DOWNLOADING), s -> retry(s, UpdateDetail.IMAGE_LOST));
        row("D21", UpdatePhase.DOWNLOADING, StatusRead.class, "0/9 in a pull, and it takes a push: the other way", s -> s.state(IDLE, UNSUPPORTED_PROTOCOL) && s.update.intent() == Intent.PULL && s.canPush() && s.update.tries().deliveries() < 2 && !s.whose().staleResult(), UpdateTable::push);
        row("D20", UpdatePhase.DOWNLOADING, StatusRead.class, "0 with the result that was there before", s -> s.whose().staleResult(), s -> s.in(UpdateDetail.REFUSED) ? retry(s, UpdateDetail.REFUSED) : stillThere(s));
        row("B1", UpdatePhase.DOWNLOADING, StatusRead.class, "0 with 5, 6 or 8 to a delta: the image follows", s -> s.state(IDLE) && s.deltaFailed(), UpdateTable::fullInstead);
        row("D8", UpdatePhase.DOWNLOADING, StatusRead.class, "0 with a result", s -> s.state(IDLE), UpdateTable::byResult);
        row("D9", UpdatePhase.DOWNLOADING, StatusRead.class, "stuck", s -> true, s -> retry(s, UpdateDetail.STUCK));
        row("D10", UpdatePhase.DOWNLOADING, Refused.class, "an error answer is ambiguous", s -> true, s -> s.to(UpdatePhase.DOWNLOADING, UpdateDetail.REFUSED).within(s.context.policy().downloadStall()).read());
        row("D11", UpdatePhase.DOWNLOADING, LinkFailed.class, "fence: a cancel is on its way", s -> s.failed(Why.FENCED), Situation::stay);
        row("D12", UpdatePhase.DOWNLOADING, LinkFailed.class, "", s -> !s.in(UpdateDetail.WAITING_FOR_DEVICE), s -> s.to(UpdatePhase.DOWNLOADING, UpdateDetail.WAITING_FOR_DEVICE).within(s.context.policy().downloadStall()));
        row("D23", UpdatePhase.DOWNLOADING, DeviceSeen.class, "in a pull not begun: new registration, and the client forgets at a boot", s -> s.registered() && notBegun(s) && s.context.profile().object5().resultKept() == ResultKept.NEVER, s -> s.to(UpdatePhase.DOWNLOADING, UpdateDetail.WAITING_FOR_DEVICE).until(s.update.deadline()).observe().read());
        row("D13", UpdatePhase.DOWNLOADING, DeviceSeen.class, "new registration: observations are gone", Situation::registered, s -> s.stay().observe().read());
        row("D14", UpdatePhase.DOWNLOADING, DeviceSeen.class, "waited for", s -> s.in(UpdateDetail.WAITING_FOR_DEVICE), s -> s.stay().read());
        row("D15", UpdatePhase.DOWNLOADING, Hint.class, "in a pull", s -> s.in(UpdateDetail.PULL, UpdateDetail.REFUSED), s -> s.stay().read());
        row("D16", UpdatePhase.DOWNLOADING, PollDue.class, "not while a push runs", s -> !s.in(UpdateDetail.PUSH), s -> s.stay().readIfAwake());
        row("D17", UpdatePhase.DOWNLOADING, DeadlinePassed.class, "no block for too long", s -> true, s -> retryElsewise(s, stalled(s)));

        // VERIFYING: State and Update Result together, read again
        row("V12", UpdatePhase.VERIFYING, StatusRead.class, "somebody else writes to the object too", s -> s.whose().conflict(), s -> retry(s, UpdateDetail.CONFLICT));
        row("V1", UpdatePhase.VERIFYING, StatusRead.class, "2/0", s -> s.state(DOWNLOADED, INITIAL), UpdateTable::inert);
        row("V2", UpdatePhase.VERIFYING, StatusRead.class, "0, target runs: it applied by itself", s -> s.state(IDLE) && s.atTarget(), UpdateTable::soak);
        row("V3", UpdatePhase.VERIFYING, StatusRead.class, "1: still checking", s -> s.state(DOWNLOADING), UpdateTable::stillChecking);
        row("V4", UpdatePhase.VERIFYING, StatusRead.class, "0/0", s -> s.state(IDLE, INITIAL), s -> retry(s, UpdateDetail.IMAGE_LOST));
        row("B2", UpdatePhase.VERIFYING, StatusRead.class, "0 with 5, 6 or 8 to a delta: the image follows", s -> s.state(IDLE) && s.deltaFailed(), UpdateTable::fullInstead);
        row("V5", UpdatePhase.VERIFYING, StatusRead.class, "0 with a result", s -> s.state(IDLE), UpdateTable::byResult);
        row("V13", UpdatePhase.VERIFYING, StatusRead.class, "3: it began by itself", s -> s.state(UPDATING), s -> s.to(UpdatePhase.PRE_UPDATING, UpdateDetail.READY).within(s.context.policy().awaitReturn()).read());
        row("V6", UpdatePhase.VERIFYING, StatusRead.class, "stuck", s -> true, s -> retry(s, UpdateDetail.STUCK));
        row("V7", UpdatePhase.VERIFYING, DeviceSeen.class, "new registration: observations are gone", Situation::registered, s -> s.stay().observe().read());
        row("V8", UpdatePhase.VERIFYING, DeviceSeen.class, "", s -> true, s -> s.stay().read());
        row("V9", UpdatePhase.VERIFYING, Hint.class, "", s -> true, s -> s.stay().read());
        row("V10", UpdatePhase.VERIFYING, PollDue.class, "", s -> true, s -> s.stay().readIfAwake());
        row("V14", UpdatePhase.VERIFYING, LinkFailed.class, "asleep: it will be heard", s -> s.failed(Why.ASLEEP) && !s.in(UpdateDetail.WAITING_FOR_DEVICE), s -> s.to(UpdatePhase.VERIFYING, UpdateDetail.WAITING_FOR_DEVICE).within(s.context.policy().awaitReturn()));
        row("V11", UpdatePhase.VERIFYING, DeadlinePassed.class, "", s -> true, s -> retry(s, s.update.tries().reads() > 0 ? UpdateDetail.STUCK : UpdateDetail.NO_ANSWER));

        // PRE_UPDATING: the image lies inert on the device
        row("P18", UpdatePhase.PRE_UPDATING, StatusRead.class, "somebody else writes to the object too", s -> s.whose().conflict(), s -> retry(s, UpdateDetail.CONFLICT));
        row("P16", UpdatePhase.PRE_UPDATING, StatusRead.class, "executed before, and it had an effect after all: judge it as such", s -> s.update.intent() == Intent.EXECUTE && (s.state(IDLE) || (s.state(DOWNLOADED) && !s.executable())), s -> s.to(UpdatePhase.UPDATING, UpdateDetail.APPLYING).within(s.context.policy().applying()).read());
        row("P15", UpdatePhase.PRE_UPDATING, StatusRead.class, "2/11 still, after a second period", s -> s.in(UpdateDetail.READY) && s.state(DOWNLOADED, DEFERRED) && s.update.tries().executes() >= 2, s -> ended(s, UpdatePhase.FAILED, UpdateDetail.DEFERRED_TOO_LONG).tidy());
        row("P1", UpdatePhase.PRE_UPDATING, StatusRead.class, "2, but Execute is held", s -> s.state(DOWNLOADED) && s.in(UpdateDetail.READY) && !s.context.applyAllowed(), s -> s.to(UpdatePhase.PRE_UPDATING, UpdateDetail.HELD));
        row("P2", UpdatePhase.PRE_UPDATING, StatusRead.class, "2, battery too low", s -> s.state(DOWNLOADED) && s.in(UpdateDetail.READY) && s.batteryLow(), Situation::stay);
        row("P3", UpdatePhase.PRE_UPDATING, StatusRead.class, "2/0 or 2/11: Execute", s -> s.executable() && s.in(UpdateDetail.READY), s -> s.to(UpdatePhase.UPDATING, UpdateDetail.EXECUTING).meaning(Intent.EXECUTE).counting(s.update.tries().execute()).within(s.context.policy().applying()).execute());
        row("P4", UpdatePhase.PRE_UPDATING, StatusRead.class, "2, held or deferred", s -> s.state(DOWNLOADED) && !s.in(UpdateDetail.READY), Situation::stay);
        row("P5", UpdatePhase.PRE_UPDATING, StatusRead.class, "3: it began by itself", s -> s.state(UPDATING), s -> s.to(UpdatePhase.UPDATING, UpdateDetail.APPLYING).meaning(Intent.EXECUTE).within(s.context.policy().applying()));
        row("P6", UpdatePhase.PRE_UPDATING, StatusRead.class, "0, target runs: it applied by itself", s -> s.state(IDLE) && s.atTarget(), UpdateTable::soak);
        row("P7", UpdatePhase.PRE_UPDATING, StatusRead.class, "the image is gone, or failed in other hands", s -> true, s -> retry(s, UpdateDetail.IMAGE_LOST));
        row("P8", UpdatePhase.PRE_UPDATING, ApplyAllowed.class, "held", s -> s.in(UpdateDetail.HELD), s -> ready(s).read());
        row("P9", UpdatePhase.PRE_UPDATING, DeviceSeen.class, "ready, new registration", s -> s.in(UpdateDetail.READY) && s.registered(), s -> s.stay().observe().read());
        row("P19", UpdatePhase.PRE_UPDATING, DeviceSeen.class, "held, new registration, and the client forgets its image at a boot", s -> s.in(UpdateDetail.HELD) && s.registered() && s.context.profile().object5().resultKept() == ResultKept.NEVER, s -> s.stay().read());
        row("P10", UpdatePhase.PRE_UPDATING, DeviceSeen.class, "ready", s -> s.in(UpdateDetail.READY), s -> s.stay().read());
        row("P11", UpdatePhase.PRE_UPDATING, DeviceSeen.class, "deferred", s -> s.in(UpdateDetail.DEFERRED), s -> s.stay().observe().read());
        row("P12", UpdatePhase.PRE_UPDATING, Hint.class, "ready or deferred", s -> s.in(UpdateDetail.READY, UpdateDetail.DEFERRED), s -> s.stay().read());
        row("P13", UpdatePhase.PRE_UPDATING, PollDue.class, "ready or deferred", s -> s.in(UpdateDetail.READY, UpdateDetail.DEFERRED), s -> s.stay().readIfAwake());
        row("P14", UpdatePhase.PRE_UPDATING, DeadlinePassed.class, "deferred, and the period is over: look", s -> s.in(UpdateDetail.DEFERRED), s -> ready(s).read());
        row("P20", UpdatePhase.PRE_UPDATING, DeadlinePassed.class, "executed before, and not heard of: it may be applying", s -> s.in(UpdateDetail.READY) && s.update.intent() == Intent.EXECUTE && s.update.tries().executes() > 0, end(UpdatePhase.LOST, UpdateDetail.SILENT));
        row("P17", UpdatePhase.PRE_UPDATING, DeadlinePassed.class, "ready, but not heard of", s -> s.in(UpdateDetail.READY), s -> retry(s, UpdateDetail.NO_ANSWER));

        // UPDATING: Execute is out; from here on the device is left alone
        row("U1", UpdatePhase.UPDATING, ExecuteAccepted.class, "", s -> s.in(UpdateDetail.EXECUTING), s -> s.to(UpdatePhase.UPDATING, UpdateDetail.APPLYING).within(s.context.policy().applying()));
        row("U2", UpdatePhase.UPDATING, LinkFailed.class, "fence: Execute never left", s -> s.in(UpdateDetail.EXECUTING) && s.failed(Why.FENCED), s -> ended(s, UpdatePhase.CANCELLED, UpdateDetail.KILLED).tidy());
        row("U27", UpdatePhase.UPDATING, LinkFailed.class, "asleep: Execute never left", s -> s.in(UpdateDetail.EXECUTING) && s.failed(Why.ASLEEP), s -> ready(s).counting(s.update.tries().unexecuted()));
        row("U3", UpdatePhase.UPDATING, LinkFailed.class, "silent", s -> s.in(UpdateDetail.EXECUTING, UpdateDetail.APPLYING, UpdateDetail.REFUSED, UpdateDetail.RECHECKING_VERSION), UpdateTable::awaitReturn);
        row("U4", UpdatePhase.UPDATING, Refused.class, "an error answer to Execute is ambiguous", s -> s.in(UpdateDetail.EXECUTING), s -> s.to(UpdatePhase.UPDATING, UpdateDetail.REFUSED).until(s.update.deadline()).read());
        row("U32", UpdatePhase.UPDATING, Refused.class, "", s -> true, s -> s.stay().read());
        row("U5", UpdatePhase.UPDATING, StatusRead.class, "version unreadable: no evidence", s -> !s.versionKnown(), Situation::stay);
        row("U6", UpdatePhase.UPDATING, StatusRead.class, "3: applying", s -> s.state(UPDATING), s -> s.in(UpdateDetail.APPLYING) ? s.stay() : s.to(UpdatePhase.UPDATING, UpdateDetail.APPLYING).within(s.context.policy().applying()));
        row("S2", UpdatePhase.UPDATING, StatusRead.class, "some components run the target, others do not, first time", s -> s.partly() && !s.in(UpdateDetail.RECHECKING_VERSION), s -> s.to(UpdatePhase.UPDATING, UpdateDetail.RECHECKING_VERSION).counting(s.update.tries().answered()).within(s.context.policy().poll()));
        row("S3", UpdatePhase.UPDATING, StatusRead.class, "some components run the target, others do not, read again too early", s -> s.partly() && s.update.tries().reads() == 0, Situation::stay);
        row("S4", UpdatePhase.UPDATING, StatusRead.class, "some components run the target, others do not still", Situation::partly, s -> ended(s, UpdatePhase.FAILED, UpdateDetail.PARTLY_UPDATED));
        row("U7", UpdatePhase.UPDATING, StatusRead.class, "target runs, 0/1 or 0/0; or 2 with an image that must not be executed again", s -> s.atTarget() && (s.state(IDLE, SUCCESS) || s.state(IDLE, INITIAL) || s.executable()), UpdateTable::returned);
        row("U8", UpdatePhase.UPDATING, StatusRead.class, "target runs, yet it reports a failure", s -> (s.state(IDLE) || s.state(DOWNLOADED)) && s.atTarget(), s -> failedBy(s, UpdatePhase.FAILED));
        row("U9", UpdatePhase.UPDATING, StatusRead.class, "neither old nor target", s -> !s.atOldVersion() && !s.atTarget(), s -> ended(s, UpdatePhase.FAILED, UpdateDetail.UNEXPECTED_VERSION));
        row("U29", UpdatePhase.UPDATING, StatusRead.class, "2, but somebody else's image", s -> s.state(DOWNLOADED) && s.executable() && s.whose().foreignPackage(), s -> ended(s, UpdatePhase.FAILED, UpdateDetail.CONFLICT));
        row("U10", UpdatePhase.UPDATING, StatusRead.class, "2/11: deferred", s -> s.state(DOWNLOADED, DEFERRED), s -> s.to(UpdatePhase.PRE_UPDATING, UpdateDetail.DEFERRED).seeing().shows(ClientBehaviour.DEFERS).within(deferral(s)));
        row("U30", UpdatePhase.UPDATING, StatusRead.class, "2/0 after an Execute that was taken: its user may be thinking", s -> s.state(DOWNLOADED, INITIAL) && s.in(UpdateDetail.APPLYING), Situation::stay);
        row("U11", UpdatePhase.UPDATING, StatusRead.class, "2/0: Execute had no effect, may be repeated", s -> s.state(DOWNLOADED, INITIAL) && s.update.tries().executes() < 2, UpdateTable::inert);
        row("U12", UpdatePhase.UPDATING, StatusRead.class, "2/0 again", s -> s.state(DOWNLOADED, INITIAL), s -> ended(s, UpdatePhase.FAILED, UpdateDetail.EXECUTE_REFUSED).tidy());
        row("U28", UpdatePhase.UPDATING, StatusRead.class, "2/13: another component is in the way", s -> s.state(DOWNLOADED, DEPENDENCY_ERROR), s -> failedBy(s, UpdatePhase.FAILED).tidy());
        row("B3", UpdatePhase.UPDATING, StatusRead.class, "old version with 5, 6 or 8 after a delta: the image follows", s -> (s.state(IDLE) || s.state(DOWNLOADED)) && s.deltaFailed(), UpdateTable::fullInstead);
        row("U13", UpdatePhase.UPDATING, StatusRead.class, "2 with a failure, old version", s -> s.state(DOWNLOADED), s -> failedBy(s, UpdatePhase.ROLLBACK).shows(ClientBehaviour.FAILURE_KEEPS_IMAGE).tidy());
        row("U14", UpdatePhase.UPDATING, StatusRead.class, "0/5 or 0/8, old version", s -> s.state(IDLE, INTEGRITY_FAILURE) || s.state(IDLE, UPDATE_FAILED), s -> failedBy(s, UpdatePhase.ROLLBACK));
        row("U31", UpdatePhase.UPDATING, StatusRead.class, "0/0, old version, and Execute was refused: the image was gone", s -> s.state(IDLE, INITIAL) && s.in(UpdateDetail.REFUSED), s -> ended(s, UpdatePhase.FAILED, UpdateDetail.EXECUTE_REFUSED));
        row("U15", UpdatePhase.UPDATING, StatusRead.class, "0/1 or 0/0, old version, first time", s -> s.state(IDLE) && (s.result().equals(SUCCESS) || s.result().equals(INITIAL)) && !s.in(UpdateDetail.RECHECKING_VERSION), s -> s.to(UpdatePhase.UPDATING, UpdateDetail.RECHECKING_VERSION).counting(s.update.tries().answered()).within(s.context.policy().poll()));
        row("U16", UpdatePhase.UPDATING, StatusRead.class, "0/1 or 0/0, old version, read again too early", s -> s.state(IDLE) && (s.result().equals(SUCCESS) || s.result().equals(INITIAL)) && s.update.tries().reads() == 0, Situation::stay);
        row("U17", UpdatePhase.UPDATING, StatusRead.class, "0/1, old version still", s -> s.state(IDLE, SUCCESS), s -> ended(s, UpdatePhase.FAILED, UpdateDetail.SUCCESS_WITHOUT_VERSION));
        row("U18", UpdatePhase.UPDATING, StatusRead.class, "0/0, old version still", s -> s.state(IDLE, INITIAL), s -> ended(s, UpdatePhase.ROLLBACK, UpdateDetail.REVERTED));
        row("U19", UpdatePhase.UPDATING, StatusRead.class, "0 with another failure, old version", s -> s.state(IDLE), s -> failedBy(s, UpdatePhase.FAILED));
        row("U20", UpdatePhase.UPDATING, DeviceSeen.class, "new registration: observations are gone", Situation::registered, s -> s.stay().observe().read());
        row("U21", UpdatePhase.UPDATING, DeviceSeen.class, "", s -> true, s -> s.stay().read());
        row("U22", UpdatePhase.UPDATING, Hint.class, "", s -> true, s -> s.stay().read());
        row("U23", UpdatePhase.UPDATING, PollDue.class, "", s -> !s.in(UpdateDetail.RECHECKING_VERSION), s -> s.stay().readIfAwake());
        row("U24", UpdatePhase.UPDATING, DeadlinePassed.class, "read the version again", s -> s.in(UpdateDetail.RECHECKING_VERSION) && s.update.tries().reads() == 0, s -> s.to(UpdatePhase.UPDATING, UpdateDetail.RECHECKING_VERSION).counting(s.update.tries().read()).within(s.context.policy().applying()).read());
        row("U25", UpdatePhase.UPDATING, DeadlinePassed.class, "not back in time: call it", s -> !s.in(UpdateDetail.AWAITING_RETURN), s -> awaitReturn(s).read());
        row("U26", UpdatePhase.UPDATING, DeadlinePassed.class, "silent", s -> true, end(UpdatePhase.LOST, UpdateDetail.SILENT));

        // VERIFY_POST: the new version must stay, and stay healthy
        row("F1", UpdatePhase.VERIFY_POST, StatusRead.class, "version unreadable: no evidence", s -> !s.versionKnown(), Situation::stay);
        row("S5", UpdatePhase.VERIFY_POST, StatusRead.class, "some components have gone back", Situation::partly, end(UpdatePhase.FAILED, UpdateDetail.PARTLY_UPDATED));
        row("F2", UpdatePhase.VERIFY_POST, StatusRead.class, "old version back", Situation::atOldVersion, end(UpdatePhase.ROLLBACK, UpdateDetail.REVERTED));
        row("F3", UpdatePhase.VERIFY_POST, StatusRead.class, "neither old nor target", s -> !s.atTarget(), end(UpdatePhase.FAILED, UpdateDetail.UNEXPECTED_VERSION));
        row("F4", UpdatePhase.VERIFY_POST, StatusRead.class, "target, and it has stayed healthy long enough", s -> s.in(UpdateDetail.FINAL_CHECK), end(UpdatePhase.SUCCESS, UpdateDetail.HEALTHY));
        row("F5", UpdatePhase.VERIFY_POST, StatusRead.class, "target", s -> true, Situation::stay);
        row("F6", UpdatePhase.VERIFY_POST, DeviceSeen.class, "boots too often", s -> ((DeviceSeen) s.signal).rebooted() && s.bootsTooOften(), end(UpdatePhase.FAILED, UpdateDetail.BOOT_LOOP));
        row("F7", UpdatePhase.VERIFY_POST, DeviceSeen.class, "rebooted", s -> ((DeviceSeen) s.signal).rebooted(), s -> s.to(UpdatePhase.VERIFY_POST, s.update.detail()).until(s.update.deadline()).counting(s.update.tries().boot()).read());
        row("F8", UpdatePhase.VERIFY_POST, DeviceSeen.class, "", s -> true, s -> s.stay().read());
        row("F9", UpdatePhase.VERIFY_POST, FoundUnhealthy.class, "", s -> true, end(UpdatePhase.FAILED, UpdateDetail.UNHEALTHY));
        row("F10", UpdatePhase.VERIFY_POST, PollDue.class, "final check", s -> s.in(UpdateDetail.FINAL_CHECK), s -> s.stay().readIfAwake());
        row("F11", UpdatePhase.VERIFY_POST, DeadlinePassed.class, "healthy so far: read it a last time", s -> s.in(UpdateDetail.SOAKING), s -> s.to(UpdatePhase.VERIFY_POST, UpdateDetail.FINAL_CHECK).within(s.context.policy().awaitReturn()).read());
        row("F12", UpdatePhase.VERIFY_POST, DeadlinePassed.class, "silent", s -> true, end(UpdatePhase.LOST, UpdateDetail.SILENT));

        // RETRY: back-off
        row("R1", UpdatePhase.RETRY, DeadlinePassed.class, "attempts remain, a human asked for one, or the image is owed after a delta", s -> s.attemptsRemain() || s.in(UpdateDetail.DELTA_FAILED, UpdateDetail.ASKED), s -> check(s).nextAttempt());
        row("R2", UpdatePhase.RETRY, DeadlinePassed.class, "no attempts remain", s -> true, s -> ended(s, UpdatePhase.FAILED, s.update.detail()));

        // called off: the device is brought back to State 0 where something may lie on it
        row("X1", EnumSet.of(UpdatePhase.IDLE, UpdatePhase.RETRY), CancelAsked.class, "", s -> true, s -> ended(s, UpdatePhase.CANCELLED, ((CancelAsked) s.signal).why()));
        row("X3", UpdatePhase.CHECKING, CancelAsked.class, "for another campaign, and nothing of ours lies there: its first steps must not meet a reset", s -> s.gives() && s.in(UpdateDetail.READING, UpdateDetail.WAITING_FOR_DEVICE, UpdateDetail.WAITING_FOR_ROOM), s -> ended(s, UpdatePhase.CANCELLED, ((CancelAsked) s.signal).why()));
        row("X4", EnumSet.of(UpdatePhase.UPDATING, UpdatePhase.VERIFY_POST), CancelAsked.class, "removed from the fleet: nobody watches it any more", s -> ((CancelAsked) s.signal).why() == UpdateDetail.REMOVED, s -> ended(s, UpdatePhase.CANCELLED, UpdateDetail.REMOVED));
        row("X2", MOVING, CancelAsked.class, "", s -> true, s -> ended(s, UpdatePhase.CANCELLED, ((CancelAsked) s.signal).why()).cancelDownload());
    }
    // spotless:on

    private UpdateTable() {}

    static List<Row> rows() {
        return List.copyOf(ROWS);
    }

    static List<Row> rowsOf(UpdatePhase phase) {
        return BY_PHASE.getOrDefault(phase, List.of());
    }

    private static void row(
            String id,
            UpdatePhase from,
            Class<? extends UpdateSignal> on,
            String when,
            Predicate<Situation> guard,
            Function<Situation, Situation.Next> effect) {
        row(id, EnumSet.of(from), on, when, guard, effect);
    }

    private static void row(
            String id,
            Set<UpdatePhase> from,
            Class<? extends UpdateSignal> on,
            String when,
            Predicate<Situation> guard,
            Function<Situation, Situation.Next> effect) {
        Row row = new Row(id, from, on, when, guard, effect);
        ROWS.add(row);
        from.forEach(phase ->
                BY_PHASE.computeIfAbsent(phase, key -> new ArrayList<>()).add(row));
    }

    private static Function<Situation, Situation.Next> end(UpdatePhase phase, UpdateDetail detail) {
        return s -> ended(s, phase, detail);
    }

    private static Situation.Next ended(Situation s, UpdatePhase phase, UpdateDetail detail) {
        Situation.Next next = s.to(phase, detail);
        return s.signal instanceof StatusRead ? next.showing(s.result()) : next;
    }

    private static Situation.Next check(Situation s) {
        return s.to(UpdatePhase.CHECKING, UpdateDetail.READING)
                .within(s.context.policy().checking())
                .read();
    }

    /** However often it is heard and sleeps again before it is read, the wait is over when it would have been the first time. */
    private static Situation.Next checkLater(Situation s) {
        return s.in(UpdateDetail.WAITING_FOR_DEVICE)
                ? s.stay()
                : s.to(UpdatePhase.CHECKING, UpdateDetail.WAITING_FOR_DEVICE)
                        .until(s.update.since().plus(s.context.policy().awaitReturn()));
    }

    private static Situation.Next normalise(Situation s) {
        Situation.Next next = s.to(UpdatePhase.CHECKING, UpdateDetail.NORMALISING)
                .counting(s.update.tries().resets(s.resets().nextPlace() + 1))
                .within(s.context.policy().checking())
                .reset(s.resets().next().orElseThrow());
        boolean ignored = s.in(UpdateDetail.NORMALISING) && !s.state(IDLE) && triedEmptyUri(s);
        return ignored ? next.shows(ClientBehaviour.RESET_IGNORED) : next;
    }

    private static boolean triedEmptyUri(Situation s) {
        int last = s.update.tries().resets() - 1;
        List<ResetStep> steps = s.context.profile().reset();
        return last >= 0 && last < steps.size() && steps.get(last).means() == ResetMeans.EMPTY_URI;
    }

    /** What it shows is kept where an old result lay there: a like one that comes now is a new one. */
    private static Situation.Next goesOn(Situation s) {
        if (s.in(UpdateDetail.PULL) && !s.whose().resultWasThere()) {
            return s.stay();
        }
        Situation.Next next = s.to(UpdatePhase.DOWNLOADING, UpdateDetail.PULL)
                .within(s.context.policy().downloadStall());
        return s.whose().resultWasThere() ? next.seeing() : next;
    }

    private static Situation.Next reboot(Situation s) {
        return s.to(UpdatePhase.CHECKING, UpdateDetail.REBOOTING)
                .counting(s.update.tries().resets(s.resets().nextPlace() + 1))
                .within(s.context.policy().applying())
                .reset(REBOOT);
    }

    /**
     * One that may start by itself when the period is over is given time to; any other is asked again then. After the second period every client
     * is: nothing but the end is left, and that must not meet an update that has just begun.
     */
    private static Duration deferral(Situation s) {
        boolean itself = s.context.profile().object5().deferral() == Deferral.STARTS_ITSELF
                || s.status().details().has(FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD);
        boolean grace = itself || s.update.tries().executes() >= 2;
        return grace ? s.deferral().plus(s.context.policy().applying()) : s.deferral();
    }

    /** On the target. A result that did not outlive the boot says something of the client. */
    private static Situation.Next returned(Situation s) {
        boolean lost = s.state(IDLE, INITIAL) && s.update.intent() == Intent.EXECUTE;
        return lost ? soak(s).shows(ClientBehaviour.RESULT_LOST) : soak(s);
    }

    private static Instant deadlineOfForeignUpdate(Situation s) {
        return s.in(UpdateDetail.FOREIGN_UPDATE)
                ? s.update.deadline()
                : s.context.now().plus(s.context.policy().applying());
    }

    private static boolean pulls(Situation s) {
        boolean inVain = s.update.intent() == Intent.PUSH;
        return DeliveryChooser.pulls(s.context.policy().delivery(), s.canPull(), s.canPush(), inVain);
    }

    private static Situation.Next pull(Situation s) {
        return delivering(s, UpdateDetail.PULL, Intent.PULL).writeUri();
    }

    private static Situation.Next push(Situation s) {
        return delivering(s, UpdateDetail.PUSH, Intent.PUSH).push();
    }

    private static Situation.Next delivering(Situation s, UpdateDetail detail, Intent intent) {
        Situation.Next next = s.to(UpdatePhase.DOWNLOADING, detail)
                .meaning(intent)
                .counting(s.update.tries().answered().delivery())
                .within(s.context.policy().downloadStall());
        if (s.update.phase() != UpdatePhase.CHECKING) {
            return next;
        }
        s.batch().ifPresent(next::beginning);
        return next.comingFrom(s.version())
                .carrying(s.chosen())
                .seeing()
                .observe()
                .prepare();
    }

    /** The image of one component lies there: the next one's follows the same way. Somebody else at that one spoils all. */
    private static Situation.Next nextComponent(Situation s, Batch all, int place) {
        Parts.Part part = s.update.parts().orElseThrow().all().get(place);
        ComponentStatus shown = all.of(part).orElseThrow();
        if (!shown.firmware().is(IDLE)) {
            return retry(s, UpdateDetail.CONFLICT);
        }
        boolean pulls = s.update.intent() == Intent.PULL;
        Situation.Next next = s.to(UpdatePhase.DOWNLOADING, pulls ? UpdateDetail.PULL : UpdateDetail.PUSH)
                .counting(s.update.tries().nextDelivery())
                .within(s.context.policy().downloadStall())
                .holding()
                .turningTo(place, shown, all)
                .observe()
                .prepare(shown.details());
        return pulls ? next.writeUri() : next.push();
    }

    private static Situation.Next confirm(Situation s) {
        return s.to(UpdatePhase.VERIFYING, UpdateDetail.CONFIRMING)
                .within(s.context.policy().verifying())
                .read();
    }

    /** What it showed before and shows still is kept, for the case that nothing else ever comes. */
    private static Situation.Next stillThere(Situation s) {
        return s.update.lastResult().equals(s.result())
                ? s.stay()
                : s.to(UpdatePhase.DOWNLOADING, s.update.detail())
                        .showing(s.result())
                        .until(s.update.deadline());
    }

    /** A client that cannot clear its result fails a second time with nothing to see: then the first result is the reason still. */
    private static UpdateDetail stalled(Situation s) {
        UpdateResult shown = s.update.lastResult();
        boolean ours = s.update.attempt() > 1 && !shown.equals(INITIAL) && !shown.equals(SUCCESS);
        return ours ? detailOf(shown) : UpdateDetail.STALLED;
    }

    /** That it answered is kept: a device that never leaves State 1 is stuck, and not silent. */
    private static Situation.Next stillChecking(Situation s) {
        return s.update.tries().reads() > 0
                ? s.stay()
                : s.to(UpdatePhase.VERIFYING, s.update.detail())
                        .counting(s.update.tries().read())
                        .until(s.update.deadline());
    }

    private static Situation.Next ready(Situation s) {
        return s.to(UpdatePhase.PRE_UPDATING, UpdateDetail.READY)
                .within(s.context.policy().awaitReturn());
    }

    /** State 2 is proven: read once more right before Execute, or wait until it is allowed. */
    private static Situation.Next inert(Situation s) {
        Optional<Parts> parts = s.update.parts().filter(all -> s.update.phase() == UpdatePhase.VERIFYING);
        if (s.batch().isPresent() && parts.isPresent()) {
            Optional<Integer> place =
                    parts.get().holding(Sighting.of(s.status())).nextPlace();
            if (place.isPresent()) {
                return nextComponent(s, s.batch().get(), place.get());
            }
        }
        Situation.Next next =
                s.context.applyAllowed() ? ready(s).read() : s.to(UpdatePhase.PRE_UPDATING, UpdateDetail.HELD);
        return parts.isPresent() ? next.seeing().holding() : next.seeing();
    }

    private static Situation.Next awaitReturn(Situation s) {
        return s.to(UpdatePhase.UPDATING, UpdateDetail.AWAITING_RETURN)
                .within(s.context.policy().awaitReturn());
    }

    private static Situation.Next soak(Situation s) {
        return s.to(UpdatePhase.VERIFY_POST, UpdateDetail.SOAKING)
                .showing(s.result())
                .within(s.context.policy().verifyFor());
    }

    private static Situation.Next retry(Situation s, UpdateDetail why) {
        Duration wait = s.context.policy().backoffBefore(s.update.attempt() + 1, s.context.spread());
        Situation.Next next = s.to(UpdatePhase.RETRY, why).within(wait);
        return s.signal instanceof StatusRead ? next.showing(s.result()) : next;
    }

    /** The same for a delivery: after a pull in vain the next attempt pushes where it can. */
    private static Situation.Next retryElsewise(Situation s, UpdateDetail why) {
        boolean inVain = s.update.intent() == Intent.PULL && (!s.context.blocksMoved() || s.update.attempt() > 1);
        return inVain ? retry(s, why).meaning(Intent.PUSH) : retry(s, why);
    }

    /** The URI was sent, no answer came, and nothing has come of it as yet. */
    private static boolean unanswered(Situation s) {
        return s.in(UpdateDetail.WAITING_FOR_DEVICE) && s.update.intent() == Intent.PULL && !s.context.blocksMoved();
    }

    /** The URI was taken, and nothing has come of it as yet. */
    private static boolean notBegun(Situation s) {
        return s.in(UpdateDetail.PULL) && s.update.intent() == Intent.PULL && !s.context.blocksMoved();
    }

    /** The delta did not fit what the device has. That says nothing of the image, which gets an attempt of its own even where none remains. */
    private static Situation.Next fullInstead(Situation s) {
        return retry(s, UpdateDetail.DELTA_FAILED).carrying(s.fullInstead());
    }

    /** State 0 with a result other than 0 before Execute. */
    private static Situation.Next byResult(Situation s) {
        UpdateResult result = s.result();
        if (result.equals(OUT_OF_RAM)) {
            return retry(s, detailOf(result));
        }
        if (result.equals(CONNECTION_LOST)) {
            return retryElsewise(s, detailOf(result));
        }
        if (result.equals(INTEGRITY_FAILURE)) {
            boolean first = s.update.tries().integrityFailures() == 0;
            Situation.Next next =
                    first ? retry(s, UpdateDetail.INTEGRITY) : ended(s, UpdatePhase.FAILED, UpdateDetail.INTEGRITY);
            return next.counting(s.update.tries().integrityFailure());
        }
        return failedBy(s, UpdatePhase.FAILED);
    }

    private static Situation.Next failedBy(Situation s, UpdatePhase end) {
        return ended(s, end, detailOf(s.result()));
    }

    static UpdateDetail detailOf(UpdateResult result) {
        return switch (result.code()) {
            case 2 -> UpdateDetail.NOT_ENOUGH_FLASH;
            case 3 -> UpdateDetail.OUT_OF_RAM;
            case 4 -> UpdateDetail.CONNECTION_LOST;
            case 5 -> UpdateDetail.INTEGRITY;
            case 6 -> UpdateDetail.UNSUPPORTED_PACKAGE;
            case 7 -> UpdateDetail.INVALID_URI;
            case 8 -> UpdateDetail.UPDATE_FAILED;
            case 9 -> UpdateDetail.UNSUPPORTED_PROTOCOL;
            case 10 -> UpdateDetail.CANCELLED_BY_OTHER;
            case 12 -> UpdateDetail.CONFLICTING_STATE;
            case 13 -> UpdateDetail.DEPENDENCY;
            default -> UpdateDetail.UNKNOWN_RESULT;
        };
    }
}
