package wavegate.server.registration;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.scandium.dtls.x509.NewAdvancedCertificateVerifier;
import org.eclipse.leshan.core.californium.identity.IdentityHandler;
import wavegate.bootstrap.PublicKeySide;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;

/** What serves devices with public keys and certificates: who the server is to them, and whose certificates it trusts. */
public record CertificateSide(ServerIdentity identity, TenantAuthorities tenants) {
    /** The same for a bootstrap server, by what devices bootstrap with. Changes of the tenants' files hold there as soon as here. */
    public PublicKeySide forBootstrap(CredentialStore credentials) {
        DtlsIdentities identities = new DtlsIdentities(Use.BOOTSTRAP, credentials, tenants);
        return new PublicKeySide() {
            @Override
            public PrivateKey privateKey() {
                return identity.privateKey();
            }

            @Override
            public List<X509Certificate> chain() {
                return identity.chain();
            }

            @Override
            public NewAdvancedCertificateVerifier verifier(Runnable onRefused) {
                return new DeviceCertificates(tenants, identities, onRefused);
            }

            @Override
            public IdentityHandler naming(IdentityHandler leshans) {
                return new BoundIdentities(identities, leshans);
            }

            @Override
            public EndpointContextMatcher matcher() {
                return new BoundContexts(identities);
            }
        };
    }
}
