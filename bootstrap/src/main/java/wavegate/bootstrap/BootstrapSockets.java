package wavegate.bootstrap;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.CaliforniumBootstrapServerEndpointFactory;

/**
 * Port: what lies between a bootstrap server and the network. It opens the sockets, decides what of it that arrives is looked at, bounds what is
 * kept of strangers, and knows by which public keys and certificates a device is let through a handshake. Asked in this order, on the thread that
 * builds and starts the server; what it makes is used on socket and CoAP threads.
 */
public interface BootstrapSockets extends AutoCloseable {
    /** @param inSession whether a device at that address has a session open; asked for each datagram */
    CaliforniumBootstrapServerEndpointFactory coap(URI uri, Predicate<InetSocketAddress> inSession);

    /** @param onStranger run for each public key or certificate that is refused in a handshake */
    CaliforniumBootstrapServerEndpointFactory coaps(URI uri, Runnable onStranger);

    /** Gives the CoAP server of these endpoints its threads. Before it is started. */
    void run(CoapServer server);

    /** The sockets are open. */
    void listening(List<URI> uris);

    /** Stops watching them; the CoAP server closes what it was given. */
    @Override
    void close();
}
