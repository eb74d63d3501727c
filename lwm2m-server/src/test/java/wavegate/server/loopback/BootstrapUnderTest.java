package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.core.endpoint.Protocol;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.bootstrap.CredentialSink;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;
import wavegate.bootstrap.shard.Shard;
import wavegate.server.registration.GuardedBootstrapSockets;

/** A bootstrap server on a port of its own, its data in a folder of the test. */
final class BootstrapUnderTest implements AutoCloseable {
    static final byte[] KEY = "bootstrap-key-16".getBytes(StandardCharsets.US_ASCII);
    static final BootstrapSettings.Listener OFF = new BootstrapSettings.Listener(false, "127.0.0.1", 0);
    static final BootstrapSettings.Listener ANY_PORT = new BootstrapSettings.Listener(true, "127.0.0.1", 0);

    /** Devices of fixed servers bring keys that are known. */
    static final CredentialSink NO_SHARDS = new CredentialSink() {
        @Override
        public CompletionStage<Void> provide(Shard shard, Credential credential) {
            return CompletableFuture.failedFuture(new IllegalStateException("no shards here"));
        }

        @Override
        public CompletionStage<Void> withdraw(Shard shard, String endpoint) {
            return CompletableFuture.failedFuture(new IllegalStateException("no shards here"));
        }
    };

    record Audited(String action, String subject, Map<String, String> details) {}

    final SealedCredentialStore store;
    final Accounts accounts;
    final BootstrapServer server;
    final List<Audited> audited = new CopyOnWriteArrayList<>();

    BootstrapUnderTest(Path folder, BootstrapSettings settings, CredentialSink sink, boolean seesRegistrations)
            throws IOException {
        SecureRandom random = new SecureRandom();
        Path data = Files.createDirectories(folder.resolve("bootstrap"));
        store = SealedCredentialStore.open(
                data.resolve("credentials"), StoreKey.forData(data, "", random), Clock.systemUTC(), random);
        accounts = Accounts.open(data.resolve("accounts"), settings.rules());
        server = new BootstrapServer(
                settings,
                new BootstrapServer.Ports(
                        store,
                        sink,
                        accounts,
                        (actor, action, subject, details) -> audited.add(new Audited(action, subject, details)),
                        new GuardedBootstrapSockets(settings.process().datagrams(), store, null, random),
                        name -> seesRegistrations),
                Clock.systemUTC(),
                random);
        server.start();
    }

    /** A credential as the factory would have given it: identity {@code bs-ENDPOINT}, {@link #KEY}. */
    void knows(String... endpoints) throws IOException {
        for (String endpoint : endpoints) {
            store.put(Use.BOOTSTRAP, new Credential.Psk(endpoint, "bs-" + endpoint, KEY));
        }
    }

    LeshanModule device(String endpoint, String identity) {
        return device(endpoint, identity, 0);
    }

    /** @param securityInstance where the device keeps its bootstrap account */
    LeshanModule device(String endpoint, String identity, int securityInstance) {
        Security security = Security.pskBootstrap(uri(), identity.getBytes(StandardCharsets.UTF_8), KEY);
        security.setId(securityInstance);
        return new LeshanModule(endpoint, security, Map.of(), true);
    }

    String uri() {
        return "coaps://127.0.0.1:"
                + server.address(Protocol.COAPS).orElseThrow().getPort();
    }

    @Override
    public void close() {
        server.close();
        store.close();
        try {
            accounts.close();
        } catch (IOException e) {
            assertThat(e).isNull();
        }
    }
}
