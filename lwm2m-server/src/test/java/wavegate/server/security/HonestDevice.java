package wavegate.server.security;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
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

/** A device with a key of its own, that wants to register while others attack. */
final class HonestDevice implements AutoCloseable {
    private final CoapEndpoint endpoint;
    private final int number;

    HonestDevice(int number) throws IOException {
        this.number = number;
        Configuration configuration = Configuration.createStandardWithoutFile();
        configuration.set(CoapConfig.MAX_ACTIVE_PEERS, 10);
        configuration.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
        configuration.set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
        configuration.set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
        configuration.set(DtlsConfig.DTLS_MAX_CONNECTIONS, 10);
        // Of the /24 127.8.0.0, which no attacker of these tests is in.
        InetAddress own = InetAddress.getByAddress(new byte[] {127, 8, 0, (byte) (1 + number % 250)});
        DtlsConnectorConfig dtls = DtlsConnectorConfig.builder(configuration)
                .setAddress(new InetSocketAddress(own, 0))
                .setAdvancedPskStore(new AdvancedSinglePskStore(identity(number), key(number)))
                .build();
        endpoint = CoapEndpoint.builder()
                .setConfiguration(configuration)
                .setConnector(new DTLSConnector(dtls))
                .build();
        endpoint.start();
    }

    static String name(int number) {
        return "honest-" + number;
    }

    static String identity(int number) {
        return "id-" + number;
    }

    static byte[] key(int number) {
        return ("key-of-device-" + (100_000 + number)).substring(0, 16).getBytes(StandardCharsets.US_ASCII);
    }

    /** @return how long it took from the first datagram to 2.01; empty if it did not come in that time */
    Optional<Duration> register(InetSocketAddress coaps, Duration limit) throws InterruptedException {
        Request request = new Request(Code.POST);
        request.getOptions().addUriPath("rd");
        request.getOptions().addUriQuery("ep=" + name(number));
        request.getOptions().addUriQuery("lt=300").addUriQuery("lwm2m=1.1").addUriQuery("b=U");
        request.getOptions().setContentFormat(40);
        request.setPayload("</>;rt=\"oma.lwm2m\",</1/0>,</3/0>");
        request.setDestinationContext(new AddressEndpointContext(coaps));
        long begun = System.nanoTime();
        endpoint.sendRequest(request);
        Response response = request.waitForResponse(limit.toMillis());
        return response != null && response.getCode() == ResponseCode.CREATED
                ? Optional.of(Duration.ofNanos(System.nanoTime() - begun))
                : Optional.empty();
    }

    @Override
    public void close() {
        endpoint.destroy();
    }
}
