package wavegate.server.registration;

import java.net.InetSocketAddress;
import java.security.PublicKey;
import java.security.cert.CertPath;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.security.auth.x500.X500Principal;
import org.eclipse.californium.elements.util.CertPathUtil;
import org.eclipse.californium.scandium.dtls.AlertMessage;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertDescription;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertLevel;
import org.eclipse.californium.scandium.dtls.CertificateMessage;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.CertificateVerificationResult;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.HandshakeException;
import org.eclipse.californium.scandium.dtls.HandshakeResultHandler;
import org.eclipse.californium.scandium.dtls.x509.NewAdvancedCertificateVerifier;
import org.eclipse.californium.scandium.util.ServerNames;

/**
 * Refuses strangers in the handshake, where Leshan would take any public key and any certificate of a trusted authority: a key must be a
 * device's, a certificate must speak for an endpoint of its own tenant. Called on DTLS threads.
 */
final class DeviceCertificates implements NewAdvancedCertificateVerifier {
    private final TenantAuthorities tenants;
    private final DtlsIdentities identities;
    private final Runnable onRefused;
    private final Consumer<CertPath> onAccepted;

    /**
     * @param onRefused told of each handshake refused for the key or the certificate shown
     * @param onAccepted told of each certificate that may speak for an endpoint, with those above it
     */
    DeviceCertificates(
            TenantAuthorities tenants, DtlsIdentities identities, Runnable onRefused, Consumer<CertPath> onAccepted) {
        this.onAccepted = onAccepted;
        this.tenants = tenants;
        this.identities = identities;
        this.onRefused = onRefused;
    }

    @Override
    public List<CertificateType> getSupportedCertificateTypes() {
        return List.of(CertificateType.RAW_PUBLIC_KEY, CertificateType.X_509);
    }

    @Override
    public CertificateVerificationResult verifyCertificate(
            ConnectionId cid,
            ServerNames serverName,
            InetSocketAddress remotePeer,
            boolean clientUsage,
            boolean verifySubject,
            boolean truncateCertificatePath,
            CertificateMessage message) {
        CertPath chain = message.getCertificateChain();
        if (chain == null) {
            PublicKey key = message.getPublicKey();
            return key != null && identities.knows(key)
                    ? new CertificateVerificationResult(cid, key, null)
                    : refused(cid, "a raw public key of no device");
        }
        List<X509Certificate> certificates = chain.getCertificates().stream()
                .map(X509Certificate.class::cast)
                .toList();
        Optional<TenantAuthorities.Accepted> accepted = tenants.verify(certificates);
        // Leshan keeps observations by the common name, so there must be one.
        boolean bound = accepted.isPresent()
                && CertPathUtil.canBeUsedForAuthentication(certificates.get(0), clientUsage)
                && DtlsIdentities.commonName(
                                certificates.get(0).getSubjectX500Principal().getName())
                        .isPresent()
                && identities
                        .bound(accepted.get().tenant(), certificates.get(0))
                        .isPresent();
        if (!bound) {
            return refused(cid, "a certificate of no device");
        }
        CertPath path = accepted.get().path();
        onAccepted.accept(path);
        return new CertificateVerificationResult(cid, path, null);
    }

    private CertificateVerificationResult refused(ConnectionId cid, String why) {
        onRefused.run();
        return new CertificateVerificationResult(
                cid,
                new HandshakeException(why, new AlertMessage(AlertLevel.FATAL, AlertDescription.BAD_CERTIFICATE)),
                null);
    }

    /** None are named: a list of all tenants would not fit a datagram, nor is it anyone's business. */
    @Override
    public List<X500Principal> getAcceptedIssuers() {
        return List.of();
    }

    @Override
    public void setResultHandler(HandshakeResultHandler resultHandler) {
        // Every answer is given at once.
    }
}
