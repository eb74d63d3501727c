package wavegate.server.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.core.server.resources.Resource;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.leshan.core.endpoint.EndpointUriUtil;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.WriteRequest;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerProtocolProvider;
import org.eclipse.leshan.server.registration.Registration;

/** Bare Leshan: images by its own Write, and by a resource that hands the whole image to Californium. */
final class LeshanDelivery implements DeliveryTarget.Target {
    private static final long PUSH_TIMEOUT_MILLIS = 600_000;
    private static final int TUNED_BUFFER = 4 << 20;

    private final LeshanServer server;
    private volatile byte[] image = new byte[0];

    LeshanDelivery(boolean tuned) {
        CaliforniumServerEndpointsProvider provider = new CaliforniumServerEndpointsProvider.Builder(
                        new CoapServerProtocolProvider())
                .setConfiguration(tuned ? LeshanDelivery::tune : configuration -> {})
                .addEndpoint(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Protocol.COAP)
                .build();
        server = new LeshanServerBuilder().setEndpointsProviders(provider).build();
        provider.getCoapServer().add(new Whole());
        server.start();
    }

    private static void tune(Configuration c) {
        c.set(CoapConfig.PREFERRED_BLOCK_SIZE, DeliveryLoad.BLOCK);
        c.set(CoapConfig.MAX_MESSAGE_SIZE, DeliveryLoad.BLOCK);
        c.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, TUNED_BUFFER);
        c.set(CoapConfig.MAX_ACTIVE_PEERS, 1_000_000);
        c.set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP);
        c.set(CoapConfig.PEERS_MARK_AND_SWEEP_MESSAGES, 4);
        c.set(CoapConfig.USE_MESSAGE_OFFLOADING, true);
        c.set(UdpConfig.UDP_RECEIVE_BUFFER_SIZE, TUNED_BUFFER);
        c.set(UdpConfig.UDP_SEND_BUFFER_SIZE, TUNED_BUFFER);
    }

    private final class Whole extends CoapResource {
        Whole() {
            super("fw");
        }

        @Override
        public Resource getChild(String name) {
            return this;
        }

        @Override
        public void handleGET(CoapExchange exchange) {
            exchange.respond(ResponseCode.CONTENT, image, MediaTypeRegistry.APPLICATION_OCTET_STREAM);
        }
    }

    @Override
    public InetSocketAddress coap() {
        return EndpointUriUtil.getSocketAddr(server.getEndpoint(Protocol.COAP).getURI());
    }

    @Override
    public void image(byte[] next, int devices) {
        image = next;
    }

    @Override
    public void push(int devices) {
        WriteRequest write = new WriteRequest(ContentFormat.OPAQUE, 5, 0, 0, image);
        for (int device = 0; device < devices; device++) {
            Registration to = server.getRegistrationService().getByEndpoint(DeliveryLoad.endpoint(device));
            server.send(to, write, PUSH_TIMEOUT_MILLIS, response -> {}, failure -> {});
        }
    }

    @Override
    public void close() {
        server.destroy();
    }
}
