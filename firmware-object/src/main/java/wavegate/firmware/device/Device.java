package wavegate.firmware.device;

import java.time.Instant;
import java.util.Optional;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * What the ledger keeps of a device. Its registration (address, lifetime, binding) is soft state and not here. {@code operatorLabels}
 * outrank {@code reportedLabels}, which the device gave in its registration.
 *
 * @param client what it has shown of its client; empty before an update looked at it
 * @param cell the radio cell it was seen in last, as {@code 26201-4711}: network and cell, or the cell alone; empty if it never said
 */
public record Device(
        Endpoint endpoint,
        DeviceIdentity identity,
        FirmwareVersion firmware,
        Labels operatorLabels,
        Labels reportedLabels,
        Instant firstSeen,
        Optional<ClientTraits> client,
        Optional<String> cell) {
    public Device(
            Endpoint endpoint,
            DeviceIdentity identity,
            FirmwareVersion firmware,
            Labels operatorLabels,
            Labels reportedLabels,
            Instant firstSeen) {
        this(
                endpoint,
                identity,
                firmware,
                operatorLabels,
                reportedLabels,
                firstSeen,
                Optional.empty(),
                Optional.empty());
    }

    public static Device firstSeen(Endpoint endpoint, Labels reportedLabels, Instant now) {
        return new Device(endpoint, DeviceIdentity.UNKNOWN, FirmwareVersion.UNKNOWN, Labels.NONE, reportedLabels, now);
    }

    public Labels labels() {
        return operatorLabels.over(reportedLabels);
    }

    public Device withOperatorLabels(Labels labels) {
        return new Device(endpoint, identity, firmware, labels, reportedLabels, firstSeen, client, cell);
    }

    public Device withReportedLabels(Labels labels) {
        return new Device(endpoint, identity, firmware, operatorLabels, labels, firstSeen, client, cell);
    }

    public Device running(DeviceIdentity what, FirmwareVersion version) {
        return new Device(endpoint, what, version, operatorLabels, reportedLabels, firstSeen, client, cell);
    }

    public Device showing(ClientTraits traits) {
        return new Device(
                endpoint, identity, firmware, operatorLabels, reportedLabels, firstSeen, Optional.of(traits), cell);
    }

    public Device seenIn(String radioCell) {
        return new Device(
                endpoint,
                identity,
                firmware,
                operatorLabels,
                reportedLabels,
                firstSeen,
                client,
                Optional.of(radioCell));
    }
}
