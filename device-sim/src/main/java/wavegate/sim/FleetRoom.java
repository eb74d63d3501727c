package wavegate.sim;

import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * How large a fleet one simulator could hold, from what this one takes: its live heap is the modules', what else was resident stays as it is.
 *
 * @param bytesEach live heap for each module
 * @param modules about so many fit into {@code withinMib} of resident memory; {@code bench fleet} finds out by trying
 */
record FleetRoom(long bytesEach, int withinMib, long modules) {
    private static final int WITHIN_MIB = 512;
    /** Of fewer, what a JVM takes for itself hides what they take. */
    private static final int LEAST_MODULES = 5000;

    /** Collects garbage first: call once, at the end. Empty for a small fleet and where memory is not known. */
    static Optional<FleetRoom> of(int modules, ProcessUse use) {
        if (modules < LEAST_MODULES || use.peakResidentMib() < 0) {
            return Optional.empty();
        }
        System.gc();
        long live = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return Optional.of(of(modules, live, use.peakResidentMib()));
    }

    static FleetRoom of(int modules, long liveBytes, long peakResidentMib) {
        long each = Math.max(1, liveBytes / modules);
        long beside = (peakResidentMib << 20) - liveBytes;
        long left = ((long) WITHIN_MIB << 20) - beside;
        return new FleetRoom(each, WITHIN_MIB, Math.max(0, left / each));
    }
}
