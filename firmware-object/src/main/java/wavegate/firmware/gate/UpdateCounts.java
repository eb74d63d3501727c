package wavegate.firmware.gate;

/**
 * How the updates of a wave stand. {@code dispatched}: reserved and not skipped or cancelled. {@code settled}: ended, or in VERIFY_POST.
 * {@code failed} counts FAILED and ROLLBACK. {@code succeeded} counts SUCCESS and VERIFY_POST: those whose telemetry is the new firmware's.
 * {@code revertedAfterSuccess} were seen with the old version later. {@code integrityFailures}: devices that reported result 5.
 */
public record UpdateCounts(
        int size,
        int dispatched,
        int settled,
        int succeeded,
        int failed,
        int lost,
        int revertedAfterSuccess,
        int integrityFailures) {}
