package wavegate.server.registration;

import java.security.Principal;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.leshan.core.californium.Lwm2mEndpointContextMatcher;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.X509Identity;

/** Whether a connection leads to who is meant, where certificates are bound to endpoints. Called on CoAP and DTLS threads. */
final class BoundContexts extends Lwm2mEndpointContextMatcher {
    private final DtlsIdentities identities;

    BoundContexts(DtlsIdentities identities) {
        this.identities = identities;
    }

    /** Observations of all endpoints lie in one store; one made without DTLS is not answered here, whoever it is. */
    @Override
    public boolean isResponseRelatedToRequest(EndpointContext asked, EndpointContext answering) {
        return asked.getPeerIdentity() != null && super.isResponseRelatedToRequest(asked, answering);
    }

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
}
