package wavegate.firmware.update;

import java.util.Locale;

/** What a phase is doing, or why an end was reached. Shown as {@code DOWNLOADING/push}, {@code FAILED/integrity}. */
public enum UpdateDetail {
    // open phases
    RESERVED,
    WAITING_FOR_DEVICE,
    /** Read, and found in a radio cell whose budget is used up. */
    WAITING_FOR_ROOM,
    READING,
    NORMALISING,
    /** Told to reboot, since nothing else brought Object 5 back. */
    REBOOTING,
    FOREIGN_UPDATE,
    PUSH,
    PULL,
    CONFIRMING,
    HELD,
    READY,
    DEFERRED,
    EXECUTING,
    APPLYING,
    AWAITING_RETURN,
    RECHECKING_VERSION,
    SOAKING,
    FINAL_CHECK,
    // why a retry, a failure or another end
    HEALTHY,
    ALREADY_THERE,
    NO_FIRMWARE_OBJECT,
    NO_VERSION_EVIDENCE,
    NO_DELIVERY_METHOD,
    REJECTED,
    ARTIFACT_CLOSED,
    NO_ANSWER,
    STUCK,
    STALLED,
    REFUSED,
    IMAGE_LOST,
    NOT_ENOUGH_FLASH,
    OUT_OF_RAM,
    CONNECTION_LOST,
    INTEGRITY,
    UNSUPPORTED_PACKAGE,
    INVALID_URI,
    UPDATE_FAILED,
    UNSUPPORTED_PROTOCOL,
    UNKNOWN_RESULT,
    CANCELLED_BY_OTHER,
    EXECUTE_REFUSED,
    SUCCESS_WITHOUT_VERSION,
    UNEXPECTED_VERSION,
    REVERTED,
    BOOT_LOOP,
    UNHEALTHY,
    DEFERRED_TOO_LONG,
    KILLED,
    ABORTED,
    /** The deadline of its campaign passed before it had begun to transfer. */
    DEADLINE,
    /** Its package was revoked. */
    REVOKED,
    SILENT,
    /** The device runs a later release of the same firmware. */
    SUPERSEDED,
    /** Somebody else drives the same object: what lies there is not provably ours. */
    CONFLICT,
    /** Result 12: another component is in a state that rules this one's out. */
    CONFLICTING_STATE,
    /** Result 13: a component this one needs is not there, or cannot be updated with it. */
    DEPENDENCY,
    /** Of several components that were to be updated together, some run the new version and others the old one. */
    PARTLY_UPDATED,
    /** A delta did not fit what the device has; the image follows. */
    DELTA_FAILED,
    /** A human asked for another attempt. */
    ASKED,
    /** Another campaign goes first on this device; this one goes on after it. */
    OUTRANKED,
    /** The device was removed from the fleet. */
    REMOVED;

    /** Kebab-case, as in the API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
