package wavegate.server.registration;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.server.resources.Resource;

/**
 * Stands before a resource of Leshan's and answers what Leshan would answer badly: it takes {@code lt=abc} for a fault of the server, says
 * 5.00 and logs a stack trace for each. Runs on CoAP protocol threads.
 */
final class GuardedResource extends CoapResource {
    /** Why a request is turned back. */
    record Refusal(ResponseCode code, String reason) {
        static Optional<Refusal> badRequest(String reason) {
            return Optional.of(new Refusal(ResponseCode.BAD_REQUEST, reason));
        }
    }

    private final Resource guarded;
    private final Function<Request, Optional<Refusal>> check;
    private final AtomicLong refused;

    GuardedResource(Resource guarded, Function<Request, Optional<Refusal>> check, AtomicLong refused) {
        super(guarded.getName());
        this.guarded = guarded;
        this.check = check;
        this.refused = refused;
        for (String attribute : guarded.getAttributes().getAttributeKeySet()) {
            guarded.getAttributes().getAttributeValues(attribute).forEach(value -> getAttributes()
                    .addAttribute(attribute, value));
        }
    }

    @Override
    public void handleRequest(Exchange exchange) {
        Optional<Refusal> refusal = check.apply(exchange.getRequest());
        if (refusal.isEmpty()) {
            guarded.handleRequest(exchange);
            return;
        }
        refused.incrementAndGet();
        Response response = new Response(refusal.get().code());
        response.setPayload(refusal.get().reason());
        response.getOptions().setContentFormat(MediaTypeRegistry.TEXT_PLAIN);
        exchange.sendResponse(response);
    }

    /** Location paths below are handled here too. */
    @Override
    public Resource getChild(String name) {
        return this;
    }
}
