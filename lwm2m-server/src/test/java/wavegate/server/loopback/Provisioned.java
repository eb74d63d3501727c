package wavegate.server.loopback;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;

/** Gives devices credentials, and takes them, in the store of a server that does not run. */
final class Provisioned {
    private Provisioned() {}

    private static SealedCredentialStore open(Path dataDir) throws IOException {
        SecureRandom random = new SecureRandom();
        return SealedCredentialStore.open(
                dataDir.resolve("credentials"), StoreKey.forData(dataDir, "", random), Clock.systemUTC(), random);
    }

    static void with(Path dataDir, Credential... credentials) throws IOException {
        with(dataDir, Use.LWM2M, credentials);
    }

    static void with(Path dataDir, Use use, Credential... credentials) throws IOException {
        try (SealedCredentialStore store = open(dataDir)) {
            for (Optional<CredentialRefused> refused : store.importAll(use, List.of(credentials))) {
                if (refused.isPresent()) {
                    throw refused.get();
                }
            }
        }
    }

    static void revoked(Path dataDir, String endpoint) throws IOException {
        try (SealedCredentialStore store = open(dataDir)) {
            store.revoke(Use.LWM2M, endpoint, "while the server was down");
        }
    }
}
