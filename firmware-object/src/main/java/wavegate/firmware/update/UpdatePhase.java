package wavegate.firmware.update;

/** The public phases of one device's update, in the API, the ledger, the page and the metrics. */
public enum UpdatePhase {
    /** Chosen for a wave, not started. */
    IDLE,
    /** Reading /3 and /5: eligible, reachable, not already there; a foreign or stuck /5 is brought back to State 0. */
    CHECKING,
    /** Bytes move, by push or pull. */
    DOWNLOADING,
    /** The device says State 2; a second read confirms State and Update Result together. */
    VERIFYING,
    /** The image lies inert on the device until wave, window and kill switch allow Execute. */
    PRE_UPDATING,
    /** Execute was sent; the device applies the image and comes back. */
    UPDATING,
    /** The new version was read back and must stay healthy for a while. */
    VERIFY_POST,
    /** Waiting for the back-off to end before another attempt. */
    RETRY,
    /** End: new version proven healthy. */
    SUCCESS,
    /** End: ended with a reason. */
    FAILED,
    /** End: old version proven back on the device. */
    ROLLBACK,
    /** End, nobody's fault: already there, or not eligible. */
    SKIPPED,
    /** End, nobody's fault: called off before Execute. */
    CANCELLED,
    /** End, nobody's fault: silent past its deadline after Execute. */
    LOST;

    public boolean isFinal() {
        return switch (this) {
            case SUCCESS, FAILED, ROLLBACK, SKIPPED, CANCELLED, LOST -> true;
            case IDLE, CHECKING, DOWNLOADING, VERIFYING, PRE_UPDATING, UPDATING, VERIFY_POST, RETRY -> false;
        };
    }

    /** Whether a cancel still reaches it: nothing has been executed on the device. */
    public boolean isCancellable() {
        return switch (this) {
            case IDLE, CHECKING, DOWNLOADING, VERIFYING, PRE_UPDATING, RETRY -> true;
            case UPDATING, VERIFY_POST, SUCCESS, FAILED, ROLLBACK, SKIPPED, CANCELLED, LOST -> false;
        };
    }

    /** Whether the device may be applying the image now: left alone by a kill switch. */
    public boolean isApplying() {
        return this == UPDATING || this == VERIFY_POST;
    }
}
