package wavegate.firmware.update;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.object.UpdateProtocol;

/**
 * How one device gets its image, and under which scheme it pulls. Pure.
 *
 * <pre>
 * 1  a scheme is one that is served here, that the device did not refuse (result 9), and
 *    that is encrypted, unless the device is registered without DTLS or clear text is allowed
 * 2  those that /5/0/8 lists come first: over DTLS coaps, https, coap, http; else coap, http, https, coaps
 * 3  if it lists none of them, the one of its registration is tried: many devices leave out what they can do
 * 4  pull or push as the campaign wishes where both can be had, else what can; but push after a pull of this update for which no block
 *    was ever asked, or that stood still in a later attempt, too
 * </pre>
 */
public final class DeliveryChooser {
    private static final List<UpdateProtocol> OVER_DTLS =
            List.of(UpdateProtocol.COAPS, UpdateProtocol.HTTPS, UpdateProtocol.COAP, UpdateProtocol.HTTP);
    private static final List<UpdateProtocol> WITHOUT =
            List.of(UpdateProtocol.COAP, UpdateProtocol.HTTP, UpdateProtocol.HTTPS, UpdateProtocol.COAPS);
    private static final Set<UpdateProtocol> CLEAR = EnumSet.of(UpdateProtocol.COAP, UpdateProtocol.HTTP);

    private DeliveryChooser() {}

    /**
     * What is known of a device.
     *
     * @param secure whether it is registered over DTLS
     * @param listed /5/0/8; {coap} where it is absent
     * @param refused schemes it has answered with result 9 in this update
     */
    public record Abilities(boolean secure, Set<UpdateProtocol> listed, Set<UpdateProtocol> refused) {
        public Abilities {
            listed = Set.copyOf(listed);
            refused = Set.copyOf(refused);
        }
    }

    /**
     * What this server offers.
     *
     * @param served schemes images are handed out under
     * @param clearAllowed whether a device with DTLS may be sent to coap or http: its image then travels in the open
     */
    public record Offer(Set<UpdateProtocol> served, boolean clearAllowed) {
        public Offer {
            served = Set.copyOf(served);
        }
    }

    /**
     * Whether the image is pulled; else it is pushed, if that can be.
     *
     * @param inVain whether pulling has been given up in this update
     */
    static boolean pulls(UpdatePolicy.DeliveryChoice wished, boolean canPull, boolean canPush, boolean inVain) {
        boolean preferred = wished == UpdatePolicy.DeliveryChoice.PULL && !inVain;
        return canPull && (preferred || !canPush);
    }

    /** The scheme of a pull; empty if none is left. */
    public static Optional<UpdateProtocol> scheme(Abilities device, Offer offer) {
        List<UpdateProtocol> possible = new ArrayList<>(device.secure() ? OVER_DTLS : WITHOUT);
        possible.retainAll(offer.served());
        possible.removeAll(device.refused());
        if (device.secure() && !offer.clearAllowed()) {
            possible.removeAll(CLEAR);
        }
        UpdateProtocol own = device.secure() ? UpdateProtocol.COAPS : UpdateProtocol.COAP;
        return possible.stream()
                .filter(device.listed()::contains)
                .findFirst()
                .or(() -> possible.contains(own) ? Optional.of(own) : Optional.empty());
    }
}
