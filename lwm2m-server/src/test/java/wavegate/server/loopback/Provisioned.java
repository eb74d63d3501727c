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

/** Gives devices credentials in the store of a server that does not run. */
final class Provisioned {
    private Provisioned() {}

    static void with(Path dataDir, Credential... credentials) throws IOException {
        SecureRandom random = new SecureRandom();
        try (SealedCredentialStore store = SealedCredentialStore.open(
                dataDir.resolve("credentials"), StoreKey.forData(dataDir, "", random), Clock.systemUTC(), random)) {
            for (Optional<CredentialRefused> refused : store.importAll(Use.LWM2M, List.of(credentials))) {
                if (refused.isPresent()) {
                    throw refused.get();
                }
            }
        }
    }
}
