package wavegate.server.loopback;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;

/** A terminal driven by hand: asks what the test says, fetches block by block. */
final class RawTerminal implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper CBOR = new ObjectMapper(new CBORFactory());

    final String name;
    String version = "1.0.0";
    String hardware = "rev-b";
    String state = "idle";
    String token = "";
    int result;
    int boots = 1;
    long free = 1 << 30;

    private final CoapEndpoint endpoint;
    private InetSocketAddress server;

    private RawTerminal(String name, InetSocketAddress server, CoapEndpoint endpoint) throws IOException {
        this.name = name;
        this.server = server;
        this.endpoint = endpoint;
        endpoint.start();
    }

    static RawTerminal plain(String name, InetSocketAddress server) throws IOException {
        return new RawTerminal(
                name,
                server,
                CoapEndpoint.builder()
                        .setConfiguration(configuration())
                        .setInetSocketAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .build());
    }

    static RawTerminal secure(String name, InetSocketAddress server, String identity, byte[] key) throws IOException {
        Configuration configuration = configuration();
        configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0);
        DtlsConnectorConfig dtls = DtlsConnectorConfig.builder(configuration)
                .setAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .setAdvancedPskStore(new AdvancedSinglePskStore(identity, key))
                .build();
        return new RawTerminal(
                name,
                server,
                CoapEndpoint.builder()
                        .setConfiguration(configuration)
                        .setConnector(new DTLSConnector(dtls))
                        .build());
    }

    private static Configuration configuration() {
        Configuration configuration = Configuration.createStandardWithoutFile();
        // No block-wise layer: each block is a request of its own.
        configuration.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 0);
        configuration.set(CoapConfig.MAX_ACTIVE_PEERS, 10);
        configuration.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 2);
        return configuration;
    }

    void goTo(InetSocketAddress other) {
        server = other;
    }

    String question() {
        return question(name);
    }

    String question(String endpointName) {
        return """
                {"endpoint": "%s", "manufacturer": "Wavegate Labs", "model": "WG-100", "hardware": "%s", "version": "%s",
                 "region": "north", "carrier": "aurora", "fetch": ["coap", "coaps"], "free": %d, "state": "%s", "result": %d,
                 "token": "%s", "future": {"unknown": true}, "health": {"crashes": 0, "boots": %d, "energy": 1.5}}
                """
                .formatted(endpointName, hardware, version, free, state, result, token, boots);
    }

    /** Asks in CBOR. @return what to do */
    JsonNode ask() throws Exception {
        Response response = post(CBOR.writeValueAsBytes(JSON.readTree(question())), 60);
        if (response.getCode() != ResponseCode.CHANGED || response.getPayloadSize() > 1024) {
            throw new IllegalStateException(name + " was answered " + response);
        }
        return CBOR.readTree(response.getPayload());
    }

    Response askInJson(String question) throws InterruptedException {
        return post(question.getBytes(StandardCharsets.UTF_8), 50);
    }

    Response post(byte[] question, int format) throws InterruptedException {
        Request request = new Request(Code.POST);
        request.getOptions().addUriPath("update-check").setContentFormat(format);
        request.setPayload(question);
        return send(request);
    }

    Response block(String uri, int number) throws InterruptedException {
        Request request = new Request(Code.GET);
        for (String segment : URI.create(uri).getPath().substring(1).split("/", -1)) {
            request.getOptions().addUriPath(segment);
        }
        request.getOptions().setBlock2(BlockOption.size2Szx(1024), false, number);
        return send(request);
    }

    /** Fetches what was offered, and then holds it. */
    byte[] fetch(JsonNode offer) throws Exception {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        boolean more = true;
        for (int number = 0; more; number++) {
            Response response = block(offer.path("uri").asText(), number);
            if (response.getCode() != ResponseCode.CONTENT) {
                throw new IllegalStateException("block " + number + " was answered " + response);
            }
            image.writeBytes(response.getPayload());
            more = response.getOptions().getBlock2().isM();
        }
        state = "downloaded";
        token = offer.path("token").asText();
        result = 0;
        return image.toByteArray();
    }

    /** Comes back from applying it. */
    void restarted(String runs, int how) {
        state = "idle";
        version = runs;
        result = how;
        boots++;
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

    static JsonNode json(byte[] text) {
        try {
            return JSON.readTree(new String(text, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        endpoint.destroy();
    }
}
