package wavegate.firmware.update;

import java.time.Instant;
import java.util.List;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * Takes one signal through the transition table. Pure; a signal that fits no row is ignored and said to be, never thrown. Ends are final: no
 * row leaves them. Only {@link #again}, by a human, and {@link #afresh}, after another campaign, begin anew.
 */
public final class UpdateMachine {
    private UpdateMachine() {}

    public static UpdateStep next(Update update, UpdateSignal signal, UpdateContext context) {
        Situation situation = new Situation(update, signal, context);
        for (UpdateTable.Row row : UpdateTable.rowsOf(update.phase())) {
            if (row.on().isInstance(signal) && row.guard().test(situation)) {
                return row.effect().apply(situation).by(row.id());
            }
        }
        return new UpdateStep(update, List.of(), "");
    }

    /** The same for the answer to a command; one that names an older step is ignored. */
    public static UpdateStep answer(Update update, int step, UpdateSignal signal, UpdateContext context) {
        return step == update.step() ? next(update, signal, context) : new UpdateStep(update, List.of(), "");
    }

    /**
     * Another attempt at an update that has ended, because a human asks for it. It waits in RETRY for its place in the budget and counts on
     * from the attempts before.
     *
     * @throws IllegalArgumentException if the update has not ended, or in SUCCESS
     */
    public static Update again(Update ended, Instant now) {
        if (!ended.isFinal() || ended.phase() == UpdatePhase.SUCCESS) {
            throw new IllegalArgumentException(
                    "retry of " + ended.id() + " in " + ended.where() + " (expected: an end other than SUCCESS)");
        }
        return ended.anew(UpdatePhase.RETRY, UpdateDetail.ASKED, now, now);
    }

    /** The update of a device that had to let another campaign go first, and has its turn now. */
    public static Update afresh(Update outranked, Instant now) {
        if (!gaveWay(outranked)) {
            throw new IllegalArgumentException(
                    "update " + outranked.id() + " in " + outranked.where() + " (expected: CANCELLED/outranked)");
        }
        return outranked.anew(UpdatePhase.IDLE, UpdateDetail.RESERVED, now, Instant.MAX);
    }

    /** A row for a device that is not to be begun at all. */
    public static Update declined(Update reserved, UpdateDetail why, Instant now) {
        return reserved.anew(UpdatePhase.CANCELLED, why, now, Instant.MAX);
    }

    /** Whether it only waits for another campaign to be done with the device. */
    public static boolean gaveWay(Update update) {
        return update.phase() == UpdatePhase.CANCELLED && update.detail() == UpdateDetail.OUTRANKED;
    }

    /** Whether nothing of it has gone to the device yet, so that another campaign may still go first. */
    public static boolean beforeDelivery(Update update) {
        return switch (update.phase()) {
            case IDLE, CHECKING, RETRY -> true;
            case DOWNLOADING,
                    VERIFYING,
                    PRE_UPDATING,
                    UPDATING,
                    VERIFY_POST,
                    SUCCESS,
                    FAILED,
                    ROLLBACK,
                    SKIPPED,
                    CANCELLED,
                    LOST -> false;
        };
    }

    /** Whether a watchdog read is worth its cost in this row. */
    public static boolean polled(Update update) {
        return switch (update.phase()) {
            case DOWNLOADING -> update.detail() != UpdateDetail.PUSH;
            case VERIFYING -> update.detail() != UpdateDetail.WAITING_FOR_DEVICE;
            case PRE_UPDATING -> update.detail() != UpdateDetail.HELD;
            case UPDATING -> true;
            case VERIFY_POST -> update.detail() == UpdateDetail.FINAL_CHECK;
            case CHECKING -> update.detail() == UpdateDetail.FOREIGN_UPDATE;
            case IDLE, RETRY, SUCCESS, FAILED, ROLLBACK, SKIPPED, CANCELLED, LOST -> false;
        };
    }

    /** Whether the update takes a place in the budget: it moves, or is about to move, bytes. A device that is waited for does not. */
    public static boolean takesBudget(Update update) {
        return switch (update.phase()) {
            case CHECKING, VERIFYING ->
                update.detail() != UpdateDetail.WAITING_FOR_DEVICE && update.detail() != UpdateDetail.WAITING_FOR_ROOM;
            case IDLE, DOWNLOADING -> true;
            case PRE_UPDATING, UPDATING, VERIFY_POST, RETRY, SUCCESS, FAILED, ROLLBACK, SKIPPED, CANCELLED, LOST ->
                false;
        };
    }

    /** Whether this signal would make an update that holds no place in the budget take one: it waits until there is room. */
    public static boolean wantsBudget(Update update, UpdateSignal signal) {
        boolean returns = update.phase() == UpdatePhase.RETRY
                && signal instanceof UpdateSignal.DeadlinePassed
                && !takesBudget(update);
        boolean heard = update.phase() == UpdatePhase.CHECKING
                && signal instanceof UpdateSignal.DeviceSeen
                && !takesBudget(update);
        boolean asksAgain =
                update.detail() == UpdateDetail.WAITING_FOR_ROOM && signal instanceof UpdateSignal.DeadlinePassed;
        return returns || heard || asksAgain;
    }

    /** Whether this end closes the image for the device: the same bytes are not tried on it again. */
    public static boolean closesArtifact(Update update) {
        if (update.phase() == UpdatePhase.ROLLBACK) {
            return true;
        }
        return update.phase() == UpdatePhase.FAILED
                && (update.detail() == UpdateDetail.INTEGRITY
                        || update.detail() == UpdateDetail.UNSUPPORTED_PACKAGE
                        || update.detail() == UpdateDetail.UPDATE_FAILED);
    }

    /** Whether a version seen after SUCCESS means that the device went back. */
    public static boolean revertsSuccess(Update update, FirmwareVersion seen) {
        return update.phase() == UpdatePhase.SUCCESS && seen.known() && seen.equals(update.from());
    }
}
