package wavegate.server.registration;

import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.server.security.SecurityInfo;
import org.eclipse.leshan.server.security.SecurityStore;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;

/** Shows Leshan the pre-shared keys. Called on DTLS threads. */
final class CredentialSecurityStore implements SecurityStore {
    private final CredentialStore credentials;

    CredentialSecurityStore(CredentialStore credentials) {
        this.credentials = credentials;
    }

    @Override
    public @Nullable SecurityInfo getByEndpoint(String endpoint) {
        for (Credential credential : credentials.valid(Use.LWM2M, endpoint)) {
            if (credential instanceof Credential.Psk psk) {
                return toLeshan(psk);
            }
        }
        return null;
    }

    @Override
    public @Nullable SecurityInfo getByIdentity(String pskIdentity) {
        return credentials.byIdentity(Use.LWM2M, pskIdentity).orElse(null) instanceof Credential.Psk psk
                ? toLeshan(psk)
                : null;
    }

    @Override
    public @Nullable SecurityInfo getByOscoreIdentity(OscoreIdentity identity) {
        return null;
    }

    private static SecurityInfo toLeshan(Credential.Psk psk) {
        return SecurityInfo.newPreSharedKeyInfo(psk.endpoint(), psk.identity(), psk.key());
    }
}
