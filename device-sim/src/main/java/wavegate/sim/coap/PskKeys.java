package wavegate.sim.coap;

import java.net.InetSocketAddress;
import java.util.Optional;

/** What each device proves itself with, and to whom. Asked on the transport's thread, at every datagram sent. */
public interface PskKeys {
    /** Whether the device speaks DTLS with that peer; else it speaks plain CoAP. */
    boolean covers(int device, InetSocketAddress peer);

    /** The key for that peer at this moment; asked once per full handshake. */
    Optional<Psk> key(int device, InetSocketAddress peer);
}
