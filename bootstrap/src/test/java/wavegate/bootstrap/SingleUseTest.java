package wavegate.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.account.Terms;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;
import wavegate.bootstrap.shard.Shard;

class SingleUseTest {
    @TempDir
    private Path folder;

    private static final class Nowhere implements CredentialSink {
        @Override
        public CompletionStage<Void> provide(Shard shard, Credential credential) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> withdraw(Shard shard, String endpoint) {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Fails to revoke, once. */
    private static CredentialStore failingOnce(CredentialStore store) {
        AtomicBoolean fails = new AtomicBoolean(true);
        return (CredentialStore) Proxy.newProxyInstance(
                CredentialStore.class.getClassLoader(),
                new Class<?>[] {CredentialStore.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("revoke") && fails.getAndSet(false)) {
                        throw new IOException("disk");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void a_credential_that_could_not_be_taken_away_is_when_its_device_registers_again() throws IOException {
        SecureRandom random = new SecureRandom();
        Account account = new Account(
                "m-1",
                new Terms(Terms.KeyKind.PSK, List.of(Terms.Place.assigned(1)), 300, "U", true, false),
                new TreeMap<>(),
                "test",
                Optional.empty());
        try (Accounts accounts = Accounts.open(folder.resolve("accounts"), List.of());
                CredentialStore store = SealedCredentialStore.open(
                        folder.resolve("data/credentials"),
                        StoreKey.forData(folder.resolve("data"), "", random),
                        Clock.systemUTC(),
                        random)) {
            store.put(Use.BOOTSTRAP, new Credential.Psk("m-1", "factory", new byte[16]));
            Provisioning provisioning = new Provisioning(
                    accounts,
                    failingOnce(store),
                    new Nowhere(),
                    List.of(new Provisioning.ShardTerms(
                            new Shard("eu-1", "coaps://eu-1:5684", 1), new byte[0], "", "")),
                    Map.of(),
                    Clock.systemUTC(),
                    random);
            SingleUse uses = new SingleUse(provisioning, Runnable::run, shard -> true);
            uses.told(account, new Provisioning.Provided(List.of(), List.of("eu-1=coaps://eu-1:5684")));

            uses.registered("m-1");
            assertThat(store.valid(Use.BOOTSTRAP, "m-1")).hasSize(1);
            uses.registered("m-1");
            assertThat(store.valid(Use.BOOTSTRAP, "m-1")).isEmpty();
        }
    }
}
