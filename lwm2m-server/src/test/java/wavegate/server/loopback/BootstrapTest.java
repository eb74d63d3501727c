package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.BootstrapAccount;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.SessionDirectory.Session;

/** A device that knows nothing but its bootstrap key ends registered over CoAPS, with keys that stand in the file. */
class BootstrapTest {
    private static final byte[] SERVER_KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    private ServerUnderTest server;
    private BootstrapUnderTest bootstrap;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest();
        server.knows(new Credential.Psk("m-1", "id-1", SERVER_KEY));
        bootstrap = started();
    }

    private BootstrapUnderTest started() throws IOException {
        return new BootstrapUnderTest(
                folder,
                new BootstrapSettings(
                        BootstrapUnderTest.OFF,
                        BootstrapUnderTest.ANY_PORT,
                        List.of(new BootstrapAccount(
                                "m-1",
                                "bs-1",
                                BootstrapUnderTest.KEY,
                                server.coapsUri(),
                                "id-1",
                                SERVER_KEY,
                                123,
                                "U"))),
                BootstrapUnderTest.NO_SHARDS,
                false);
    }

    @AfterEach
    void stop() {
        bootstrap.close();
        server.close();
    }

    @Test
    void a_device_comes_with_a_bootstrap_key_and_registers_with_the_one_it_was_given() {
        try (LeshanModule module = bootstrap.device("m-1", "bs-1")) {
            server.inbox.registered(new Endpoint("m-1"));

            Session session = server.sessions.find(new Endpoint("m-1")).orElseThrow();
            assertThat(session.lifetime()).isEqualTo(Duration.ofSeconds(123));
            await().until(() -> bootstrap.server.completed() == 1);
            assertThat(bootstrap.server.failed()).isZero();
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void a_device_that_keeps_its_bootstrap_account_at_another_instance_is_given_a_free_one() {
        try (LeshanModule module = bootstrap.device("m-1", "bs-1", 1)) {
            server.inbox.registered(new Endpoint("m-1"));

            assertThat(module.client.getObjectTree().getObjectEnabler(0).getAvailableInstanceIds())
                    .containsExactlyInAnyOrder(0, 1);
        }
    }

    @Test
    void a_key_fetches_no_other_devices_account() {
        try (LeshanModule module = bootstrap.device("m-2", "bs-1")) {
            await().until(() -> bootstrap.server.failed() > 0);
            assertThat(bootstrap.server.completed()).isZero();
            assertThat(server.inbox.inputs()).isEmpty();
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void a_restart_takes_the_file_over_once() throws IOException {
        bootstrap.close();
        bootstrap = started();

        assertThat(bootstrap.accounts.count()).isEqualTo(1);
        assertThat(bootstrap.store.count(Use.BOOTSTRAP)).isEqualTo(1);
    }
}
