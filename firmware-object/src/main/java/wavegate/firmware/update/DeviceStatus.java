package wavegate.firmware.update;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * What one burst of reads of /5/0 and /3/0 showed. All taken together, at least the settings' debounce after the last notification.
 *
 * @param hasObject5 false if the device answered that it has no Firmware Update object; {@code firmware} then is 0/0
 * @param version /3/0/3; unknown if the device lacks it
 * @param identity /3/0/0, /1, /18; unknown where not read
 * @param method /5/0/9; {@link DeliveryMethod#BOTH} where it is unreadable
 * @param protocols /5/0/8; {coap} where absent
 * @param batteryPercent /3/0/9, 0 to 100; -1 if not known
 * @param freeMemoryKb /3/0/10, Memory Free, in kilobytes; empty if not known
 * @param details the rest of the object
 * @param components where several were asked for: those that are there; the rest then is of the first of them, but {@code version}, which is
 *     /3/0/3 still
 * @param cell the radio cell it is in, by /4/0/8, /9 and /10; empty if it was not asked or does not say
 */
public record DeviceStatus(
        boolean hasObject5,
        FirmwareStatus firmware,
        FirmwareVersion version,
        DeviceIdentity identity,
        DeliveryMethod method,
        Set<UpdateProtocol> protocols,
        int batteryPercent,
        OptionalLong freeMemoryKb,
        ObjectDetails details,
        List<ComponentStatus> components,
        Optional<String> cell) {
    /** Of one object. */
    public DeviceStatus(
            boolean hasObject5,
            FirmwareStatus firmware,
            FirmwareVersion version,
            DeviceIdentity identity,
            DeliveryMethod method,
            Set<UpdateProtocol> protocols,
            int batteryPercent,
            OptionalLong freeMemoryKb,
            ObjectDetails details) {
        this(
                hasObject5,
                firmware,
                version,
                identity,
                method,
                protocols,
                batteryPercent,
                freeMemoryKb,
                details,
                List.of(),
                Optional.empty());
    }

    public DeviceStatus(
            boolean hasObject5,
            FirmwareStatus firmware,
            FirmwareVersion version,
            DeviceIdentity identity,
            DeliveryMethod method,
            Set<UpdateProtocol> protocols,
            int batteryPercent,
            OptionalLong freeMemoryKb) {
        this(
                hasObject5,
                firmware,
                version,
                identity,
                method,
                protocols,
                batteryPercent,
                freeMemoryKb,
                ObjectDetails.BARE);
    }

    public DeviceStatus {
        protocols = Set.copyOf(protocols);
        components = List.copyOf(components);
    }

    /**
     * The version that proves what runs, where a client of this profile shows it; unknown if it shows none. Outside State 0 PkgVersion is that of
     * the image that lies there, and proves nothing.
     */
    public FirmwareVersion provenBy(ClientProfile profile) {
        return switch (profile.version()) {
            case FIRMWARE_VERSION -> version;
            case PKG_VERSION ->
                firmware.is(UpdateState.IDLE) ? FirmwareVersion.of(details.packageVersion()) : FirmwareVersion.UNKNOWN;
            case NONE -> FirmwareVersion.UNKNOWN;
        };
    }
}
