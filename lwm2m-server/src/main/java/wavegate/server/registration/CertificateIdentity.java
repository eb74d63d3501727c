package wavegate.server.registration;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import org.eclipse.leshan.core.peer.X509Identity;

/**
 * The endpoint a certificate stands for, and which certificate it was. Equal by endpoint alone: a device that renews its certificate goes on as
 * who it was. Immutable.
 */
final class CertificateIdentity extends X509Identity {
    /** Hexadecimal digits of a fingerprint. */
    static final int FINGERPRINT_LENGTH = 64;

    private final String fingerprint;

    /** @param fingerprint of {@link #fingerprint(X509Certificate)} */
    CertificateIdentity(String endpoint, String fingerprint) {
        super(endpoint);
        if (fingerprint.length() != FINGERPRINT_LENGTH) {
            throw new IllegalArgumentException(
                    "fingerprint: " + fingerprint.length() + " characters (expected: " + FINGERPRINT_LENGTH + ")");
        }
        this.fingerprint = fingerprint;
    }

    /** SHA-256, hexadecimal. */
    static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read can be written, and Java has SHA-256", e);
        }
    }

    String fingerprint() {
        return fingerprint;
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
