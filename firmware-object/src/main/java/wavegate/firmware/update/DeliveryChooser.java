package wavegate.firmware.update;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;

/**
 * How the bytes of an image travel to one device: pushed, or pulled under which scheme. Pure.
 *
 * <pre>
 * 1  a scheme is one that is served here, that the device did not refuse (result 9), and
 *    that is encrypted, unless the device is registered without DTLS or clear text is allowed
 * 2  those that /5/0/8 lists come first: over DTLS coaps, https, coap, http; else coap, http, https, coaps
 * 3  if it lists none of them, the one of its registration is tried: many devices leave out what they can do
 * 4  a pull that stalled twice gives way to a push, a push that broke twice to a pull, where there is one
 * 5  else the wish of the campaign, where the device can do both
 * </pre>
 */
public final class DeliveryChooser {
    /** Failures of one kind after which the other way is preferred. */
    public static final int GIVES_WAY_AFTER = 2;

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
     * @param method /5/0/9, narrowed by what its client profile says
     * @param listed /5/0/8; {coap} where it is absent
     * @param refused schemes it has answered with result 9 in this update
     * @param stalledPulls pulls without a block for too long, in this update
     * @param brokenPushes pushes that ended before the last block, in this update
     */
    public record Abilities(
            boolean secure,
            DeliveryMethod method,
            Set<UpdateProtocol> listed,
            Set<UpdateProtocol> refused,
            int stalledPulls,
            int brokenPushes) {
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

    /** Push, or pull by {@code scheme}; neither where nothing is left. */
    public record Choice(Optional<Intent> intent, Optional<UpdateProtocol> scheme) {
        static final Choice NONE = new Choice(Optional.empty(), Optional.empty());
        static final Choice PUSH = new Choice(Optional.of(Intent.PUSH), Optional.empty());

        static Choice pull(UpdateProtocol scheme) {
            return new Choice(Optional.of(Intent.PULL), Optional.of(scheme));
        }
    }

    public static Choice choose(DeliveryChoice wish, Abilities device, Offer offer) {
        Optional<UpdateProtocol> scheme = device.method().canPull() ? scheme(device, offer) : Optional.empty();
        boolean canPush = device.method().canPush();
        if (scheme.isEmpty()) {
            return canPush ? Choice.PUSH : Choice.NONE;
        }
        if (!canPush) {
            return Choice.pull(scheme.get());
        }
        boolean stalls = device.stalledPulls() >= GIVES_WAY_AFTER;
        boolean breaks = device.brokenPushes() >= GIVES_WAY_AFTER;
        boolean push = stalls == breaks ? wish == DeliveryChoice.PUSH : stalls;
        return push ? Choice.PUSH : Choice.pull(scheme.get());
    }

    /** The scheme of a pull, whether or not one is the best way; empty if none is left. */
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
