package wavegate.server.registration;

import java.net.InetSocketAddress;
import java.net.URI;
import java.security.Principal;
import java.util.Optional;
import java.util.function.Consumer;
import javax.security.auth.x500.X500Principal;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.leshan.core.californium.Lwm2mEndpointContextMatcher;
import org.eclipse.leshan.core.californium.identity.IdentityHandler;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.peer.X509Identity;
import org.eclipse.leshan.server.californium.endpoint.coaps.CoapsServerEndpointFactory;
import org.jspecify.annotations.Nullable;

/** Leshan's coaps endpoint, where a certificate stands for the endpoint it is bound to instead of for its common name. */
class BoundCoaps extends CoapsServerEndpointFactory {
    /** No endpoint has this name. */
    private static final X509Identity NOBODY = new X509Identity("/");

    private final DtlsIdentities identities;

    BoundCoaps(
            URI uri,
            DtlsIdentities identities,
            Consumer<DtlsConnectorConfig.Builder> dtls,
            Consumer<CoapEndpoint.Builder> stack) {
        super(uri, null, null, dtls, stack);
        this.identities = identities;
    }

    @Override
    public IdentityHandler createIdentityHandler() {
        IdentityHandler leshans = super.createIdentityHandler();
        return new IdentityHandler() {
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
        };
    }

    @Override
    protected EndpointContextMatcher createEndpointContextMatcher() {
        return new Lwm2mEndpointContextMatcher() {
            @Override
            protected boolean matchPrincipals(Principal requested, Principal available) {
                if (!(requested instanceof X500Principal)) {
                    return super.matchPrincipals(requested, available);
                }
                // Leshan asks by endpoint; a stored observation by the common name of who it was sent to.
                Optional<String> asked = DtlsIdentities.commonName(requested.getName());
                Optional<LwM2mIdentity> there = identities.of(available);
                return asked.isPresent()
                        && there.orElse(null) instanceof X509Identity identity
                        && (asked.get().equals(identity.getX509CommonName())
                                || asked.equals(DtlsIdentities.commonName(available.getName())));
            }
        };
    }
}
