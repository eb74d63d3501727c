package wavegate.server.bench;

import java.nio.file.Path;

/**
 * A campaign over a large fleet: what is measured, and how.
 *
 * @param devices in the ledger and the view
 * @param live of them, that are registered and answer
 * @param records facts in the ledger before the campaign, at least two for each device
 * @param inFlight most updates of the campaign at one time
 * @param seconds for which transitions are counted, at most
 * @param heapMiB heap of the child
 * @param directory for its data and log
 */
public record CampaignPlan(
        int devices, int live, long records, int inFlight, int seconds, int heapMiB, Path directory) {
    public CampaignPlan {
        check("devices", devices, 1000, 5_000_000);
        check("live devices", live, 100, devices);
        check("records", records, 2L * devices, 100_000_000);
        check("in flight", inFlight, 1, 1_000_000);
        check("seconds", seconds, 1, 3600);
        check("heap", heapMiB, 128, 1 << 20);
    }

    private static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }
}
