package wavegate.firmware.object;

/**
 * Ids of the Modem Health object, an object of our own in OMA's private range, since no standard object counts crashes. Single instance, all
 * resources read-only. Its XML is {@code config/models/27001.xml}. Counters survive reboots and updates.
 */
public final class ModemHealthObject {
    public static final int OBJECT_ID = 27001;

    /** Integer, modem crashes and watchdog resets since manufacture. */
    public static final int CRASH_COUNT = 0;
    /** String, free text of the last crash; empty if there was none. */
    public static final int LAST_CRASH_REASON = 1;
    /** Integer, boots since manufacture. */
    public static final int BOOT_COUNT = 2;
    /** Integer, seconds since the last boot. */
    public static final int UPTIME = 3;
    /** Float, mAh drawn since manufacture. */
    public static final int ENERGY_USED = 4;
    /** Time, milliseconds not carried: seconds since 1970 of the last crash; 0 if there was none. */
    public static final int LAST_CRASH_TIME = 5;

    private ModemHealthObject() {}
}
