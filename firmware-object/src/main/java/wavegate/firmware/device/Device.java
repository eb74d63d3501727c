package wavegate.firmware.device;

import java.time.Instant;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * What the ledger keeps of a device. Its registration (address, lifetime, binding) is soft state and not here. {@code operatorLabels}
 * outrank {@code reportedLabels}, which the device gave in its registration.
 */
public record Device(
        Endpoint endpoint,
        DeviceIdentity identity,
        FirmwareVersion firmware,
        Labels operatorLabels,
        Labels reportedLabels,
        Instant firstSeen) {

    public static Device firstSeen(Endpoint endpoint, Labels reportedLabels, Instant now) {
        return new Device(endpoint, DeviceIdentity.UNKNOWN, FirmwareVersion.UNKNOWN, Labels.NONE, reportedLabels, now);
    }

    public Labels labels() {
        return operatorLabels.over(reportedLabels);
    }

    public Device withOperatorLabels(Labels labels) {
        return new Device(endpoint, identity, firmware, labels, reportedLabels, firstSeen);
    }

    public Device withReportedLabels(Labels labels) {
        return new Device(endpoint, identity, firmware, operatorLabels, labels, firstSeen);
    }

    public Device running(DeviceIdentity what, FirmwareVersion version) {
        return new Device(endpoint, what, version, operatorLabels, reportedLabels, firstSeen);
    }
}
