package wavegate.sim.coap;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the transport: one socket for all devices where Linux and a loopback server allow it, else a socket per device. */
public final class Transports {
    private static final Logger LOG = LoggerFactory.getLogger(Transports.class);

    /** Which transport a fleet uses. */
    public enum Kind {
        AUTO,
        PKTINFO,
        NIO
    }

    private Transports() {}

    public static Transport open(Kind kind, int devices, InetSocketAddress server) throws IOException {
        boolean loopback = server.getAddress() != null && server.getAddress().isLoopbackAddress();
        return switch (kind) {
            case NIO -> new NioTransport(devices, loopback);
            case PKTINFO -> PktInfoTransport.open(devices);
            case AUTO -> {
                if (!loopback || !PktInfoTransport.supported()) {
                    yield new NioTransport(devices, loopback);
                }
                try {
                    yield PktInfoTransport.open(devices);
                } catch (IOException | LinkageError e) {
                    LOG.info("transport=nio reason=\"{}\"", e.toString());
                    yield new NioTransport(devices, true);
                }
            }
        };
    }
}
