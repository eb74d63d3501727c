package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.net.URI;
import org.eclipse.californium.core.coap.CoAP;

/** From a URI to an address. A module has no resolver: it knows literal addresses, localhost, and the name its first server goes by. */
final class CoapAddress {
    private CoapAddress() {}

    static boolean secure(URI uri) {
        return CoAP.COAP_SECURE_URI_SCHEME.equalsIgnoreCase(uri.getScheme());
    }

    /** Unresolved if the module cannot know the host. */
    static InetSocketAddress of(URI uri, InetSocketAddress known) {
        String host = uri.getHost();
        int fallback = secure(uri) ? CoAP.DEFAULT_COAP_SECURE_PORT : CoAP.DEFAULT_COAP_PORT;
        int port = uri.getPort() < 0 ? fallback : uri.getPort();
        if (host.equals(known.getHostString())) {
            return new InetSocketAddress(known.getAddress(), port);
        }
        boolean local = host.equals("localhost") || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
        return local ? new InetSocketAddress(host, port) : InetSocketAddress.createUnresolved(host, port);
    }
}
