package wavegate.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.Provisioning.Provided;
import wavegate.bootstrap.Provisioning.ShardTerms;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.account.Accounts;
import wavegate.bootstrap.account.Terms;
import wavegate.bootstrap.account.Terms.KeyKind;
import wavegate.bootstrap.account.Terms.Place;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.plan.ServerAccount;
import wavegate.bootstrap.shard.Shard;

class ProvisioningTest {
    private static final Shard SHARD = new Shard("eu-1", "coaps://eu-1:5684", 1);

    private final SecureRandom random = new SecureRandom();
    private final List<Credential> told = new ArrayList<>();

    @TempDir
    private Path folder;

    private Accounts accounts;
    private SealedCredentialStore store;

    @BeforeEach
    void open() throws IOException {
        accounts = Accounts.open(folder.resolve("accounts"), List.of());
        store = SealedCredentialStore.open(
                folder.resolve("data/credentials"),
                StoreKey.forData(folder.resolve("data"), "", random),
                Clock.systemUTC(),
                random);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        accounts.close();
    }

    private final class Told implements CredentialSink {
        @Override
        public CompletionStage<Void> provide(Shard shard, Credential credential) {
            told.add(credential);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> withdraw(Shard shard, String endpoint) {
            return CompletableFuture.completedFuture(null);
        }
    }

    private Provisioning at(String oscoreUri) {
        return new Provisioning(
                accounts,
                store,
                new Told(),
                List.of(new ShardTerms(SHARD, new byte[0], "", oscoreUri)),
                Map.of(),
                Clock.systemUTC(),
                random);
    }

    private static Account account(KeyKind keys) {
        return new Account(
                "m-1",
                new Terms(keys, List.of(Place.assigned(1)), 300, "U", false, false),
                new TreeMap<>(),
                "test",
                Optional.empty());
    }

    private static Provided prepared(Provisioning provisioning, KeyKind keys) {
        return provisioning.prepare(account(keys)).toCompletableFuture().join();
    }

    @Test
    void a_device_has_the_other_end_of_the_context_its_server_was_told_of() {
        Provided provided = prepared(at("coap://eu-1:5685"), KeyKind.OSCORE);

        ServerAccount server = provided.accounts().get(0);
        assertThat(server.uri()).isEqualTo("coap://eu-1:5685");
        assertThat(provided.servers()).containsExactly("eu-1=coap://eu-1:5685");
        assertThat(server.keys().mode()).isEqualTo(3);
        ServerAccount.OscoreKeys ofDevice = server.oscore().orElseThrow();
        byte[] servers = ofDevice.recipientId();
        byte[] devices = ofDevice.senderId();
        assertThat(told)
                .containsExactly(
                        new Credential.Oscore("m-1", servers, devices, ofDevice.masterSecret(), ofDevice.masterSalt()));
    }

    @Test
    void after_a_session_that_failed_a_key_is_given_again_and_an_oscore_context_never() {
        Provisioning provisioning = at("coap://eu-1:5685");
        for (KeyKind keys : List.of(KeyKind.PSK, KeyKind.PSK, KeyKind.OSCORE, KeyKind.OSCORE)) {
            prepared(provisioning, keys);
        }

        assertThat(told.get(1)).isEqualTo(told.get(0));
        Credential.Oscore first = (Credential.Oscore) told.get(2);
        Credential.Oscore second = (Credential.Oscore) told.get(3);
        assertThat(second.masterSecret()).isNotEqualTo(first.masterSecret());
        assertThat(second.recipientId()).isNotEqualTo(first.recipientId());
    }

    @Test
    void a_shard_that_does_not_speak_oscore_is_told_of_no_context() {
        assertThatThrownBy(() -> prepared(at(""), KeyKind.OSCORE))
                .hasRootCauseMessage("no oscore-uri of shard eu-1 (needed for OSCORE)");
        assertThat(told).isEmpty();
    }
}
