package wavegate.sim.device;

import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.StateTransitions.Trigger;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;

/**
 * State and Update Result of a firmware object, the image held, and how often it was applied. Every change goes through {@link #move}. What
 * the boot stage has in hand is not forgotten with what the client forgets.
 */
final class UpdateMachine {
    /** Sees every transition taken. */
    interface Watcher {
        void moved(UpdateState from, Trigger trigger, UpdateState to, UpdateResult result);
    }

    /** Result of object 33629 where instances that must not be together are. */
    static final UpdateResult CONFLICTING_STATE = new UpdateResult(12);
    /** Result of object 33629 where an instance that is needed is not there. */
    static final UpdateResult DEPENDENCY_ERROR = new UpdateResult(13);
    /** What a modem shows when its user says no. */
    static final UpdateResult USER_ABORT = new UpdateResult(100);

    private static final int WRITES_OF_AN_INSTALLATION = 32;

    private final DeviceContext context;
    private final Flash flash;
    private final Watcher watcher;

    private UpdateState state;
    private UpdateResult result = UpdateResult.INITIAL;
    private boolean pushing;
    private @Nullable Slot held;
    private int changedAtSeconds;
    private short appliesOfHeld;
    private short deferred;
    private BootStage.@Nullable Outcome lastFailure;

    UpdateMachine(DeviceContext context, Flash flash, Watcher watcher) {
        this.context = context;
        this.flash = flash;
        this.watcher = watcher;
        this.state = atStart();
    }

    private UpdateState atStart() {
        return context.profile.has(Quirk.SKELETON) ? UpdateState.DOWNLOADING : UpdateState.IDLE;
    }

    UpdateState state() {
        return state;
    }

    /** What a read of State gives: some clients do not show that a push is under way. */
    UpdateState visibleState() {
        return state == UpdateState.DOWNLOADING && pushing && context.profile.has(Quirk.HIDES_PUSH)
                ? UpdateState.IDLE
                : state;
    }

    UpdateResult result() {
        return result;
    }

    boolean pushing() {
        return state == UpdateState.DOWNLOADING && pushing;
    }

    @Nullable Slot held() {
        return held;
    }

    /** Epoch seconds. */
    int changedAtSeconds() {
        return changedAtSeconds;
    }

    String lastFailure() {
        return lastFailure == null ? "" : lastFailure.reason();
    }

    private void move(Trigger trigger, UpdateState to, UpdateResult outcome) {
        UpdateState from = state;
        if (from != to) {
            changedAtSeconds = (int) (context.now() / 1000);
        }
        state = to;
        result = outcome;
        watcher.moved(from, trigger, to, outcome);
    }

    void pushStarted() {
        pushing = true;
        if (state != UpdateState.DOWNLOADING) {
            move(Trigger.PACKAGE_WRITTEN, UpdateState.DOWNLOADING, UpdateResult.INITIAL);
        }
    }

    void pullStarted() {
        pushing = false;
        move(Trigger.URI_WRITTEN, UpdateState.DOWNLOADING, UpdateResult.INITIAL);
    }

    /** A URI refused on the spot, without passing State 1. */
    void refusedUri(UpdateResult outcome) {
        move(Trigger.URI_UNUSABLE, state, outcome);
    }

    void downloaded(Slot image) {
        held = image;
        appliesOfHeld = 0;
        deferred = 0;
        context.tally.downloads++;
        move(Trigger.DOWNLOAD_FINISHED, UpdateState.DOWNLOADED, UpdateResult.INITIAL);
    }

    void downloadFailed(UpdateResult outcome) {
        Trigger trigger =
                switch (outcome.code()) {
                    case 5 -> Trigger.INTEGRITY_FAILED;
                    case 6, 7, 9 -> Trigger.URI_UNUSABLE;
                    case 10 -> Trigger.CANCEL_EXECUTED;
                    default -> Trigger.DOWNLOAD_FAILED;
                };
        move(trigger, UpdateState.IDLE, outcome);
    }

    /** Whether a reset is obeyed in the present state. */
    boolean resets() {
        return switch (context.profile.object5().resets()) {
            case ANY_BUT_UPDATING -> state != UpdateState.UPDATING;
            case ANY -> true;
            case ONLY_DOWNLOADED -> state == UpdateState.DOWNLOADED;
            case NONE -> false;
        };
    }

    void reset() {
        context.tally.resets++;
        held = null;
        move(Trigger.RESET_WRITTEN, UpdateState.IDLE, UpdateResult.INITIAL);
    }

    ResponseCode cancel() {
        context.tally.cancels++;
        if (state != UpdateState.DOWNLOADING && state != UpdateState.DOWNLOADED) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        held = null;
        move(Trigger.CANCEL_EXECUTED, UpdateState.IDLE, UpdateResult.CANCELLED);
        return ResponseCode.CHANGED;
    }

    /** Somebody at the device says no to an image that is there. */
    void aborted(UpdateResult outcome) {
        held = null;
        move(
                outcome.equals(UpdateResult.CANCELLED) ? Trigger.CANCEL_EXECUTED : Trigger.UPDATE_FAILED,
                UpdateState.IDLE,
                outcome);
    }

    /** An image that is needed with this one is not there: State stays. */
    void lacksDependency() {
        move(Trigger.UPDATE_FAILED, UpdateState.DOWNLOADED, DEPENDENCY_ERROR);
    }

    /** An Execute put off; the image stays. */
    void defer() {
        deferred++;
        move(Trigger.UPDATE_DEFERRED, UpdateState.DOWNLOADED, UpdateResult.DEFERRED);
    }

    int deferred() {
        return deferred;
    }

    /** From 2 to 3: the boot stage has the order, and a reboot must follow. */
    void update() {
        Slot image = held;
        if (state != UpdateState.DOWNLOADED || image == null) {
            throw new IllegalStateException("update in " + state);
        }
        appliesOfHeld++;
        context.tally.applies++;
        if (appliesOfHeld > 1) {
            context.tally.secondApplies++;
        }
        flash.request(image, Power.STEADY);
        move(Trigger.UPDATE_EXECUTED, UpdateState.UPDATING, UpdateResult.INITIAL);
    }

    /** The skeleton's only step. */
    ResponseCode skeletonExecute() {
        if (state != UpdateState.DOWNLOADING) {
            return ResponseCode.BAD_REQUEST;
        }
        state = UpdateState.DOWNLOADED;
        watcher.moved(UpdateState.DOWNLOADING, Trigger.DOWNLOAD_FINISHED, state, result);
        return ResponseCode.CHANGED;
    }

    /**
     * Runs at every boot, before the firmware.
     *
     * @return what the boot stage has come to; {@link Flash.Stand#CUT} if there is no power to go on
     */
    Flash.Stand bootStage() {
        if (!flash.pending()) {
            return Flash.Stand.NOTHING;
        }
        Flash.Stand stand = flash.boot(context.identity.model(), power());
        if (stand == Flash.Stand.TRIAL && flash.active().header().failsToBoot()) {
            context.tally.boots++;
            stand = flash.boot(context.identity.model(), Power.STEADY);
        }
        if (stand == Flash.Stand.TRIAL && context.fate.bears(UpdateResult.UPDATE_FAILED)) {
            stand = flash.boot(context.identity.model(), Power.STEADY);
        }
        return stand;
    }

    private Power power() {
        return context.fate.powerCuts()
                ? Power.cutAfter(
                        context.random.nextInt(WRITES_OF_AN_INSTALLATION),
                        Power.CUTS.get(context.random.nextInt(Power.CUTS.size())))
                : Power.STEADY;
    }

    /**
     * The firmware is up after the boot stage has come to {@code stand}; then it forgets what this client forgets.
     *
     * @param linkedFailed whether an image that was to be installed together with this one failed
     */
    void boot(Flash.Stand stand, boolean downloadSurvives, boolean linkedFailed) {
        boolean installed = stand != Flash.Stand.NOTHING;
        switch (stand) {
            case TRIAL, CONFIRMED -> started();
            case REVERTED -> failed(linkedFailed ? BootStage.Outcome.LINKED_FAILED : reverted());
            case REFUSED -> failed(flash.refusal());
            default -> {
                if (state == UpdateState.UPDATING) {
                    installed = true;
                    failed(BootStage.Outcome.FAILED);
                } else if (state == UpdateState.DOWNLOADING
                        && !downloadSurvives
                        && !context.profile.has(Quirk.SKELETON)) {
                    boolean silently =
                            context.profile.object5().persistence() == DeviceProfile.Persistence.ALL_BUT_DOWNLOADS;
                    move(
                            Trigger.DOWNLOAD_FAILED,
                            UpdateState.IDLE,
                            silently ? UpdateResult.INITIAL : UpdateResult.CONNECTION_LOST);
                }
            }
        }
        forget(installed);
    }

    private BootStage.Outcome reverted() {
        Slot image = flash.other();
        if (image != null && image.header().failsToBoot()) {
            return BootStage.Outcome.DID_NOT_BOOT;
        }
        return context.fate.strikes(UpdateResult.UPDATE_FAILED)
                ? BootStage.Outcome.FAILED
                : BootStage.Outcome.NOT_CONFIRMED;
    }

    private void started() {
        held = null;
        if (state == UpdateState.UPDATING) {
            move(Trigger.UPDATE_SUCCEEDED, UpdateState.IDLE, UpdateResult.SUCCESS);
        }
    }

    private void failed(BootStage.Outcome outcome) {
        lastFailure = outcome;
        context.tally.reverts++;
        boolean integrity = outcome == BootStage.Outcome.WRONG_DIGEST;
        boolean stays = !integrity
                && held != null
                && state == UpdateState.UPDATING
                && context.profile.has(Quirk.FAILURE_STAYS_DOWNLOADED);
        if (!stays) {
            held = null;
        }
        if (integrity) {
            move(Trigger.INTEGRITY_FAILED, UpdateState.IDLE, UpdateResult.INTEGRITY_FAILURE);
        } else {
            move(Trigger.UPDATE_FAILED, stays ? UpdateState.DOWNLOADED : UpdateState.IDLE, UpdateResult.UPDATE_FAILED);
        }
    }

    private void forget(boolean installed) {
        switch (context.profile.object5().persistence()) {
            case ALWAYS, ALL_BUT_DOWNLOADS -> {}
            case FIRST_BOOT -> {
                if (!installed && state == UpdateState.IDLE) {
                    result = UpdateResult.INITIAL;
                }
            }
            case NEVER -> {
                state = atStart();
                result = UpdateResult.INITIAL;
                held = null;
            }
        }
    }
}
