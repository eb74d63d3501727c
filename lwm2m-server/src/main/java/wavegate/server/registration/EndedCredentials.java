package wavegate.server.registration;

import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.californium.elements.auth.X509CertPath;
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
    private final CredentialHolders holders;
    /** Without coaps there is none. */
    private final @Nullable DTLSConnector connector;

    private final CertificateEnds certificates;

    EndedCredentials(
            ExpiringRegistrationStore registrations,
            DtlsIdentities identities,
            CredentialHolders holders,
            @Nullable DTLSConnector connector,
            CertificateEnds certificates) {
        this.certificates = certificates;
        this.registrations = registrations;
        this.identities = identities;
        this.holders = holders;
        this.connector = connector;
    }

    @Override
    public void accept(CredentialChange change) {
        if (change.use() != Use.LWM2M) {
            return;
        }
        Credential credential = change.credential();
        if (change.ends()) {
            endConnections(identity -> CredentialHolders.proves(identity, credential));
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

    /** Ends the connections that no live credential stands behind, and registrations by certificates that are no longer good. */
    void endConnectionsOfNobody() {
        endConnections(identity -> holders.credential(identity).isEmpty());
    }

    private void endConnections(Predicate<LwM2mIdentity> over) {
        if (connector != null) {
            Filter<Principal> of = principal -> principal != null && isOver(principal, over);
            Future<Void> unused = connector.startTerminateConnectionsForPrincipal(of);
        }
    }

    private boolean isOver(Principal principal, Predicate<LwM2mIdentity> over) {
        Optional<LwM2mIdentity> identity = identities.of(principal);
        if (principal instanceof X509CertPath certificate) {
            if (identity.isEmpty()) {
                endRegistrationsBy(certificate.getTarget());
            } else {
                certificates.note(certificate.getPath());
            }
        }
        return identity.map(over::test).orElse(true);
    }

    /** Not those of the same name by another certificate: the device may have renewed its own, or the name be another tenant's. */
    private void endRegistrationsBy(X509Certificate certificate) {
        String fingerprint = CertificateIdentity.fingerprint(certificate);
        for (String endpoint : DtlsIdentities.names(certificate)) {
            Registration registration = registrations.getRegistrationByEndpoint(endpoint);
            if (registration != null
                    && registration.getClientTransportData().getIdentity() instanceof CertificateIdentity shown
                    && shown.fingerprint().equals(fingerprint)) {
                LOG.info("registration ended ep={} certificate is no longer good", endpoint);
                registrations.end(registration.getId());
            }
        }
    }
}
