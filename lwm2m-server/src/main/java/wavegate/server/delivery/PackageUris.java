package wavegate.server.delivery;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.DeliveryChooser;
import wavegate.firmware.update.DeliveryChooser.Abilities;
import wavegate.firmware.update.DeliveryChooser.Offer;

/**
 * Package URIs under which images are handed out.
 *
 * @param bases {@code scheme://host:port} as devices reach it, for each scheme that is served
 * @param clearAllowed whether a device registered with DTLS may be sent to coap or http
 */
public record PackageUris(Map<UpdateProtocol, String> bases, boolean clearAllowed) {
    /** Over all schemes, what follows the base, without the token. */
    public static final String PATH = "/" + FirmwareResource.NAME + "/";

    // 255 characters of Package URI, less the path and a token.
    private static final int LONGEST_BASE = 200;

    private static final int TOKEN_LENGTH = 16;

    public PackageUris {
        EnumMap<UpdateProtocol, String> copy = new EnumMap<>(UpdateProtocol.class);
        bases.forEach((scheme, base) -> {
            String start = scheme.scheme() + "://";
            if (!base.startsWith(start) || base.endsWith("/") || base.length() > LONGEST_BASE) {
                throw new IllegalArgumentException("base URI: \"" + base + "\" (expected: " + start
                        + "host:port, at most " + LONGEST_BASE + " characters)");
            }
            copy.put(scheme, base);
        });
        bases = Map.copyOf(copy);
    }

    /** Without HTTP; an empty one of the two is not served. */
    public static PackageUris of(String coapBase, String coapsBase) {
        EnumMap<UpdateProtocol, String> bases = new EnumMap<>(UpdateProtocol.class);
        if (!coapBase.isEmpty()) {
            bases.put(UpdateProtocol.COAP, coapBase);
        }
        if (!coapsBase.isEmpty()) {
            bases.put(UpdateProtocol.COAPS, coapsBase);
        }
        return new PackageUris(bases, false);
    }

    /** The scheme for a device; empty if none is left. */
    Optional<UpdateProtocol> scheme(boolean secure, Set<UpdateProtocol> listed, Set<UpdateProtocol> refused) {
        return DeliveryChooser.scheme(new Abilities(secure, listed, refused), new Offer(bases.keySet(), clearAllowed));
    }

    /** Where a device that asks for itself fetches its image; empty if nothing that it lists is served to it. */
    public Optional<String> uri(boolean secure, Set<UpdateProtocol> listed, String token) {
        return scheme(secure, listed, Set.of()).map(scheme -> uri(scheme, token));
    }

    /** Characters of the longest Package URI handed out. */
    public int longest() {
        int base = bases.values().stream().mapToInt(String::length).max().orElse(0);
        return base + PATH.length() + TOKEN_LENGTH;
    }

    String uri(UpdateProtocol scheme, String token) {
        return bases.get(scheme) + PATH + token;
    }
}
