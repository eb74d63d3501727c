package wavegate.firmware.update;

/** The last thing the server meant to do to the device in this attempt, persisted before it was sent. Decides re-entry after a restart. */
public enum Intent {
    NONE,
    PUSH,
    PULL,
    EXECUTE
}
