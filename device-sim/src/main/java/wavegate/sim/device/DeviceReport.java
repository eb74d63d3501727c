package wavegate.sim.device;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.firmware.object.FirmwareStatus;

/**
 * One device as it is. {@code status} is what a read of /5/0/3 and /5/0/5 would give. {@code lastFailure} says why the boot stage last
 * refused or reverted an image; empty if it never did. {@code server} is the URI of the server it registers with; empty before it knows one.
 * {@code bricked}: it did not come back from an installation, and never will. {@code fate} is what it has drawn of the fleet's failures; empty for
 * nothing. {@code components}: what each component of object 33629 runs; empty for a module with object 5. Battery and energy are as of the device's last look at them.
 */
public record DeviceReport(
        ModuleIdentity identity,
        String profile,
        boolean registered,
        String version,
        FirmwareStatus status,
        boolean userDataIntact,
        int batteryPercent,
        double energyUsedMah,
        String lastFailure,
        DeviceCounters counters,
        String server,
        boolean bricked,
        String fate,
        SortedMap<String, String> components) {
    public DeviceReport {
        components = Collections.unmodifiableSortedMap(new TreeMap<>(components));
    }

    public String endpoint() {
        return identity.endpoint();
    }
}
