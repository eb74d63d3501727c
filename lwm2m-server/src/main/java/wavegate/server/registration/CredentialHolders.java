package wavegate.server.registration;

import java.util.Arrays;
import java.util.Optional;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.peer.RpkIdentity;
import org.eclipse.leshan.core.peer.X509Identity;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;

/** Which credential stands behind an identity that was shown, as the store has it now. Any thread; never blocks. */
final class CredentialHolders {
    private final CredentialStore credentials;

    CredentialHolders(CredentialStore credentials) {
        this.credentials = credentials;
    }

    /** The live credential of this identity; empty without DTLS, and for one that was revoked, replaced or never known. */
    Optional<Credential> credential(LwM2mIdentity identity) {
        if (identity instanceof PskIdentity psk) {
            return credentials.byIdentity(Use.LWM2M, psk.getPskIdentity());
        }
        if (identity instanceof RpkIdentity rpk) {
            return credentials.byPublicKey(Use.LWM2M, rpk.getPublicKey());
        }
        if (identity instanceof OscoreIdentity oscore) {
            return credentials.byRecipientId(Use.LWM2M, oscore.getRecipientId()).map(Credential.class::cast);
        }
        if (identity instanceof X509Identity x509) {
            return credentials.valid(Use.LWM2M, x509.getX509CommonName()).stream()
                    .filter(Credential.X509.class::isInstance)
                    .findFirst();
        }
        return Optional.empty();
    }

    /** Over DTLS the credential must be the endpoint's; without, the endpoint must never have had one. */
    boolean maySpeakFor(String endpoint, LwM2mIdentity identity) {
        return identity.isSecure()
                ? credential(identity)
                        .map(credential -> credential.endpoint().equals(endpoint))
                        .orElse(false)
                : !credentials.known(Use.LWM2M, endpoint);
    }

    /** Says that the holder of this identity has spoken for its endpoint. */
    void used(LwM2mIdentity identity) {
        credential(identity).ifPresent(credential -> credentials.used(Use.LWM2M, credential));
    }

    /** Whether it is this credential that the identity stands for, live or not. */
    static boolean proves(LwM2mIdentity identity, Credential credential) {
        if (identity instanceof PskIdentity shown && credential instanceof Credential.Psk psk) {
            return shown.getPskIdentity().equals(psk.identity());
        }
        if (identity instanceof RpkIdentity shown && credential instanceof Credential.Rpk rpk) {
            return shown.getPublicKey().equals(rpk.key());
        }
        if (identity instanceof OscoreIdentity shown && credential instanceof Credential.Oscore oscore) {
            return Arrays.equals(shown.getRecipientId(), oscore.recipientId());
        }
        return identity instanceof X509Identity shown
                && credential instanceof Credential.X509 x509
                && shown.getX509CommonName().equals(x509.endpoint());
    }
}
