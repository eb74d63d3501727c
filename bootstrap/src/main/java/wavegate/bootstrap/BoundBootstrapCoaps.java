package wavegate.bootstrap;

import java.net.URI;
import java.security.cert.X509Certificate;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.leshan.core.californium.identity.IdentityHandler;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coaps.CoapsBootstrapServerEndpointFactory;

/** Leshan's coaps endpoint, where also raw public keys and certificates of known devices are let in. */
class BoundBootstrapCoaps extends CoapsBootstrapServerEndpointFactory {
    private final PublicKeySide side;

    /** @param onRefused run for each key or certificate refused in the handshake */
    BoundBootstrapCoaps(URI uri, PublicKeySide side, Runnable onRefused) {
        super(
                uri,
                null,
                null,
                builder -> builder.setCertificateIdentityProvider(new SingleCertificateProvider(
                                side.privateKey(),
                                side.chain().toArray(X509Certificate[]::new),
                                CertificateType.X_509,
                                CertificateType.RAW_PUBLIC_KEY))
                        .setAdvancedCertificateVerifier(side.verifier(onRefused)),
                null);
        this.side = side;
    }

    @Override
    public IdentityHandler createIdentityHandler() {
        return side.naming(super.createIdentityHandler());
    }

    @Override
    protected EndpointContextMatcher createEndpointContextMatcher() {
        return side.matcher();
    }
}
