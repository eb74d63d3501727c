package wavegate.firmware.update;

import wavegate.firmware.object.FirmwareUpdateObject;

/** The object instance an update drives: /5/0, or one component of Object 33629. Both have the same resources 0 to 13. */
public record FirmwareSlot(int object, int instance) {
    /** Id of the Advanced Firmware Update object. */
    public static final int ADVANCED = 33629;

    public static final FirmwareSlot OBJECT_5 = new FirmwareSlot(FirmwareUpdateObject.OBJECT_ID, 0);

    public boolean isComponent() {
        return object == ADVANCED;
    }

    /** As in a request: {@code /5/0}. */
    @Override
    public String toString() {
        return "/" + object + "/" + instance;
    }
}
