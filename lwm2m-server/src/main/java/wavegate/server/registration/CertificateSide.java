package wavegate.server.registration;

import java.security.cert.X509Certificate;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.x509.NewAdvancedCertificateVerifier;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;

/** What serves devices with public keys and certificates: who the server is to them, and whose certificates it trusts. */
public record CertificateSide(ServerIdentity identity, TenantAuthorities tenants) {
    /** @param verifier judges what devices show in the handshake */
    void secure(DtlsConnectorConfig.Builder builder, NewAdvancedCertificateVerifier verifier) {
        builder.setCertificateIdentityProvider(new SingleCertificateProvider(
                identity.privateKey(),
                identity.chain().toArray(X509Certificate[]::new),
                CertificateType.X_509,
                CertificateType.RAW_PUBLIC_KEY));
        builder.setAdvancedCertificateVerifier(verifier);
    }
}
