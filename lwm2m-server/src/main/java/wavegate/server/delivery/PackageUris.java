package wavegate.server.delivery;

import java.util.Set;
import wavegate.firmware.object.UpdateProtocol;

/** Package URIs that lead to {@link FirmwareResource}. */
final class PackageUris {
    private final String coapBase;
    private final String coapsBase;

    PackageUris(DeliverySettings settings) {
        this.coapBase = settings.coapBase();
        this.coapsBase = settings.coapsBase();
    }

    private static final int TOKEN_LENGTH = 16;

    static int length(String base) {
        return base.length() + FirmwareResource.NAME.length() + 2 + TOKEN_LENGTH;
    }

    /**
     * By the transport the device is registered with, since there it has a key; by the other if that one is off here, or if the device lists
     * only the other. A list of neither decides nothing: many devices leave out what they can do.
     */
    String uri(boolean secure, Set<UpdateProtocol> listed, String token) {
        boolean onlyCoap = listed.contains(UpdateProtocol.COAP) && !listed.contains(UpdateProtocol.COAPS);
        boolean onlyCoaps = listed.contains(UpdateProtocol.COAPS) && !listed.contains(UpdateProtocol.COAP);
        boolean wanted = (secure && !onlyCoap) || onlyCoaps;
        boolean coaps = wanted ? !coapsBase.isEmpty() : coapBase.isEmpty();
        return (coaps ? coapsBase : coapBase) + "/" + FirmwareResource.NAME + "/" + token;
    }
}
