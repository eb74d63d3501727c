package wavegate.sim.device;

import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.StateTransitions.Trigger;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;

/** State and Update Result of Object 5, the image held, and how often it was applied. Every change goes through {@link #move}. */
final class UpdateMachine {
    /** Sees every transition taken. */
    interface Watcher {
        void moved(UpdateState from, Trigger trigger, UpdateState to, UpdateResult result);
    }

    private final DeviceContext context;
    private final Flash flash;
    private final Watcher watcher;

    private UpdateState state = UpdateState.IDLE;
    private UpdateResult result = UpdateResult.INITIAL;
    private boolean pushing;
    private @Nullable Slot held;
    private int appliesOfHeld;
    private int deferred;
    private BootStage.@Nullable Outcome lastFailure;

    UpdateMachine(DeviceContext context, Flash flash, Watcher watcher) {
        this.context = context;
        this.flash = flash;
        this.watcher = watcher;
    }

    UpdateState state() {
        return state;
    }

    /** What a read of /5/0/3 gives: some clients do not show that a push is under way. */
    UpdateState visibleState() {
        return state == UpdateState.DOWNLOADING
                        && pushing
                        && !context.profile.object5().showsPush()
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

    String lastFailure() {
        return lastFailure == null ? "" : lastFailure.reason();
    }

    private void move(Trigger trigger, UpdateState to, UpdateResult outcome) {
        UpdateState from = state;
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
        result = outcome;
        watcher.moved(state, Trigger.URI_UNUSABLE, state, outcome);
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
                    default -> Trigger.DOWNLOAD_FAILED;
                };
        move(trigger, UpdateState.IDLE, outcome);
    }

    /** Whether a reset is obeyed in the present state. */
    boolean resets() {
        return switch (context.profile.object5().resets()) {
            case ANY_BUT_UPDATING -> state != UpdateState.UPDATING;
            case ONLY_DOWNLOADED -> state == UpdateState.DOWNLOADED;
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

    /** Execute of /5/0/2. When it leaves State 3, a reboot must follow. */
    ResponseCode execute() {
        context.tally.executes++;
        if (state != UpdateState.DOWNLOADED) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        if (deferred < context.profile.object5().defers()) {
            deferred++;
            move(Trigger.UPDATE_DEFERRED, UpdateState.DOWNLOADED, UpdateResult.DEFERRED);
            return ResponseCode.CHANGED;
        }
        appliesOfHeld++;
        context.tally.applies++;
        if (appliesOfHeld > 1) {
            context.tally.secondApplies++;
        }
        move(Trigger.UPDATE_EXECUTED, UpdateState.UPDATING, UpdateResult.INITIAL);
        return ResponseCode.CHANGED;
    }

    /** Runs at every boot, before the firmware: installs what Execute asked for, then forgets what this client forgets. */
    void boot(boolean downloadSurvives) {
        boolean installed = state == UpdateState.UPDATING;
        if (installed) {
            install();
        } else if (state == UpdateState.DOWNLOADING && !downloadSurvives) {
            move(Trigger.DOWNLOAD_FAILED, UpdateState.IDLE, UpdateResult.CONNECTION_LOST);
        }
        forget(installed);
    }

    private void install() {
        Slot image = held;
        if (image == null) {
            move(Trigger.UPDATE_FAILED, UpdateState.IDLE, UpdateResult.UPDATE_FAILED);
            return;
        }
        BootStage.Outcome outcome = BootStage.install(flash, image, context.identity.model());
        if (outcome == BootStage.Outcome.STARTED) {
            held = null;
            move(Trigger.UPDATE_SUCCEEDED, UpdateState.IDLE, UpdateResult.SUCCESS);
            return;
        }
        lastFailure = outcome;
        context.tally.reverts++;
        if (outcome == BootStage.Outcome.DID_NOT_BOOT) {
            context.tally.boots++;
        }
        if (outcome == BootStage.Outcome.WRONG_DIGEST) {
            held = null;
            move(Trigger.INTEGRITY_FAILED, UpdateState.IDLE, UpdateResult.INTEGRITY_FAILURE);
        } else if (context.profile.object5().failureStaysDownloaded()) {
            move(Trigger.UPDATE_FAILED, UpdateState.DOWNLOADED, UpdateResult.UPDATE_FAILED);
        } else {
            held = null;
            move(Trigger.UPDATE_FAILED, UpdateState.IDLE, UpdateResult.UPDATE_FAILED);
        }
    }

    private void forget(boolean installed) {
        switch (context.profile.object5().persistence()) {
            case ALWAYS -> {}
            case FIRST_BOOT -> {
                if (!installed && state == UpdateState.IDLE) {
                    result = UpdateResult.INITIAL;
                }
            }
            case NEVER -> {
                state = UpdateState.IDLE;
                result = UpdateResult.INITIAL;
                held = null;
            }
        }
    }
}
