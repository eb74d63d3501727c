package wavegate.server.loopback;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.jspecify.annotations.Nullable;

/** A device that lets its health and its update be observed, and keeps the tokens it was given for that. */
final class ObservedAnswers implements Function<Request, @Nullable Response> {
    static final String LINKS = "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</5/0>,</27001/0>";
    private static final Set<String> OBSERVABLE = Set.of("27001/0", "3/0/9", "5/0/3", "5/0/5");
    private static final int SENML_JSON = 110;

    /** By path. */
    final Map<String, Token> tokens = new ConcurrentHashMap<>();

    @Override
    public Response apply(Request request) {
        String path = request.getOptions().getUriPathString();
        if (request.getCode() == Code.PUT) {
            return new Response(ResponseCode.CHANGED);
        }
        if (!OBSERVABLE.contains(path)) {
            return new Response(ResponseCode.NOT_FOUND);
        }
        if (request.isObserve()) {
            tokens.put(path, request.getToken());
        }
        return value(path, 1, 1);
    }

    /** Californium drops the Observe option of an answer that no resource of its own gives. */
    void on(CoapEndpoint endpoint) {
        endpoint.addInterceptor(new MessageInterceptorAdapter() {
            @Override
            public void sendResponse(Response response) {
                if (tokens.containsValue(response.getToken())) {
                    response.getOptions().setObserve(1);
                }
            }
        });
    }

    /** @param value what it is to be, from 0 to 99 */
    static Response value(String path, int value, int sequence) {
        Response response = new Response(ResponseCode.CONTENT);
        response.getOptions().setObserve(sequence);
        if (path.equals("27001/0")) {
            response.getOptions().setContentFormat(SENML_JSON);
            response.setPayload("[{\"n\":\"/27001/0/0\",\"v\":" + value + "}]");
        } else {
            response.getOptions().setContentFormat(0);
            response.setPayload(String.valueOf(value));
        }
        return response;
    }
}
