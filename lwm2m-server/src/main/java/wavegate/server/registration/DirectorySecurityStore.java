package wavegate.server.registration;

import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.server.security.SecurityInfo;
import org.eclipse.leshan.server.security.SecurityStore;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.Endpoint;

/** Shows Leshan the credentials. Called on DTLS threads. */
final class DirectorySecurityStore implements SecurityStore {
    private final CredentialDirectory credentials;

    DirectorySecurityStore(CredentialDirectory credentials) {
        this.credentials = credentials;
    }

    @Override
    public @Nullable SecurityInfo getByEndpoint(String endpoint) {
        if (!Endpoint.isValid(endpoint)) {
            return null;
        }
        return credentials
                .byEndpoint(new Endpoint(endpoint))
                .map(DirectorySecurityStore::toLeshan)
                .orElse(null);
    }

    @Override
    public @Nullable SecurityInfo getByIdentity(String pskIdentity) {
        return credentials
                .byIdentity(pskIdentity)
                .map(DirectorySecurityStore::toLeshan)
                .orElse(null);
    }

    @Override
    public @Nullable SecurityInfo getByOscoreIdentity(OscoreIdentity identity) {
        return null;
    }

    private static SecurityInfo toLeshan(Credential credential) {
        return SecurityInfo.newPreSharedKeyInfo(
                credential.endpoint().name(), credential.pskIdentity(), credential.key());
    }
}
