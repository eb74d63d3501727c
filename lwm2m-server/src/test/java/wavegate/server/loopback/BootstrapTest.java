package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.BootstrapAccount;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.bootstrap.credential.Credential;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.SessionDirectory.Session;

/** A device that knows nothing but its bootstrap key ends registered over CoAPS. */
class BootstrapTest {
    private static final byte[] BOOTSTRAP_KEY = "bootstrap-key-16".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SERVER_KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private ServerUnderTest server;
    private BootstrapServer bootstrap;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest();
        server.knows(new Credential.Psk("m-1", "id-1", SERVER_KEY));
        bootstrap = new BootstrapServer(new BootstrapSettings(
                new BootstrapSettings.Listener(false, "127.0.0.1", 0),
                new BootstrapSettings.Listener(true, "127.0.0.1", 0),
                List.of(new BootstrapAccount(
                        "m-1", "bs-1", BOOTSTRAP_KEY, server.coapsUri(), "id-1", SERVER_KEY, 123, "U"))));
        bootstrap.start();
    }

    @AfterEach
    void stop() {
        bootstrap.close();
        server.close();
    }

    private LeshanModule cameWith(String endpoint, String identity) {
        return cameWith(endpoint, identity, 0);
    }

    private LeshanModule cameWith(String endpoint, String identity, int securityInstance) {
        String uri = "coaps://127.0.0.1:"
                + bootstrap.address(Protocol.COAPS).orElseThrow().getPort();
        Security security = Security.pskBootstrap(uri, identity.getBytes(StandardCharsets.UTF_8), BOOTSTRAP_KEY);
        security.setId(securityInstance);
        return new LeshanModule(endpoint, security, Map.of(), true);
    }

    @Test
    void a_device_comes_with_a_bootstrap_key_and_registers_with_the_one_it_was_given() {
        try (LeshanModule module = cameWith("m-1", "bs-1")) {
            server.inbox.registered(new Endpoint("m-1"));

            Session session = server.sessions.find(new Endpoint("m-1")).orElseThrow();
            assertThat(session.lifetime()).isEqualTo(Duration.ofSeconds(123));
            await().until(() -> bootstrap.completed() == 1);
            assertThat(bootstrap.failed()).isZero();
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void a_device_that_keeps_its_bootstrap_account_at_another_instance_is_given_a_free_one() {
        try (LeshanModule module = cameWith("m-1", "bs-1", 1)) {
            server.inbox.registered(new Endpoint("m-1"));

            assertThat(module.client.getObjectTree().getObjectEnabler(0).getAvailableInstanceIds())
                    .containsExactlyInAnyOrder(0, 1);
        }
    }

    @Test
    void a_key_fetches_no_other_devices_account() {
        try (LeshanModule module = cameWith("m-2", "bs-1")) {
            await().until(() -> bootstrap.failed() > 0);
            assertThat(bootstrap.completed()).isZero();
            assertThat(server.inbox.inputs()).isEmpty();
            assertThat(module.firmware.state).isZero();
        }
    }
}
