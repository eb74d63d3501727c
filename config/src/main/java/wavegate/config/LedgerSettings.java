package wavegate.config;

/**
 * The record of everything that is decided and done.
 *
 * @param snapshotEvery facts between two snapshots, which bound how much a start has to read; 0 for none
 */
public record LedgerSettings(int snapshotEvery) {
    public static final LedgerSettings DEFAULT = new LedgerSettings(500_000);

    public LedgerSettings {
        new Checks()
                .that(
                        snapshotEvery == 0 || (snapshotEvery >= 1000 && snapshotEvery <= 5_000_000),
                        "snapshot-every",
                        snapshotEvery,
                        "1000 to 5000000 facts; 0 for no snapshots")
                .done();
    }
}
