package wavegate.firmware.update;

import java.util.Set;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * What one component of Object 33629 showed, read together with the others.
 *
 * @param name /33629/x/14
 * @param version /33629/x/15; unknown if it shows none
 * @param linked instances it is updated with unless Execute says otherwise, /33629/x/16
 * @param conflicting instances that may hold no image while it takes one, /33629/x/17
 */
public record ComponentStatus(
        String name,
        FirmwareStatus firmware,
        FirmwareVersion version,
        DeliveryMethod method,
        Set<UpdateProtocol> protocols,
        Set<Integer> linked,
        Set<Integer> conflicting,
        ObjectDetails details) {
    public ComponentStatus {
        protocols = Set.copyOf(protocols);
        linked = Set.copyOf(linked);
        conflicting = Set.copyOf(conflicting);
    }

    int instance() {
        return details.slot().instance();
    }
}
