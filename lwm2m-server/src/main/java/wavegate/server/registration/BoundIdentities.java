package wavegate.server.registration;

import java.net.InetSocketAddress;
import java.security.Principal;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.leshan.core.californium.identity.IdentityHandler;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.peer.X509Identity;
import org.jspecify.annotations.Nullable;

/** Names the sender of a message, a certificate by the endpoint it is bound to now. Called on CoAP threads. */
final class BoundIdentities implements IdentityHandler {
    /** No endpoint has this name. */
    private static final X509Identity NOBODY = new X509Identity("/");

    private final DtlsIdentities identities;
    private final IdentityHandler leshans;

    BoundIdentities(DtlsIdentities identities, IdentityHandler leshans) {
        this.identities = identities;
        this.leshans = leshans;
    }

    @Override
    public @Nullable LwM2mPeer getIdentity(Message message) {
        EndpointContext context = message.getSourceContext();
        Principal principal = context.getPeerIdentity();
        if (principal == null) {
            return null;
        }
        InetSocketAddress address = context.getPeerAddress();
        return new IpPeer(address, identities.of(principal).orElse(NOBODY));
    }

    @Override
    public EndpointContext createEndpointContext(LwM2mPeer client, boolean allowConnectionInitiation) {
        return leshans.createEndpointContext(client, allowConnectionInitiation);
    }
}
