package wavegate.firmware.object;

/** Ids of the Firmware Update object, {@code urn:oma:lwm2m:oma:5}. Source: OMA registry, object versions 1.0 to 1.2. */
public final class FirmwareUpdateObject {
    public static final int OBJECT_ID = 5;

    public static final int PACKAGE = 0;
    public static final int PACKAGE_URI = 1;
    public static final int UPDATE = 2;
    public static final int STATE = 3;
    public static final int UPDATE_RESULT = 5;
    public static final int PKG_NAME = 6;
    public static final int PKG_VERSION = 7;
    public static final int PROTOCOL_SUPPORT = 8;
    public static final int DELIVERY_METHOD = 9;
    /** Since object version 1.1. */
    public static final int CANCEL = 10;

    public static final int SEVERITY = 11;
    public static final int LAST_STATE_CHANGE_TIME = 12;
    public static final int MAXIMUM_DEFER_PERIOD = 13;
    /** Since object version 1.2. */
    public static final int AUTOMATIC_UPGRADE = 14;

    /** Longest Package URI a device must accept, in characters. */
    public static final int MAX_URI_LENGTH = 255;

    private FirmwareUpdateObject() {}
}
