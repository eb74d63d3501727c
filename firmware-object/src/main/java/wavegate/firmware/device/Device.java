package wavegate.firmware.device;

import java.time.Instant;
import java.util.Optional;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * What the ledger keeps of a device. Its registration (address, lifetime, binding) is soft state and not here. {@code operatorLabels}
 * outrank {@code reportedLabels}, which the device gave in its registration.
 *
 * @param client what it has shown of its client; empty before an update looked at it
 */
public record Device(
        Endpoint endpoint,
        DeviceIdentity identity,
        FirmwareVersion firmware,
        Labels operatorLabels,
        Labels reportedLabels,
        Instant firstSeen,
        Optional<ClientTraits> client) {
    public Device(
            Endpoint endpoint,
            DeviceIdentity identity,
            FirmwareVersion firmware,
            Labels operatorLabels,
            Labels reportedLabels,
            Instant firstSeen) {
        this(endpoint, identity, firmware, operatorLabels, reportedLabels, firstSeen, Optional.empty());
    }

    public static Device firstSeen(Endpoint endpoint, Labels reportedLabels, Instant now) {
        return new Device(endpoint, DeviceIdentity.UNKNOWN, FirmwareVersion.UNKNOWN, Labels.NONE, reportedLabels, now);
    }

    public Labels labels() {
        return operatorLabels.over(reportedLabels);
    }

    public Device withOperatorLabels(Labels labels) {
        return new Device(endpoint, identity, firmware, labels, reportedLabels, firstSeen, client);
    }

    public Device withReportedLabels(Labels labels) {
        return new Device(endpoint, identity, firmware, operatorLabels, labels, firstSeen, client);
    }

    public Device running(DeviceIdentity what, FirmwareVersion version) {
        return new Device(endpoint, what, version, operatorLabels, reportedLabels, firstSeen, client);
    }

    public Device showing(ClientTraits traits) {
        return new Device(endpoint, identity, firmware, operatorLabels, reportedLabels, firstSeen, Optional.of(traits));
    }
}
