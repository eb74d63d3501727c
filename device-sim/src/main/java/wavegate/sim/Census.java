package wavegate.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.sim.coap.Handshakes;
import wavegate.sim.device.DeviceCounters;
import wavegate.sim.device.VirtualDevice;

/** Counts a fleet in one pass on its own thread; a fleet is counted each second, so next to nothing is made per device. */
final class Census {
    private static final class Count {
        private int devices;
        private int registered;
        private int touched;
        private final Map<String, int[]> versions = new HashMap<>();

        void add(VirtualDevice device, boolean registeredNow, boolean touchedEver) {
            devices++;
            registered += registeredNow ? 1 : 0;
            touched += touchedEver ? 1 : 0;
            versions.computeIfAbsent(device.version(), version -> new int[1])[0]++;
        }

        SortedMap<String, Integer> byVersion() {
            SortedMap<String, Integer> counts = new TreeMap<>();
            versions.forEach((version, count) -> counts.put(version, count[0]));
            return counts;
        }
    }

    private final Count whole = new Count();
    private final Map<String, Count> regions = new HashMap<>();
    private DeviceCounters totals = DeviceCounters.ZERO;
    private int everRegistered;
    private int exposed;
    private int intact;

    void add(VirtualDevice device) {
        DeviceCounters counters = device.counters();
        boolean registered = device.registered();
        boolean touched = counters.writesTo5() > 0;
        whole.add(device, registered, touched);
        regions.computeIfAbsent(device.identity().region(), name -> new Count()).add(device, registered, touched);
        totals = totals.plus(counters);
        everRegistered += counters.registrations() > 0 ? 1 : 0;
        exposed += counters.applies() > 0 ? 1 : 0;
        intact += device.userDataIntact() ? 1 : 0;
    }

    FleetReport report(Map<String, Long> crashesByVersion, Traffic traffic, Handshakes handshakes) {
        SortedMap<String, FleetReport.RegionReport> byRegion = new TreeMap<>();
        regions.forEach((name, count) -> byRegion.put(
                name, new FleetReport.RegionReport(count.devices, count.registered, count.touched, count.byVersion())));
        return new FleetReport(
                whole.devices,
                whole.registered,
                everRegistered,
                whole.touched,
                exposed,
                intact,
                whole.byVersion(),
                byRegion,
                new TreeMap<>(crashesByVersion),
                totals,
                traffic,
                handshakes);
    }
}
