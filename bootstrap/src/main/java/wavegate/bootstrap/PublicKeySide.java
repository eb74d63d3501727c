package wavegate.bootstrap;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.scandium.dtls.x509.NewAdvancedCertificateVerifier;
import org.eclipse.leshan.core.californium.identity.IdentityHandler;

/**
 * Port: serves devices that bootstrap with a raw public key or a certificate. It says who the server is to them, lets only known ones through
 * the handshake and names the endpoint that stands behind a certificate. What it gives out is asked on DTLS and CoAP threads and answers at
 * once.
 */
public interface PublicKeySide {
    /** The server's EC key. */
    PrivateKey privateKey();

    /** The certificate of {@link #privateKey} first; devices with raw public keys are shown the key of it alone. */
    List<X509Certificate> chain();

    /**
     * Judges what devices show in the handshake.
     *
     * @param onRefused run for each one refused
     */
    NewAdvancedCertificateVerifier verifier(Runnable onRefused);

    /** @return one that names a certificate's sender as an X509Identity of its endpoint; addresses are made by the given one */
    IdentityHandler naming(IdentityHandler leshans);

    /** Whether a DTLS connection is one of the peer named so. */
    EndpointContextMatcher matcher();
}
