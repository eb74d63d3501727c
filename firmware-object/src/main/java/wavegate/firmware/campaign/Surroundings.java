package wavegate.firmware.campaign;

import java.util.function.Predicate;
import wavegate.firmware.device.Device;

/**
 * What a plan must know besides the fleet. Asked on the thread that plans.
 *
 * @param selects whether the device meets the campaign's query
 * @param boundElsewhere whether it is under way, or compared, in a wave of another campaign: it comes in the last wave, never in the canary or a control arm
 * @param onItsWay whether another campaign is about to bring it to a version from which the package may be installed
 */
public record Surroundings(Predicate<Device> selects, Predicate<Device> boundElsewhere, Predicate<Device> onItsWay) {
    public static final Surroundings NONE = new Surroundings(device -> true, device -> false, device -> false);

    public Surroundings boundElsewhere(Predicate<Device> bound) {
        return new Surroundings(selects, bound, onItsWay);
    }
}
