package wavegate.server.loopback;

import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.RawData;

/** Sends notifications with any token. Each is confirmable, so that the server answers it one way or the other once it has dealt with it. */
final class Notifier {
    private final CoapEndpoint endpoint;
    private final InetSocketAddress server;
    private final AtomicInteger answers = new AtomicInteger();
    private int sent;

    Notifier(CoapEndpoint endpoint, InetSocketAddress server) {
        this.endpoint = endpoint;
        this.server = server;
        endpoint.addInterceptor(new MessageInterceptorAdapter() {
            @Override
            public void receiveEmptyMessage(EmptyMessage message) {
                answers.incrementAndGet();
            }
        });
    }

    void value(String path, Token token, int value) {
        send(ObservedAnswers.value(path, value, 100 + sent), token);
    }

    /** For each token a value, a value nobody can read, and an end of the observation; waits for all answers. */
    void forge(Map<String, Token> tokens, int rounds) {
        for (int round = 0; round < rounds; round++) {
            tokens.forEach((path, token) -> {
                value(path, token, 99);
                Response unreadable = ObservedAnswers.value(path, 99, 100 + sent);
                unreadable.setPayload("[{");
                send(unreadable, token);
                send(new Response(ResponseCode.NOT_FOUND), token);
            });
            answered();
        }
    }

    private void send(Response response, Token token) {
        response.setType(CoAP.Type.CON);
        response.setMID(20_000 + sent++);
        response.setToken(token);
        endpoint.getConnector()
                .send(RawData.outbound(
                        new UdpDataSerializer().getByteArray(response),
                        new AddressEndpointContext(server),
                        null,
                        false));
    }

    void answered() {
        await("answers to notifications").until(() -> answers.get() >= sent);
    }

    int sent() {
        return sent;
    }
}
