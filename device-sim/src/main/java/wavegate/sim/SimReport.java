package wavegate.sim;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A whole run: what was asked for, what the devices saw, what the campaign did to them, what it cost. Times are seconds since the devices were
 * switched on; {@code -1} where something did not happen. {@code campaign} and {@code server} are null where there was none, {@code terminals} where the
 * scenario has none, {@code room} where it cannot be told; this is what is written as JSON.
 */
record SimReport(
        Asked asked,
        Storm storm,
        FleetReport fleet,
        @Nullable TerminalCensus terminals,
        List<Image> images,
        @Nullable Harm campaign,
        @Nullable ProcessUse server,
        ProcessUse simulator,
        @Nullable FleetRoom room,
        List<Check> checks,
        List<Timeline.Event> events,
        List<Timeline.Sample> timeline) {

    /** {@code server} is where they registered; {@code ownServer}: in a process started for this run. */
    record Asked(
            int devices,
            String scenario,
            String description,
            long seed,
            double timeFactor,
            double rampUpSeconds,
            double ranForSeconds,
            String server,
            boolean ownServer) {}

    /** When that share of the fleet was registered for the first time; repetitions sent until all were. */
    record Storm(double halfAfter, double ninetyNinePercentAfter, double allAfter, long retransmitted) {}

    /** How many devices run, or hold and have not applied, an image; {@code intact}: its payload hashes to what it should. */
    record Image(String version, String sha256, boolean intact, boolean released, int running, int holding) {}

    /**
     * A campaign seen from the devices. {@code stoppedAt}: when the server was seen to have stopped it. {@code detectionSeconds}: from the first
     * device that ran the new firmware to that. {@code exposed}: devices that applied an image; {@code exposedHours}: hours devices ran one.
     * Crashes are per device and real hour, under the new firmware and under the old.
     */
    record Harm(
            LocalServer.CampaignView view,
            double startedAt,
            double firstExposedAt,
            double firstCrashUnderNewAt,
            double stoppedAt,
            double detectionSeconds,
            int touched,
            int exposed,
            double exposedShare,
            double exposedHours,
            double crashesPerHourUnderNew,
            double crashesPerHourUnderOld) {}

    /** What must hold of any run. */
    record Check(boolean holds, String what) {}

    Optional<Harm> harm() {
        return Optional.ofNullable(campaign);
    }

    Optional<TerminalCensus> terminalsSeen() {
        return Optional.ofNullable(terminals);
    }

    Optional<ProcessUse> serverUse() {
        return Optional.ofNullable(server);
    }

    Optional<FleetRoom> roomLeft() {
        return Optional.ofNullable(room);
    }

    boolean good() {
        return checks.stream().allMatch(Check::holds);
    }

    /** Resident memory or the like, -1 as words. */
    static String mib(long value) {
        return value < 0 ? "unknown" : value + " MiB";
    }
}
