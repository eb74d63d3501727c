package wavegate.config;

import java.time.Duration;

/**
 * How much of the network all campaigns together may use. Transfers are those at one time, rates the bytes of images begun in a second, on the
 * average; 0 stands for no limit.
 *
 * @param jitter longest time before a place that became free is given out again
 */
public record BudgetSettings(
        int transfers,
        DataSize rate,
        int regionTransfers,
        DataSize regionRate,
        int carrierTransfers,
        DataSize carrierRate,
        int cellTransfers,
        DataSize cellRate,
        Duration jitter) {
    private static final DataSize NO_LIMIT = new DataSize(0);
    public static final BudgetSettings DEFAULT =
            new BudgetSettings(0, NO_LIMIT, 0, NO_LIMIT, 0, NO_LIMIT, 0, NO_LIMIT, Duration.ofSeconds(2));

    public BudgetSettings {
        new Checks()
                .atLeast("transfers", transfers, 0)
                .atLeast("region-transfers", regionTransfers, 0)
                .atLeast("carrier-transfers", carrierTransfers, 0)
                .atLeast("cell-transfers", cellTransfers, 0)
                .that(!jitter.isNegative(), "jitter", jitter, "0s or more")
                .done();
    }
}
