package wavegate.firmware.update;

import java.util.List;
import java.util.Optional;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.device.ResetStep;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;

/** The client's list of resets, read against what the device shows and what was tried in this attempt. Whether one has helped is read, never answered. */
record ResetPlan(Update update, DeviceStatus status, UpdateContext context) {
    /** Whether the object is not free for a delivery: in State 1 or 2 or none, or in 0 with a result no reset was tried on. */
    boolean needed() {
        return !status.firmware().is(UpdateState.IDLE)
                || (!status.firmware().result().equals(UpdateResult.INITIAL)
                        && update.tries().resets() == 0);
    }

    /** The next means of the client's list, counted by the resets tried in this attempt, that is safe as the device is now. */
    Optional<ResetMeans> next() {
        int next = nextPlace();
        return next < list().size() ? Optional.of(list().get(next).means()) : Optional.empty();
    }

    boolean nextIs(ResetMeans means) {
        return next().filter(means::equals).isPresent();
    }

    /** Its place in the list; the length of the list if there is none. */
    int nextPlace() {
        int next = update.tries().resets();
        while (next < list().size() && !possible(list().get(next))) {
            next++;
        }
        return next;
    }

    private List<ResetStep> list() {
        return context.profile().reset();
    }

    private boolean possible(ResetStep step) {
        if (!step.isSafeIn(status.firmware().stateCode())) {
            return false;
        }
        return switch (step.means()) {
            case CANCEL -> hasCancel();
            case EMPTY_URI -> true;
            case ZERO_BYTE ->
                Situation.canPush(status, context) || status.firmware().is(UpdateState.DOWNLOADED);
            case NEW_PUSH -> Situation.canPush(status, context);
            case REBOOT ->
                context.policy().allowReboot()
                        && update.attempt() >= context.policy().attempts();
        };
    }

    private boolean hasCancel() {
        ObjectDetails details = status.details();
        return context.profile().object5().cancelUnannounced()
                || details.slot().isComponent()
                || !details.objectVersion().equals("1.0")
                || details.has(FirmwareUpdateObject.SEVERITY)
                || details.has(FirmwareUpdateObject.LAST_STATE_CHANGE_TIME)
                || details.has(FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD);
    }
}
