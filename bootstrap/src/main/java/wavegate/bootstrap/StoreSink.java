package wavegate.bootstrap;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;
import wavegate.bootstrap.shard.Shard;

/** Gives credentials to a store in this process. Blocks for one write to the disk. */
public final class StoreSink implements CredentialSink {
    private final CredentialStore store;
    private final Duration grace;
    private final SecureRandom random;

    /** @param grace how long the credential before stays good if the new one is never used */
    public StoreSink(CredentialStore store, Duration grace, SecureRandom random) {
        this.store = store;
        this.grace = grace;
        this.random = random;
    }

    @Override
    public CompletionStage<Void> provide(Shard shard, Credential credential) {
        return rotate(credential, grace);
    }

    /** By a key that nobody is given: a revocation would keep the device out for good. */
    @Override
    public CompletionStage<Void> withdraw(Shard shard, String endpoint) {
        return store.valid(Use.LWM2M, endpoint).isEmpty()
                ? CompletableFuture.completedFuture(null)
                : rotate(FreshKeys.psk(endpoint, random), Duration.ZERO);
    }

    private CompletionStage<Void> rotate(Credential credential, Duration how) {
        try {
            store.rotate(Use.LWM2M, credential, how);
            return CompletableFuture.completedFuture(null);
        } catch (CredentialRefused e) {
            return e.why() == CredentialRefused.Why.SAME
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(e);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
