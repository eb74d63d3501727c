package wavegate.server.delivery;

import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import wavegate.firmware.update.DispatchScope;

/** A served block of an image: a dispatch, as often as it is sent. */
final class ImageBlock extends Response {
    private final DispatchScope scope;

    ImageBlock(DispatchScope scope) {
        super(ResponseCode.CONTENT);
        this.scope = scope;
    }

    DispatchScope scope() {
        return scope;
    }
}
