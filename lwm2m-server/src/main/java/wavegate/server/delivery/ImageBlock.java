package wavegate.server.delivery;

import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import wavegate.firmware.update.DispatchScope;
import wavegate.server.rollout.Dispatch;

/** A served block of an image: a dispatch, as often as it is sent. */
final class ImageBlock extends Response implements Dispatch {
    private final DispatchScope scope;

    ImageBlock(DispatchScope scope) {
        super(ResponseCode.CONTENT);
        this.scope = scope;
    }

    @Override
    public DispatchScope scope() {
        return scope;
    }
}
