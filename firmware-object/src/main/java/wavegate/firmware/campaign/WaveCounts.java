package wavegate.firmware.campaign;

/**
 * Counters of one wave, kept in the turn. {@code notReserved + open + ended = size} at every moment.
 *
 * @param size members of the wave
 * @param notReserved members without an update yet
 * @param open updates that have not ended, {@code verifying} of them in VERIFY_POST
 * @param cancellable open updates before Execute
 * @param ended updates that have ended; {@code succeeded}, {@code failed} (FAILED and ROLLBACK), {@code lost}, {@code skipped} and {@code cancelled} of them
 * @param integrityFailures devices that reported result 5
 * @param reverted devices seen with the old version after SUCCESS
 */
public record WaveCounts(
        int size,
        int notReserved,
        int open,
        int verifying,
        int cancellable,
        int ended,
        int succeeded,
        int failed,
        int lost,
        int skipped,
        int cancelled,
        int integrityFailures,
        int reverted) {

    public static WaveCounts untouched(int size) {
        return new WaveCounts(size, size, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Devices that have ended or are in VERIFY_POST. */
    public int settled() {
        return ended + verifying;
    }
}
