package wavegate.sim.device;

import java.net.InetSocketAddress;

/**
 * Where a module goes when it is switched on for the first time: to its LwM2M server, or, with {@code bootstrap}, to the server that tells it
 * which one that is. {@code secure}: by DTLS, with the key it left the factory with.
 */
public record FirstContact(InetSocketAddress address, boolean secure, boolean bootstrap) {
    public FirstContact {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("server: " + address + " (expected: an address that resolves)");
        }
    }

    public static FirstContact plain(InetSocketAddress server) {
        return new FirstContact(server, false, false);
    }
}
