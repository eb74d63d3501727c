package wavegate.server.registration.oscore;

import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.OptionSet;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.stack.AbstractLayer;
import org.eclipse.californium.oscore.CoapOSException;
import org.eclipse.californium.oscore.OscoreOptionDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets nothing unprotected up. The library would serve a request without protection beside those with it, and would believe an answer without
 * it; only an error is believed, since a device that cannot open a request can answer in no other way.
 */
final class OscoreOnly extends AbstractLayer {
    private static final Logger LOG = LoggerFactory.getLogger(OscoreOnly.class);
    /** A code and the tag. */
    private static final int SHORTEST = 9;

    private static final int LONGEST_NUMBER = 4;

    @Override
    public void receiveRequest(Exchange exchange, Request request) {
        OptionSet options = request.getOptions();
        if (!options.hasOscore()) {
            refuse(exchange, request, ResponseCode.UNAUTHORIZED);
        } else if (options.hasBlock1() || options.hasBlock2()) {
            // Blocks are protected each; outside they could be mixed by anyone.
            refuse(exchange, request, ResponseCode.BAD_OPTION);
        } else if (!readable(options.getOscore()) || request.getPayloadSize() < SHORTEST) {
            refuse(exchange, request, ResponseCode.BAD_OPTION);
        } else {
            super.receiveRequest(exchange, request);
        }
    }

    private static boolean readable(byte[] option) {
        try {
            OscoreOptionDecoder decoder = new OscoreOptionDecoder(option);
            byte[] kid = decoder.getKid();
            byte[] number = decoder.getPartialIV();
            return kid != null
                    && kid.length > 0
                    && number != null
                    && number.length > 0
                    && number.length <= LONGEST_NUMBER;
        } catch (CoapOSException | RuntimeException e) {
            LOG.debug("OSCORE option cannot be read", e);
            return false;
        }
    }

    private void refuse(Exchange exchange, Request request, ResponseCode code) {
        Response refusal = new Response(code);
        refusal.setDestinationContext(request.getSourceContext());
        super.sendResponse(exchange, refusal);
    }

    @Override
    public void receiveResponse(Exchange exchange, Response response) {
        OptionSet options = response.getOptions();
        boolean outerBlocks = options.hasBlock1() || options.hasBlock2();
        if (options.hasOscore() ? !outerBlocks : mayBeUnprotected(response.getCode())) {
            super.receiveResponse(exchange, response);
        } else {
            LOG.debug("answer without protection dropped from={}", response.getSourceContext());
        }
    }

    private static boolean mayBeUnprotected(ResponseCode code) {
        return code == ResponseCode.UNAUTHORIZED || code == ResponseCode.BAD_OPTION || code == ResponseCode.BAD_REQUEST;
    }
}
