package wavegate.sim.device;

import java.net.InetSocketAddress;

/** The LwM2M server a module registers with. A record, so that modules of one server share it. {@code instance} is that of the Server object. */
record ServerAccount(
        InetSocketAddress address,
        boolean secure,
        int instance,
        int shortServerId,
        int lifetimeSeconds,
        String binding) {
    static final String DEFAULT_BINDING = "U";

    String uri() {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (secure ? "coaps://" : "coap://") + host + ":" + address.getPort();
    }
}
