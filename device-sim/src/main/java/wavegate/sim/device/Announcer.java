package wavegate.sim.device;

import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.StateTransitions;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;

/** Tells observers of State and Update Result, in the order of the family, and of a value only when it is another one. */
final class Announcer implements UpdateMachine.Watcher {
    private static final FirmwareStatus NOTHING_HAPPENED = new FirmwareStatus(UpdateState.IDLE, UpdateResult.INITIAL);

    private final DeviceContext context;
    private final Observations observations;
    private final int instance;
    private final UpdateMachine.Watcher next;
    private @Nullable UpdateMachine machine;
    private FirmwareStatus announced = NOTHING_HAPPENED;

    /** @param next hears of every transition afterwards */
    Announcer(DeviceContext context, Observations observations, int instance, UpdateMachine.Watcher next) {
        this.context = context;
        this.observations = observations;
        this.instance = instance;
        this.next = next;
    }

    void listensTo(UpdateMachine one) {
        machine = one;
    }

    @Override
    public void moved(UpdateState from, StateTransitions.Trigger trigger, UpdateState to, UpdateResult result) {
        UpdateMachine known = machine;
        if (known != null) {
            announce(new FirmwareStatus(known.visibleState(), known.result()));
        }
        next.moved(from, trigger, to, result);
    }

    private void announce(FirmwareStatus now) {
        FirmwareStatus before = announced;
        announced = now;
        int object = context.profile.object5().shape().objectId();
        boolean resultFirst = context.profile.object5().order() == DeviceProfile.NotifyOrder.RESULT_FIRST;
        boolean result = !now.result().equals(before.result());
        boolean state = now.stateCode() != before.stateCode();
        context.statusUnsent(context.statusUnsent() || result || state);
        if (result && resultFirst) {
            observations.changed(object, instance, FirmwareUpdateObject.UPDATE_RESULT);
        }
        if (state) {
            observations.changed(object, instance, FirmwareUpdateObject.STATE);
        }
        if (result && !resultFirst) {
            observations.changed(object, instance, FirmwareUpdateObject.UPDATE_RESULT);
        }
    }
}
