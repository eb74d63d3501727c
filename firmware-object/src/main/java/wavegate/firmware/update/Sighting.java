package wavegate.firmware.update;

import java.time.Instant;
import java.util.Optional;
import wavegate.firmware.object.FirmwareStatus;

/**
 * What Object 5 showed when it was last known to be as we left it: before delivery, and again with our image on it. What differs from it later
 * was done by somebody else.
 *
 * @param instance instance of the object that is driven
 * @param component whether that object is 33629, Advanced Firmware Update, else it is 5
 * @param state State, whatever number it was
 * @param result Update Result
 * @param packageUri /5/0/1; empty if it was empty or unreadable
 * @param packageVersion /5/0/7; empty likewise
 * @param stateChanged Last State Change Time, /5/0/12; empty where the device has none
 */
public record Sighting(
        int instance,
        boolean component,
        int state,
        int result,
        String packageUri,
        String packageVersion,
        Optional<Instant> stateChanged) {

    static Sighting of(DeviceStatus status) {
        FirmwareStatus firmware = status.firmware();
        ObjectDetails details = status.details();
        return new Sighting(
                details.slot().instance(),
                details.slot().isComponent(),
                firmware.stateCode(),
                firmware.result().code(),
                details.packageUri(),
                details.packageVersion(),
                details.stateChanged());
    }

    FirmwareSlot slot() {
        return new FirmwareSlot(component ? FirmwareSlot.ADVANCED : FirmwareSlot.OBJECT_5.object(), instance);
    }
}
