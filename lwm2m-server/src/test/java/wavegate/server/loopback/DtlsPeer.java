package wavegate.server.loopback;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.jspecify.annotations.Nullable;

/** A holder of a pre-shared key who says whatever the test wants. */
final class DtlsPeer implements AutoCloseable {
    private final InetSocketAddress server;
    private final CoapEndpoint endpoint;

    DtlsPeer(ServerUnderTest server, String identity, byte[] key) throws IOException {
        this(server, identity, key, request -> null);
    }

    /** @param handler what to answer; null for nothing */
    DtlsPeer(ServerUnderTest server, String identity, byte[] key, Function<Request, @Nullable Response> handler)
            throws IOException {
        this(server.address(Protocol.COAPS), InetAddress.getLoopbackAddress(), identity, key, handler);
    }

    /** @param own the address it speaks from */
    DtlsPeer(
            InetSocketAddress server,
            InetAddress own,
            String identity,
            byte[] key,
            Function<Request, @Nullable Response> handler)
            throws IOException {
        this.server = server;
        Configuration configuration = Configuration.createStandardWithoutFile();
        configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0);
        DtlsConnectorConfig dtls = DtlsConnectorConfig.builder(configuration)
                .setAddress(new InetSocketAddress(own, 0))
                .setAdvancedPskStore(new AdvancedSinglePskStore(identity, key))
                .build();
        endpoint = CoapEndpoint.builder()
                .setConfiguration(configuration)
                .setConnector(new DTLSConnector(dtls))
                .build();
        endpoint.setMessageDeliverer(RawDevice.answering(handler));
        endpoint.start();
    }

    CoapEndpoint endpoint() {
        return endpoint;
    }

    Response register(String name) throws InterruptedException {
        return register(RawDevice.LINKS, "ep=" + name, "lt=300", "lwm2m=1.1", "b=U");
    }

    Response register(String links, String... queries) throws InterruptedException {
        Request request = request(Code.POST, List.of("rd"), queries);
        request.getOptions().setContentFormat(40);
        request.setPayload(links.getBytes(StandardCharsets.UTF_8));
        return send(request);
    }

    Response send(Code code, List<String> path, String... queries) throws InterruptedException {
        return send(request(code, path, queries));
    }

    private static Request request(Code code, List<String> path, String... queries) {
        Request request = new Request(code);
        path.forEach(request.getOptions()::addUriPath);
        for (String query : queries) {
            request.getOptions().addUriQuery(query);
        }
        return request;
    }

    /** Whether an Update of a registration is answered at all; asked once, for two seconds. */
    boolean isHeard(String id) throws InterruptedException {
        Request request = request(Code.POST, List.of("rd", id));
        request.setDestinationContext(new AddressEndpointContext(server));
        endpoint.sendRequest(request);
        return request.waitForResponse(TimeUnit.SECONDS.toMillis(2)) != null;
    }

    Response send(Request request) throws InterruptedException {
        request.setDestinationContext(new AddressEndpointContext(server));
        endpoint.sendRequest(request);
        Response response = request.waitForResponse(TimeUnit.SECONDS.toMillis(10));
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
