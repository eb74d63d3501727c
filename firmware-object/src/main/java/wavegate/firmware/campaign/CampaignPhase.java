package wavegate.firmware.campaign;

/** Where a campaign stands. */
public enum CampaignPhase {
    DRAFT,
    /** Somebody else than its authors must agree before it may start. */
    PENDING_APPROVAL,
    /** Started; energy is watched for one pre-window before the first device is touched. */
    SCHEDULED,
    RUNNING,
    PAUSED,
    /** Its deadline has passed: what has begun comes to its end, nothing else begins. */
    ENDING,
    ABORTING,
    COMPLETED,
    COMPLETED_WITH_FAILURES,
    ABORTED,
    /** A rollback campaign takes back what this one updated. */
    ROLLING_BACK,
    ROLLED_BACK;

    public boolean isFinal() {
        return this == COMPLETED || this == COMPLETED_WITH_FAILURES || this == ABORTED || this == ROLLED_BACK;
    }

    /** Whether its membership is fixed and its updates may still move. */
    public boolean isOpen() {
        return switch (this) {
            case SCHEDULED, RUNNING, PAUSED, ENDING, ABORTING, ROLLING_BACK -> true;
            case DRAFT, PENDING_APPROVAL, COMPLETED, COMPLETED_WITH_FAILURES, ABORTED, ROLLED_BACK -> false;
        };
    }
}
