package wavegate.config;

/**
 * The record of everything that is decided and done.
 *
 * @param snapshotEvery facts between two snapshots, which bound how much a start has to read; 0 for none
 * @param archiveDir where segments go that two snapshots stand for; empty: they stay
 * @param checkpointFile where signed checkpoints are added, best on another machine's disk; empty: nowhere
 * @param checkpointUrl HTTP address that takes them by POST and gives the last ones by GET; empty: none
 */
public record LedgerSettings(int snapshotEvery, String archiveDir, String checkpointFile, String checkpointUrl) {
    public static final LedgerSettings DEFAULT = new LedgerSettings(500_000, "", "", "");

    public LedgerSettings {
        new Checks()
                .that(
                        snapshotEvery == 0 || (snapshotEvery >= 1000 && snapshotEvery <= 5_000_000),
                        "snapshot-every",
                        snapshotEvery,
                        "1000 to 5000000 facts; 0 for no snapshots")
                .that(
                        checkpointUrl.isEmpty() || checkpointUrl.matches("https?://[^\\s/@?#]+[^\\s@?#]*"),
                        "checkpoint-url",
                        checkpointUrl,
                        "empty, or like https://witness.example/wavegate")
                .done();
    }
}
