package wavegate.server.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.leshan.core.endpoint.EndpointUriUtil;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerProtocolProvider;

/** Leshan as its library defaults are, on one NoSec endpoint, with nothing behind it: registrations in memory, no file. */
final class BareLeshan implements BenchTarget.Target {
    private final LeshanServer server;

    BareLeshan() {
        server = new LeshanServerBuilder()
                .setEndpointsProviders(new CaliforniumServerEndpointsProvider.Builder(new CoapServerProtocolProvider())
                        .addEndpoint(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Protocol.COAP)
                        .build())
                .build();
        server.start();
    }

    @Override
    public InetSocketAddress coap() {
        return EndpointUriUtil.getSocketAddr(server.getEndpoint(Protocol.COAP).getURI());
    }

    /** A registration is in its store before it is answered. */
    @Override
    public boolean holds(long devices) {
        return true;
    }

    @Override
    public void startCampaign(long devices) {}

    @Override
    public void close() {
        server.destroy();
    }
}
