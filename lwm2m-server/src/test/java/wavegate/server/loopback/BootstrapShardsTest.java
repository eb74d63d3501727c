package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.BootstrapCounters.Event;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.bootstrap.BootstrapSettings.Limits;
import wavegate.bootstrap.BootstrapSettings.ShardAccess;
import wavegate.bootstrap.CredentialSink;
import wavegate.bootstrap.StoreSink;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.account.Rule;
import wavegate.bootstrap.account.Terms;
import wavegate.bootstrap.account.Terms.KeyKind;
import wavegate.bootstrap.account.Terms.Place;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;
import wavegate.bootstrap.shard.Shard;
import wavegate.firmware.device.Endpoint;

/** Devices with a factory credential, spread over two servers, with keys made for them. */
class BootstrapShardsTest {
    private static final Terms ONE = new Terms(KeyKind.PSK, List.of(Place.assigned(1)), 300, "U", false, false);
    private static final Terms ONCE = new Terms(KeyKind.PSK, List.of(Place.assigned(1)), 300, "U", true, false);

    @TempDir
    private Path folder;

    private ServerUnderTest east;
    private ServerUnderTest west;
    private BootstrapUnderTest bootstrap;

    @BeforeEach
    void start() throws Exception {
        east = new ServerUnderTest();
        west = new ServerUnderTest();
    }

    @AfterEach
    void stop() {
        bootstrap.close();
        east.close();
        west.close();
    }

    private final class BothStores implements CredentialSink {
        private final Map<String, CredentialSink> sinks = new HashMap<>();
        volatile boolean deaf;

        BothStores() {
            sinks.put("east", new StoreSink(east.credentials, Duration.ofDays(1), new SecureRandom()));
            sinks.put("west", new StoreSink(west.credentials, Duration.ofDays(1), new SecureRandom()));
        }

        @Override
        public CompletionStage<Void> provide(Shard shard, Credential credential) {
            return deaf
                    ? CompletableFuture.failedFuture(new IOException("deaf"))
                    : sinks.get(shard.name()).provide(shard, credential);
        }

        @Override
        public CompletionStage<Void> withdraw(Shard shard, String endpoint) {
            return sinks.get(shard.name()).withdraw(shard, endpoint);
        }
    }

    private BothStores serving(Terms terms, Limits limits) throws IOException {
        BothStores sink = new BothStores();
        bootstrap = new BootstrapUnderTest(
                folder,
                new BootstrapSettings(
                        BootstrapUnderTest.OFF,
                        BootstrapUnderTest.ANY_PORT,
                        limits,
                        List.of(
                                ShardAccess.inProcess(new Shard("east", east.coapsUri(), 1)),
                                ShardAccess.inProcess(new Shard("west", west.coapsUri(), 1))),
                        List.of(new Rule("factory", "m-*", terms, new TreeMap<>())),
                        Map.of(),
                        List.of(),
                        BootstrapSettings.OwnProcess.DEFAULT),
                sink,
                false);
        return sink;
    }

    private ServerUnderTest homeOf(String endpoint) {
        return bootstrap
                        .server
                        .assignment(endpoint)
                        .orElseThrow()
                        .shard()
                        .name()
                        .equals("east")
                ? east
                : west;
    }

    private static String only(CredentialStore store, String endpoint) {
        List<Credential> valid = store.valid(Use.LWM2M, endpoint);
        assertThat(valid).hasSize(1);
        return ((Credential.Psk) valid.get(0)).identity();
    }

    @Test
    void a_factory_credential_is_enough_to_be_given_a_key_and_a_shard() throws Exception {
        serving(ONE, Limits.DEFAULT);
        bootstrap.knows("m-1", "m-2", "m-3", "m-4");
        for (String endpoint : List.of("m-1", "m-2", "m-3", "m-4")) {
            try (LeshanModule module = bootstrap.device(endpoint, "bs-" + endpoint)) {
                homeOf(endpoint).inbox.registered(new Endpoint(endpoint));
                assertThat(module.firmware.state).isZero();
            }
        }

        await().until(() -> bootstrap.server.completed() == 4);
        assertThat(bootstrap.accounts.page("", 9)).extracting(Account::origin).containsOnly("rule factory");
        assertThat(east.credentials.count(Use.LWM2M) + west.credentials.count(Use.LWM2M))
                .isEqualTo(4);
        assertThat(bootstrap.audited).hasSize(4).allSatisfy(audit -> {
            assertThat(audit.details()).containsEntry("outcome", "completed").containsEntry("written", "/0/1 /1/0");
            assertThat(audit.details().get("address")).startsWith("127.0.0.1:");
        });
    }

    @Test
    void a_device_that_comes_again_is_emptied_and_its_earlier_key_ends_with_the_use_of_the_new_one() throws Exception {
        serving(ONE, Limits.DEFAULT);
        bootstrap.knows("m-1");
        ServerUnderTest home = homeOf("m-1");
        String first;
        try (LeshanModule module = bootstrap.device("m-1", "bs-m-1")) {
            home.inbox.registered(new Endpoint("m-1"));
            first = only(home.credentials, "m-1");

            module.client.triggerClientInitiatedBootstrap(true);
            await().until(() -> bootstrap.server.completed() == 2);
            await().untilAsserted(
                            () -> assertThat(only(home.credentials, "m-1")).isNotEqualTo(first));
            assertThat(bootstrap.audited.get(1).details())
                    .containsEntry("had", "/0 [0, 1] /1 [0]")
                    .containsEntry("written", "-/0 -/1 /0/1 /1/0");
        }
    }

    @Test
    void a_device_sent_elsewhere_by_name_leaves_nothing_behind() throws Exception {
        serving(ONE, Limits.DEFAULT);
        bootstrap.knows("m-1");
        ServerUnderTest before = homeOf("m-1");
        ServerUnderTest after = before == east ? west : east;
        try (LeshanModule module = bootstrap.device("m-1", "bs-m-1")) {
            before.inbox.registered(new Endpoint("m-1"));
            String old = only(before.credentials, "m-1");

            bootstrap.accounts.override("m-1", after == east ? "east" : "west");
            module.client.triggerClientInitiatedBootstrap(true);
            after.inbox.registered(new Endpoint("m-1"));

            await().untilAsserted(
                            () -> assertThat(only(before.credentials, "m-1")).isNotEqualTo(old));
            assertThat(before.credentials.byIdentity(Use.LWM2M, old)).isEmpty();
        }
    }

    @Test
    void two_servers_are_written_each_with_a_key_of_its_own() throws Exception {
        serving(
                new Terms(
                        KeyKind.PSK,
                        List.of(
                                new Place(5, "east", "", new TreeSet<>(List.of(3))),
                                new Place(9, "west", "", new TreeSet<>())),
                        300,
                        "U",
                        false,
                        false),
                Limits.DEFAULT);
        bootstrap.knows("m-1");
        try (LeshanModule module = bootstrap.device("m-1", "bs-m-1", 1)) {
            await().until(() -> bootstrap.server.completed() == 1);

            assertThat(ids(module, 0)).containsExactlyInAnyOrder(0, 1, 2);
            assertThat(ids(module, 1)).containsExactlyInAnyOrder(0, 1);
            assertThat(only(east.credentials, "m-1")).isNotEqualTo(only(west.credentials, "m-1"));
            assertThat(bootstrap.audited.get(0).details())
                    .containsEntry("written", "/0/0 /0/2 /1/0 /1/1")
                    .containsEntry("notes", "no access control: the device did not name object 2");
        }
    }

    private static java.util.Collection<Integer> ids(LeshanModule module, int object) {
        return module.client.getObjectTree().getObjectEnabler(object).getAvailableInstanceIds();
    }

    @Test
    void a_credential_for_a_single_use_opens_no_second_session() throws Exception {
        serving(ONCE, Limits.DEFAULT);
        bootstrap.knows("m-1");
        try (LeshanModule module = bootstrap.device("m-1", "bs-m-1")) {
            homeOf("m-1").inbox.registered(new Endpoint("m-1"));
            await().until(() -> bootstrap.store.valid(Use.BOOTSTRAP, "m-1").isEmpty());
            assertThat(module.firmware.state).isZero();
        }
        try (LeshanModule again = bootstrap.device("m-1", "bs-m-1")) {
            await().during(Duration.ofSeconds(2))
                    .until(() -> bootstrap.server.counters().of(Event.STARTED) == 1);
            assertThat(again.firmware.state).isZero();
        }
    }

    @Test
    void a_device_whose_credential_was_revoked_is_given_no_other() throws Exception {
        serving(ONE, Limits.DEFAULT);
        bootstrap.knows("m-1");
        bootstrap.store.put(Use.LWM2M, new Credential.Psk("m-1", "id-1", BootstrapUnderTest.KEY));
        bootstrap.store.revoke(Use.LWM2M, "m-1", "stolen");
        try (LeshanModule module = bootstrap.device("m-1", "bs-m-1")) {
            await().until(() -> bootstrap.server.counters().of(Event.REVOKED) > 0);
            assertThat(bootstrap.server.counters().of(Event.STARTED)).isZero();
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void nothing_is_written_before_the_server_knows_the_key_and_the_same_key_is_given_next_time() throws Exception {
        BothStores sink = serving(ONE, Limits.DEFAULT);
        bootstrap.knows("m-1");
        sink.deaf = true;
        try (LeshanModule module = bootstrap.device("m-1", "bs-m-1")) {
            await().until(() -> bootstrap.server.counters().of(Event.FAILED) == 1);
            assertThat(ids(module, 0)).containsExactly(0);
            assertThat(bootstrap.audited.get(0).details())
                    .containsEntry("written", "")
                    .containsEntry("reason", "its servers could not be told: IOException");
        }
        sink.deaf = false;
        try (LeshanModule module = bootstrap.device("m-1", "bs-m-1")) {
            homeOf("m-1").inbox.registered(new Endpoint("m-1"));
            assertThat(only(homeOf("m-1").credentials, "m-1")).isNotEmpty();
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void a_device_that_hammers_is_refused_before_any_key_is_made() throws Exception {
        Limits d = Limits.DEFAULT;
        serving(ONE, new Limits(100, 1, 100, d.answer(), d.session(), d.grace()));
        bootstrap.knows("m-1");
        try (LeshanModule module = bootstrap.device("m-1", "bs-m-1")) {
            homeOf("m-1").inbox.registered(new Endpoint("m-1"));
            String first = only(homeOf("m-1").credentials, "m-1");
            module.client.triggerClientInitiatedBootstrap(true);

            await().until(() -> bootstrap.server.counters().of(Event.TOO_OFTEN) > 0);
            assertThat(only(homeOf("m-1").credentials, "m-1")).isEqualTo(first);
        }
    }
}
