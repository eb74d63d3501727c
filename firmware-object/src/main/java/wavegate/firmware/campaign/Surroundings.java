package wavegate.firmware.campaign;

import java.util.Set;
import java.util.function.Predicate;
import wavegate.firmware.device.Device;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * What a plan must know besides the fleet. Asked on the thread that plans.
 *
 * @param selects whether the device meets the campaign's query
 * @param boundElsewhere whether it is under way, or compared, in a wave of another campaign: it comes in the last wave, never in the canary or a control arm
 * @param onItsWay whether another campaign is about to bring it to a version from which the package may be installed
 * @param guarded versions whose security counter is higher than the package's: a device that runs one refuses it
 */
public record Surroundings(
        Predicate<Device> selects,
        Predicate<Device> boundElsewhere,
        Predicate<Device> onItsWay,
        Set<FirmwareVersion> guarded) {
    public static final Surroundings NONE = new Surroundings(device -> true, device -> false, device -> false);

    public Surroundings {
        guarded = Set.copyOf(guarded);
    }

    /** Of a package that no security counter stands against. */
    public Surroundings(Predicate<Device> selects, Predicate<Device> boundElsewhere, Predicate<Device> onItsWay) {
        this(selects, boundElsewhere, onItsWay, Set.of());
    }

    public Surroundings boundElsewhere(Predicate<Device> bound) {
        return new Surroundings(selects, bound, onItsWay, guarded);
    }
}
