package wavegate.firmware.campaign;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import wavegate.firmware.device.Device;

/**
 * By which clock a device's windows are looked at.
 *
 * @param known whether that is its own or its region's; else nobody said where it is, and it goes by UTC
 */
public record DeviceClock(ZoneId zone, boolean known) {
    /** A tag that begins so names the time zone of a device, as an operator or its registration says: {@code tz:Europe/Berlin}. */
    public static final String TAG = "tz:";

    private static final DeviceClock UNKNOWN = new DeviceClock(ZoneOffset.UTC, false);

    /** @param regions the zone of each region, as far as they are set */
    public static DeviceClock of(Schedule schedule, Device device, Map<String, ZoneId> regions) {
        Optional<ZoneId> fixed = schedule.fixedZone();
        if (fixed.isPresent()) {
            return new DeviceClock(fixed.get(), true);
        }
        Optional<ZoneId> own = schedule.zone().equals(Schedule.DEVICE) ? own(device) : Optional.empty();
        return own.or(() -> Optional.ofNullable(regions.get(device.labels().region())))
                .map(zone -> new DeviceClock(zone, true))
                .orElse(UNKNOWN);
    }

    private static Optional<ZoneId> own(Device device) {
        return device.labels().tags().stream()
                .filter(tag -> tag.startsWith(TAG))
                .findFirst()
                .flatMap(tag -> zone(tag.substring(TAG.length())));
    }

    /** What a device says of itself is no reason to fail. */
    private static Optional<ZoneId> zone(String text) {
        try {
            return Optional.of(ZoneId.of(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
