package wavegate.server.registration;

import java.util.HexFormat;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.oscore.OSCoreEndpointContextInfo;
import org.eclipse.leshan.core.californium.identity.IdentityHandler;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.jspecify.annotations.Nullable;

/** Names the sender of a message that OSCORE has opened; nobody sent any other. Called on CoAP threads. */
final class OscoreIdentities implements IdentityHandler {
    private final IdentityHandler leshans;

    OscoreIdentities(IdentityHandler leshans) {
        this.leshans = leshans;
    }

    @Override
    public @Nullable LwM2mPeer getIdentity(Message message) {
        EndpointContext sender = message.getSourceContext();
        String id = sender.get(OSCoreEndpointContextInfo.OSCORE_RECIPIENT_ID);
        return id == null
                ? null
                : new IpPeer(
                        sender.getPeerAddress(),
                        new OscoreIdentity(HexFormat.of().parseHex(id)));
    }

    @Override
    public EndpointContext createEndpointContext(LwM2mPeer client, boolean allowConnectionInitiation) {
        return leshans.createEndpointContext(client, allowConnectionInitiation);
    }
}
