package wavegate.config;

/** The ledger's files: when a new segment begins, and the largest batch that one commit may write. */
public record LedgerSettings(DataSize segmentSize, DataSize batchLimit) {
    public static final LedgerSettings DEFAULT = new LedgerSettings(DataSize.ofMiB(64), DataSize.ofMiB(16));

    public LedgerSettings {
        new Checks()
                .that(
                        batchLimit.bytes() >= 65_536 && batchLimit.bytes() <= 1 << 30,
                        "batch-limit",
                        batchLimit,
                        "a size of 64KiB to 1GiB")
                .that(
                        segmentSize.bytes() >= batchLimit.bytes(),
                        "segment-size",
                        segmentSize,
                        "at least the batch-limit, " + batchLimit)
                .done();
    }
}
