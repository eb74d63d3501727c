package wavegate.server.registration;

import java.security.Principal;
import java.security.PublicKey;
import java.security.cert.CertPath;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.californium.elements.auth.RawPublicKeyIdentity;
import org.eclipse.californium.elements.auth.X509CertPath;
import org.eclipse.californium.oscore.OSCoreEndpointContextInfo;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.peer.RpkIdentity;
import org.eclipse.leshan.core.peer.SocketIdentity;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;

/**
 * Who has shown itself in a DTLS handshake, as Leshan names it. Behind a certificate that is the endpoint it is bound to: one of its names for
 * which the store knows that very tenant. Any thread.
 */
final class DtlsIdentities {
    private static final int SAN_DNS = 2;
    private static final int SAN_URI = 6;

    private final Use use;
    private final CredentialStore credentials;
    /** Without them no certificate says anything. */
    private final @Nullable TenantAuthorities tenants;

    /** @param use which credentials of a device count */
    DtlsIdentities(Use use, CredentialStore credentials, @Nullable TenantAuthorities tenants) {
        this.use = use;
        this.credentials = credentials;
        this.tenants = tenants;
    }

    /** Empty for a certificate that stands for no endpoint now. */
    Optional<LwM2mIdentity> of(Principal principal) {
        if (principal instanceof PreSharedKeyIdentity psk) {
            return Optional.of(new PskIdentity(psk.getIdentity()));
        }
        if (principal instanceof RawPublicKeyIdentity rpk) {
            return Optional.of(new RpkIdentity(rpk.getKey()));
        }
        if (principal instanceof X509CertPath x509 && tenants != null) {
            CertPath path = x509.getPath();
            return tenants.tenantOf(path).flatMap(tenant -> bound(tenant, x509.getTarget()));
        }
        return Optional.empty();
    }

    /** The same for who sent a message: without DTLS one that OSCORE has opened, else whoever has that address. */
    Optional<LwM2mIdentity> of(EndpointContext sender) {
        Principal principal = sender.getPeerIdentity();
        if (principal != null) {
            return of(principal);
        }
        String recipientId = sender.get(OSCoreEndpointContextInfo.OSCORE_RECIPIENT_ID);
        return Optional.of(
                recipientId == null
                        ? new SocketIdentity(sender.getPeerAddress())
                        : new OscoreIdentity(HexFormat.of().parseHex(recipientId)));
    }

    /** Whether it is a device's raw public key. */
    boolean knows(PublicKey key) {
        return credentials.byPublicKey(use, key).isPresent();
    }

    /** The endpoint that a tenant's certificate speaks for. */
    Optional<LwM2mIdentity> bound(String tenant, X509Certificate certificate) {
        for (String name : names(certificate)) {
            if (credentials.valid(use, name).stream()
                    .anyMatch(credential -> credential instanceof Credential.X509 x509
                            && x509.tenant().equals(tenant))) {
                return Optional.of(new CertificateIdentity(name, CertificateIdentity.fingerprint(certificate)));
            }
        }
        return Optional.empty();
    }

    /** Common name first, then DNS names and URIs. */
    static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        commonName(certificate.getSubjectX500Principal().getName()).ifPresent(names::add);
        try {
            Collection<List<?>> others = certificate.getSubjectAlternativeNames();
            if (others != null) {
                for (List<?> other : others) {
                    if ((other.get(0).equals(SAN_DNS) || other.get(0).equals(SAN_URI))
                            && other.get(1) instanceof String name) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateParsingException e) {
            // Then it has the common name alone.
            return names;
        }
        return names;
    }

    static Optional<String> commonName(String distinguishedName) {
        try {
            return new javax.naming.ldap.LdapName(distinguishedName)
                    .getRdns().stream()
                            .filter(rdn -> rdn.getType().equalsIgnoreCase("CN") && rdn.getValue() instanceof String)
                            .map(rdn -> (String) rdn.getValue())
                            .findFirst();
        } catch (javax.naming.InvalidNameException e) {
            return Optional.empty();
        }
    }
}
