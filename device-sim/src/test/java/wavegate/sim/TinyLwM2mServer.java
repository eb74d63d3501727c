package wavegate.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.core.server.resources.Resource;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;

/** Registrations, Sends and a file over plain CoAP: the other side of a fleet, with nothing of ours in it. */
final class TinyLwM2mServer implements AutoCloseable {
    static {
        CoapConfig.register();
        UdpConfig.register();
        SystemConfig.register();
    }

    record Registered(String endpoint, InetSocketAddress address, String query) {}

    final Map<String, Registered> byLocation = new ConcurrentHashMap<>();
    final Map<String, Registered> byEndpoint = new ConcurrentHashMap<>();
    final Map<String, byte[]> files = new ConcurrentHashMap<>();
    final AtomicInteger sends = new AtomicInteger();
    final AtomicInteger updates = new AtomicInteger();
    private final CoapServer server;
    private final CoapEndpoint endpoint;

    TinyLwM2mServer(int port) {
        Configuration config = new Configuration()
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 16 << 20)
                .set(CoapConfig.PREFERRED_BLOCK_SIZE, 1024)
                .set(CoapConfig.MAX_MESSAGE_SIZE, 1024)
                .set(CoapConfig.MAX_ACTIVE_PEERS, 100_000)
                .set(CoapConfig.ACK_TIMEOUT, 700, TimeUnit.MILLISECONDS)
                .set(CoapConfig.MAX_RETRANSMIT, 2)
                .set(UdpConfig.UDP_RECEIVE_BUFFER_SIZE, 4 << 20)
                .set(UdpConfig.UDP_SEND_BUFFER_SIZE, 4 << 20);
        server = new CoapServer(config);
        endpoint = new CoapEndpoint.Builder()
                .setConfiguration(config)
                .setInetSocketAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .build();
        server.addEndpoint(endpoint);
        server.add(new Registrations(), new Sends(), new Files());
    }

    static TinyLwM2mServer started(int port) {
        TinyLwM2mServer server = new TinyLwM2mServer(port);
        server.server.start();
        return server;
    }

    InetSocketAddress address() {
        return endpoint.getAddress();
    }

    String uri(String file) {
        return "coap://127.0.0.1:" + address().getPort() + "/fw/" + file;
    }

    private final class Registrations extends CoapResource {
        Registrations() {
            super("rd");
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            String name = exchange.getQueryParameter("ep");
            // Never given twice: after a restart an old location must not be another device's new one.
            String location = UUID.randomUUID().toString();
            Registered registered = new Registered(
                    name,
                    exchange.getSourceSocketAddress(),
                    exchange.getRequestOptions().getUriQueryString());
            byLocation.put(location, registered);
            byEndpoint.put(name, registered);
            exchange.setLocationPath("rd/" + location);
            exchange.respond(ResponseCode.CREATED);
        }

        @Override
        public Resource getChild(String name) {
            return byLocation.containsKey(name) ? new Registration(name) : null;
        }
    }

    private final class Registration extends CoapResource {
        Registration(String name) {
            super(name);
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            updates.incrementAndGet();
            byLocation.computeIfPresent(getName(), (location, known) -> {
                Registered now = new Registered(known.endpoint(), exchange.getSourceSocketAddress(), known.query());
                byEndpoint.computeIfPresent(known.endpoint(), (name, current) -> current.equals(known) ? now : current);
                return now;
            });
            exchange.respond(ResponseCode.CHANGED);
        }
    }

    private final class Sends extends CoapResource {
        Sends() {
            super("dp");
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            boolean known = byEndpoint.values().stream()
                    .anyMatch(registered -> registered.address().equals(exchange.getSourceSocketAddress()));
            sends.addAndGet(known ? 1 : 0);
            exchange.respond(known ? ResponseCode.CHANGED : ResponseCode.NOT_FOUND);
        }
    }

    private final class Files extends CoapResource {
        Files() {
            super("fw");
        }

        @Override
        public Resource getChild(String name) {
            byte[] file = files.get(name);
            return file == null
                    ? null
                    : new CoapResource(name) {
                        @Override
                        public void handleGET(CoapExchange exchange) {
                            exchange.setETag(new byte[] {1, 2, 3});
                            exchange.respond(ResponseCode.CONTENT, file, MediaTypeRegistry.APPLICATION_OCTET_STREAM);
                        }
                    };
        }
    }

    CompletableFuture<Response> send(String device, Request request) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        request.setDestinationContext(
                new AddressEndpointContext(byEndpoint.get(device).address()));
        request.addMessageObserver(new MessageObserverAdapter() {
            @Override
            public void onResponse(Response response) {
                answer.complete(response);
            }

            @Override
            protected void failed() {
                answer.completeExceptionally(new IllegalStateException("no answer from " + device));
            }
        });
        endpoint.sendRequest(request);
        return answer;
    }

    CompletableFuture<Response> read(String device, String path) {
        Request request = new Request(CoAP.Code.GET, CoAP.Type.CON);
        request.getOptions().setUriPath(path);
        return send(device, request);
    }

    CompletableFuture<Response> write(String device, String path, byte[] payload, int format) {
        Request request = new Request(CoAP.Code.PUT, CoAP.Type.CON);
        request.getOptions().setUriPath(path).setContentFormat(format);
        request.setPayload(payload);
        return send(device, request);
    }

    CompletableFuture<Response> execute(String device, String path) {
        Request request = new Request(CoAP.Code.POST, CoAP.Type.CON);
        request.getOptions().setUriPath(path);
        return send(device, request);
    }

    static Response await(CompletableFuture<Response> answer) {
        try {
            return answer.get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no response", e);
        }
    }

    @Override
    public void close() {
        server.destroy();
    }
}
