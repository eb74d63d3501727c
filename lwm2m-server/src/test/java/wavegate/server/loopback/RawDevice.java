package wavegate.server.loopback;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.core.server.MessageDeliverer;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.jspecify.annotations.Nullable;

/** A device driven by hand: sees every block, answers what the test says, can move to another port. */
final class RawDevice implements AutoCloseable {
    static final String LINKS = "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</5/0>";

    /** Requests as they came from the wire, repetitions included. */
    final List<Request> wire = new CopyOnWriteArrayList<>();

    private final InetSocketAddress server;
    /** What to answer; null for nothing. */
    private final Function<Request, @Nullable Response> handler;

    private CoapEndpoint endpoint;

    RawDevice(ServerUnderTest server, Function<Request, @Nullable Response> handler) throws IOException {
        this(server.address(Protocol.COAP), handler);
    }

    /** @param server where it registers */
    RawDevice(InetSocketAddress server, Function<Request, @Nullable Response> handler) throws IOException {
        this.server = server;
        this.handler = handler;
        this.endpoint = open();
    }

    /** Takes another port; the old one hears nothing any more. */
    void move() throws IOException {
        CoapEndpoint old = endpoint;
        endpoint = open();
        old.destroy();
    }

    private CoapEndpoint open() throws IOException {
        Configuration configuration = Configuration.createStandardWithoutFile();
        // No block-wise layer: each block is a request of its own.
        configuration.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 0);
        configuration.set(CoapConfig.MAX_ACTIVE_PEERS, 10);
        configuration.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 2);
        CoapEndpoint opened = CoapEndpoint.builder()
                .setConfiguration(configuration)
                .setInetSocketAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build();
        opened.setMessageDeliverer(answering(handler));
        opened.addInterceptor(new MessageInterceptorAdapter() {
            @Override
            public void receiveRequest(Request request) {
                wire.add(request);
            }
        });
        opened.start();
        return opened;
    }

    static MessageDeliverer answering(Function<Request, @Nullable Response> handler) {
        return new MessageDeliverer() {
            @Override
            public void deliverRequest(Exchange exchange) {
                Response response = handler.apply(exchange.getRequest());
                if (response != null) {
                    exchange.sendResponse(response);
                }
            }

            @Override
            public void deliverResponse(Exchange exchange, Response response) {
                exchange.getRequest().setResponse(response);
            }
        };
    }

    CoapEndpoint endpoint() {
        return endpoint;
    }

    /** @return the registration id */
    String register(String name) throws InterruptedException {
        Response response = register(LINKS, "ep=" + name, "lt=300", "lwm2m=1.1", "b=U");
        if (response.getCode() != ResponseCode.CREATED) {
            throw new IllegalStateException("registration of " + name + " answered " + response);
        }
        return response.getOptions().getLocationPath().get(1);
    }

    Response register(String links, String... queries) throws InterruptedException {
        return post(List.of("rd"), links, queries);
    }

    Response updateRegistration(String id, String... queries) throws InterruptedException {
        return post(List.of("rd", id), "", queries);
    }

    private Response post(List<String> path, String links, String... queries) throws InterruptedException {
        Request request = new Request(Code.POST);
        path.forEach(request.getOptions()::addUriPath);
        for (String query : queries) {
            request.getOptions().addUriQuery(query);
        }
        if (!links.isEmpty()) {
            request.getOptions().setContentFormat(40);
            request.setPayload(links.getBytes(StandardCharsets.UTF_8));
        }
        return send(request);
    }

    Response send(Request request) throws InterruptedException {
        request.setDestinationContext(new AddressEndpointContext(server));
        endpoint.sendRequest(request);
        Response response = request.waitForResponse(TimeUnit.SECONDS.toMillis(20));
        if (response == null) {
            throw new IllegalStateException("no answer to " + request);
        }
        return response;
    }

    @Override
    public void close() {
        endpoint.destroy();
    }
}
