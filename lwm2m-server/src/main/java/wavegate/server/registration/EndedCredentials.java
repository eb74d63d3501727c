package wavegate.server.registration;

import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.eclipse.californium.elements.util.Filter;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.server.registration.Registration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialChange;
import wavegate.bootstrap.credential.Use;

/**
 * Ends what rests on a credential that is no longer good: its DTLS connections, and the registration with its observations and everything in
 * flight. An endpoint that is given its first credential loses a registration made without one. Told on the thread that changes credentials.
 */
final class EndedCredentials implements Consumer<CredentialChange> {
    private static final Logger LOG = LoggerFactory.getLogger(EndedCredentials.class);

    private final ExpiringRegistrationStore registrations;
    private final DtlsIdentities identities;
    /** Without coaps there is none. */
    private final @Nullable DTLSConnector connector;

    EndedCredentials(
            ExpiringRegistrationStore registrations, DtlsIdentities identities, @Nullable DTLSConnector connector) {
        this.registrations = registrations;
        this.identities = identities;
        this.connector = connector;
    }

    @Override
    public void accept(CredentialChange change) {
        if (change.use() != Use.LWM2M) {
            return;
        }
        Credential credential = change.credential();
        if (change.ends()) {
            endConnections(credential);
        }
        Registration registration = registrations.getRegistrationByEndpoint(credential.endpoint());
        if (registration == null) {
            return;
        }
        LwM2mIdentity identity = registration.getClientTransportData().getIdentity();
        boolean over = identity.isSecure()
                ? change.ends() && CredentialHolders.proves(identity, credential)
                : change.kind() != CredentialChange.Kind.ENDED;
        if (over) {
            LOG.info("registration ended ep={} credential={}", credential.endpoint(), change.kind());
            registrations.end(registration.getId());
        }
    }

    private void endConnections(Credential credential) {
        if (connector != null) {
            Filter<java.security.Principal> of = principal -> principal != null
                    && identities
                            .of(principal)
                            .map(identity -> CredentialHolders.proves(identity, credential))
                            .orElse(false);
            Future<Void> unused = connector.startTerminateConnectionsForPrincipal(of);
        }
    }
}
