package wavegate.sim.device;

import java.util.List;
import wavegate.firmware.object.FirmwareUpdateObject;

/** Which firmware object a client has, in which version. */
public enum FirmwareShape {
    /** Object 5 of LwM2M 1.0 and 1.1. */
    V1_0("1.0"),
    /** With Cancel, Severity, Last State Change Time and Maximum Defer Period. */
    V1_1("1.1"),
    /** With Automatic Upgrade at Download. */
    V1_2("1.2"),
    /** Object 33629 with two components. */
    TWO_COMPONENTS("1.0"),
    /** With three. */
    COMPONENTS("1.0"),
    /** With four. */
    FOUR_COMPONENTS("1.0");

    /** Advanced Firmware Update. */
    public static final int COMPONENTS_OBJECT_ID = 33629;

    private final String version;

    FirmwareShape(String version) {
        this.version = version;
    }

    String version() {
        return version;
    }

    int objectId() {
        return hasComponents() ? COMPONENTS_OBJECT_ID : FirmwareUpdateObject.OBJECT_ID;
    }

    /** Whether it is object 33629. */
    boolean hasComponents() {
        return !components().isEmpty();
    }

    /** What a module consists of; nothing for object 5. */
    List<Component> components() {
        return switch (this) {
            case V1_0, V1_1, V1_2 -> List.of();
            case TWO_COMPONENTS -> Component.TWO;
            case COMPONENTS -> Component.THREE;
            case FOUR_COMPONENTS -> Component.FOUR;
        };
    }

    /** Resources 10 to 13. */
    boolean cancels() {
        return this != V1_0;
    }

    boolean upgradesByItself() {
        return this == V1_2;
    }
}
