package wavegate.firmware.campaign;

/** Where a campaign stands. */
public enum CampaignPhase {
    DRAFT,
    /** Started; energy is watched for one pre-window before the first device is touched. */
    SCHEDULED,
    RUNNING,
    PAUSED,
    ABORTING,
    COMPLETED,
    COMPLETED_WITH_FAILURES,
    ABORTED;

    public boolean isFinal() {
        return this == COMPLETED || this == COMPLETED_WITH_FAILURES || this == ABORTED;
    }

    /** Whether its membership is fixed and its updates may still move. */
    public boolean isOpen() {
        return this == SCHEDULED || this == RUNNING || this == PAUSED || this == ABORTING;
    }
}
