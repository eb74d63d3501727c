package wavegate.firmware.gate;

/** Which side of the comparison a device stands on. */
public enum Arm {
    /** The wave's own devices: updated. */
    CANARY,
    /** Devices of the same strata, held un-updated until the gate decides. */
    CONTROL
}
