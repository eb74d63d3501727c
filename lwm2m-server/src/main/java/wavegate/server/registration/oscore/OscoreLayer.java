package wavegate.server.registration.oscore;

import java.util.HexFormat;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.oscore.OSCoreCtx;
import org.eclipse.californium.oscore.OSCoreEndpointContextInfo;
import org.eclipse.californium.oscore.ObjectSecurityLayer;
import org.jspecify.annotations.Nullable;

/**
 * Opens what devices send and protects what they are sent. Lies above the layer that retransmits, so that a repetition is the same bytes again and
 * is recognised before it is taken for a replay.
 */
final class OscoreLayer extends ObjectSecurityLayer {
    private final OscoreContexts contexts;
    /** A number is read and counted up in two steps; two messages with one number would give the keys away. */
    private final Object oneAtATime = new Object();

    OscoreLayer(OscoreContexts contexts) {
        super(contexts);
        this.contexts = contexts;
    }

    @Override
    public void sendRequest(Exchange exchange, Request request) {
        if (contexts.getContext(request.getURI()) == null
                || !request.getOptions().hasOscore()) {
            request.setSendError(
                    new IllegalStateException("no OSCORE context with " + request.getDestinationContext()));
            return;
        }
        synchronized (oneAtATime) {
            contexts.during(null, () -> super.sendRequest(exchange, request));
        }
    }

    @Override
    public void sendResponse(Exchange exchange, Response response) {
        OSCoreCtx context = opener(exchange.getRequest());
        if (context == null) {
            // Its credential ended in between: nobody could read the answer.
            return;
        }
        synchronized (oneAtATime) {
            contexts.during(context, () -> super.sendResponse(exchange, response));
        }
    }

    @Override
    public void receiveResponse(Exchange exchange, Response response) {
        OSCoreCtx context = contexts.getContext(exchange.getRequest().getURI());
        if (context != null) {
            contexts.during(context, () -> super.receiveResponse(exchange, response));
        }
    }

    private @Nullable OSCoreCtx opener(Request request) {
        EndpointContext sender = request.getSourceContext();
        String id = sender == null ? null : sender.get(OSCoreEndpointContextInfo.OSCORE_RECIPIENT_ID);
        return id == null ? null : contexts.getContext(HexFormat.of().parseHex(id));
    }
}
