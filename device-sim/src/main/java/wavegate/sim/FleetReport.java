package wavegate.sim;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.sim.coap.Handshakes;
import wavegate.sim.device.DeviceCounters;
import wavegate.sim.device.DeviceReport;

/**
 * A fleet at one moment. {@code touched} counts devices that saw at least one Write or Execute on Object 5; {@code byVersion} what the
 * devices really run; {@code datagramsIn} and {@code datagramsOut} are CoAP messages, {@code handshakes} those of DTLS.
 */
public record FleetReport(
        int devices,
        int registered,
        int touched,
        int userDataIntact,
        SortedMap<String, Integer> byVersion,
        SortedMap<String, RegionReport> byRegion,
        DeviceCounters totals,
        long datagramsIn,
        long datagramsOut,
        Handshakes handshakes) {

    /** One region's share of it. */
    public record RegionReport(int devices, int registered, int touched, SortedMap<String, Integer> byVersion) {
        public RegionReport {
            byVersion = Collections.unmodifiableSortedMap(new TreeMap<>(byVersion));
        }

        RegionReport plus(DeviceReport device) {
            SortedMap<String, Integer> versions = new TreeMap<>(byVersion);
            versions.merge(device.version(), 1, Integer::sum);
            return new RegionReport(
                    devices + 1,
                    registered + (device.registered() ? 1 : 0),
                    touched + (device.counters().writesTo5() > 0 ? 1 : 0),
                    versions);
        }
    }

    public FleetReport {
        byVersion = Collections.unmodifiableSortedMap(new TreeMap<>(byVersion));
        byRegion = Collections.unmodifiableSortedMap(new TreeMap<>(byRegion));
    }

    static FleetReport of(Iterable<DeviceReport> all, long datagramsIn, long datagramsOut, Handshakes handshakes) {
        RegionReport whole = new RegionReport(0, 0, 0, new TreeMap<>());
        SortedMap<String, RegionReport> regions = new TreeMap<>();
        DeviceCounters totals = DeviceCounters.ZERO;
        int intact = 0;
        for (DeviceReport device : all) {
            whole = whole.plus(device);
            RegionReport region =
                    regions.getOrDefault(device.identity().region(), new RegionReport(0, 0, 0, new TreeMap<>()));
            regions.put(device.identity().region(), region.plus(device));
            totals = totals.plus(device.counters());
            intact += device.userDataIntact() ? 1 : 0;
        }
        return new FleetReport(
                whole.devices(),
                whole.registered(),
                whole.touched(),
                intact,
                whole.byVersion(),
                regions,
                totals,
                datagramsIn,
                datagramsOut,
                handshakes);
    }

    /** How many devices run the version. */
    public int running(String version) {
        return byVersion.getOrDefault(version, 0);
    }
}
