package wavegate.sim;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.sim.coap.Handshakes;
import wavegate.sim.device.DeviceCounters;

/**
 * A fleet at one moment, as the devices themselves know it. {@code everRegistered} counts devices that have been registered at least once,
 * {@code touched} those that saw at least one Write or Execute on Object 5, {@code exposed} those that have applied an image, whatever came of
 * it; {@code byVersion} is what they really run, {@code crashesByVersion} under which firmware they crashed. {@code handshakes} are those of
 * DTLS.
 */
public record FleetReport(
        int devices,
        int registered,
        int everRegistered,
        int touched,
        int exposed,
        int userDataIntact,
        SortedMap<String, Integer> byVersion,
        SortedMap<String, RegionReport> byRegion,
        SortedMap<String, Long> crashesByVersion,
        DeviceCounters totals,
        Traffic traffic,
        Handshakes handshakes) {

    /** One region's share of it. */
    public record RegionReport(int devices, int registered, int touched, SortedMap<String, Integer> byVersion) {
        public RegionReport {
            byVersion = Collections.unmodifiableSortedMap(new TreeMap<>(byVersion));
        }
    }

    public FleetReport {
        byVersion = Collections.unmodifiableSortedMap(new TreeMap<>(byVersion));
        byRegion = Collections.unmodifiableSortedMap(new TreeMap<>(byRegion));
        crashesByVersion = Collections.unmodifiableSortedMap(new TreeMap<>(crashesByVersion));
    }

    /** How many devices run the version. */
    public int running(String version) {
        return byVersion.getOrDefault(version, 0);
    }

    public long datagramsIn() {
        return traffic.datagramsIn();
    }

    public long datagramsOut() {
        return traffic.datagramsOut();
    }
}
