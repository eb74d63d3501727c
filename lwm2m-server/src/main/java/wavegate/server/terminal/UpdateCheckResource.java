package wavegate.server.terminal;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.oscore.OSCoreEndpointContextInfo;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.DispatchScope;
import wavegate.server.rollout.Dispatch;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.VersionDesk;
import wavegate.server.rollout.VersionDesk.Format;
import wavegate.server.rollout.VersionDesk.Left;
import wavegate.server.rollout.VersionDesk.Refusal;

/**
 * {@code POST /update-check}. Runs on CoAP protocol threads; answers leave from any.
 *
 * <pre>
 * 2.04  what to do, in the format of the question    4.03  not the holder of the endpoint's credential, or the fence is up
 * 4.00  a value that is none, by name                4.05  under OSCORE, below which the fence cannot tell what is a dispatch
 * 4.09  the endpoint is registered over LwM2M
 * 4.13  longer than 2048 bytes                       4.15  neither JSON (50) nor CBOR (60)
 * 4.29  too often, or no room; Max-Age says when to ask again
 * </pre>
 */
public final class UpdateCheckResource extends CoapResource {
    private static final String NAME = "update-check";
    private static final int ASK_AGAIN_SECONDS = 60;

    /** Who may speak, as the endpoint that the question came to knows it. */
    public interface Senders {
        boolean maySpeakFor(String endpoint, Request request);

        boolean mayCome(Endpoint endpoint, Request request);
    }

    /** An answer that is a dispatch: the stack below asks the fence at every send, repetitions included. */
    private static final class DispatchResponse extends Response implements Dispatch {
        private final DispatchScope scope;

        DispatchResponse(DispatchScope scope) {
            super(ResponseCode.CHANGED);
            this.scope = scope;
        }

        @Override
        public DispatchScope scope() {
            return scope;
        }
    }

    private final VersionDesk desk;
    private final Senders senders;
    private final Fence fence;

    public UpdateCheckResource(VersionDesk desk, Senders senders, Fence fence) {
        super(NAME);
        this.desk = desk;
        this.senders = senders;
        this.fence = fence;
        getAttributes().addContentType(MediaTypeRegistry.APPLICATION_JSON);
        getAttributes().addContentType(MediaTypeRegistry.APPLICATION_CBOR);
    }

    @Override
    public void handlePOST(CoapExchange exchange) {
        byte[] question = exchange.getRequestPayload();
        int format = exchange.getRequestOptions().hasContentFormat()
                ? exchange.getRequestOptions().getContentFormat()
                : MediaTypeRegistry.UNDEFINED;
        if (exchange.advanced().getRequest().getSourceContext().get(OSCoreEndpointContextInfo.OSCORE_RECIPIENT_ID)
                != null) {
            refuse(exchange, ResponseCode.METHOD_NOT_ALLOWED, "OSCORE: expected DTLS, HTTP, or neither");
        } else if (format != MediaTypeRegistry.APPLICATION_JSON && format != MediaTypeRegistry.APPLICATION_CBOR) {
            refuse(
                    exchange,
                    ResponseCode.UNSUPPORTED_CONTENT_FORMAT,
                    "content format: expected 50 (JSON) or 60 (CBOR)");
        } else if (question == null || question.length > VersionDesk.MOST_BYTES) {
            refuse(
                    exchange,
                    question == null ? ResponseCode.BAD_REQUEST : ResponseCode.REQUEST_ENTITY_TOO_LARGE,
                    "question: expected 1 to " + VersionDesk.MOST_BYTES + " bytes");
        } else {
            desk.check(
                    question,
                    format == MediaTypeRegistry.APPLICATION_CBOR ? Format.CBOR : Format.JSON,
                    new CoapSender(exchange.advanced().getRequest()),
                    new CoapReply(exchange, format));
        }
    }

    private static void refuse(CoapExchange exchange, ResponseCode code, String why) {
        Response response = new Response(code);
        response.setPayload(why.getBytes(StandardCharsets.UTF_8));
        response.getOptions().setContentFormat(MediaTypeRegistry.TEXT_PLAIN);
        if (code == ResponseCode.TOO_MANY_REQUESTS) {
            response.getOptions().setMaxAge(ASK_AGAIN_SECONDS);
        }
        exchange.respond(response);
    }

    private final class CoapSender implements VersionDesk.Sender {
        private final Request request;

        CoapSender(Request request) {
            this.request = request;
        }

        @Override
        public boolean maySpeakFor(String endpoint) {
            return senders.maySpeakFor(endpoint, request);
        }

        @Override
        public boolean mayCome(Endpoint endpoint) {
            return senders.mayCome(endpoint, request);
        }

        @Override
        public InetSocketAddress address() {
            return request.getSourceContext().getPeerAddress();
        }

        @Override
        public UpdateProtocol by() {
            return CoAP.isSecureScheme(request.getScheme())
                            || request.getSourceContext().getPeerIdentity() != null
                    ? UpdateProtocol.COAPS
                    : UpdateProtocol.COAP;
        }
    }

    private final class CoapReply implements VersionDesk.Reply {
        private final CoapExchange exchange;
        private final int format;

        CoapReply(CoapExchange exchange, int format) {
            this.exchange = exchange;
            this.format = format;
        }

        @Override
        public void dispatch(DispatchScope scope, byte[] answer, Consumer<Left> left) {
            boolean sent = fence.dispatch(scope, () -> send(new DispatchResponse(scope), answer));
            left.accept(sent ? Left.SENT : Left.FENCED);
        }

        @Override
        public void say(byte[] answer) {
            send(new Response(ResponseCode.CHANGED), answer);
        }

        private void send(Response response, byte[] answer) {
            response.setPayload(answer);
            response.getOptions().setContentFormat(format);
            exchange.respond(response);
        }

        @Override
        public void refuse(Refusal refusal, String why) {
            UpdateCheckResource.refuse(exchange, codeOf(refusal), why);
        }

        private static ResponseCode codeOf(Refusal refusal) {
            return switch (refusal) {
                case MALFORMED -> ResponseCode.BAD_REQUEST;
                case FORBIDDEN -> ResponseCode.FORBIDDEN;
                case CONFLICT -> ResponseCode.CONFLICT;
                case TOO_MANY -> ResponseCode.TOO_MANY_REQUESTS;
            };
        }
    }
}
