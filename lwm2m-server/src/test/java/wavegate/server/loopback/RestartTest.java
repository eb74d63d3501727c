package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.leshan.client.object.Security;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.Credential;
import wavegate.config.SettingsReader;
import wavegate.firmware.device.Endpoint;
import wavegate.server.Server;
import wavegate.server.rollout.SessionDirectory.Session;

/** A server that is started again on the same ports knows its devices. */
class RestartTest {
    private static final Endpoint ENDPOINT = new Endpoint("m-1");
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path data;

    private int coap;
    private int coaps;

    @BeforeEach
    void choosePorts() throws IOException {
        try (DatagramSocket one = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            coap = one.getLocalPort();
            coaps = other.getLocalPort();
        }
    }

    private Server server() throws IOException {
        return new Server(
                SettingsReader.parse(
                        """
                        data-dir: "%s/data"
                        coap: {enabled: true, host: 127.0.0.1, port: %d}
                        coaps: {enabled: true, host: 127.0.0.1, port: %d}
                        http: {host: 127.0.0.1, port: 0}
                        rollout: {tick: 50ms}
                        """
                                .formatted(data, coap, coaps),
                        Map.of()),
                token -> {},
                failure -> {});
    }

    private static Session registered(Server server) {
        await("registered and read").atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(server.sessions().find(ENDPOINT)).isPresent();
            assertThat(server.view()
                            .devices(device -> device.firmware().known(), "", 10)
                            .items())
                    .hasSize(1);
        });
        return server.sessions().find(ENDPOINT).orElseThrow();
    }

    @Test
    void a_device_is_reached_after_a_restart_and_its_update_is_taken() throws Exception {
        try (LeshanModule module =
                new LeshanModule("m-1", Security.noSec("coap://127.0.0.1:" + coap, 1), Map.of("region", "eu"))) {
            Session before;
            try (Server first = server()) {
                before = registered(first);
            }
            try (Server second = server()) {
                Session restored = second.sessions().find(ENDPOINT).orElseThrow();
                assertThat(restored).isEqualTo(before);

                // The trigger is a request to the device, which answers it with a Registration Update.
                await("reachable")
                        .atMost(Duration.ofSeconds(10))
                        .ignoreExceptions()
                        .untilAsserted(
                                () -> second.loop().operations().wake(ENDPOINT).get(5, TimeUnit.SECONDS));
                await("updated").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                                second.sessions().find(ENDPOINT).orElseThrow().lastSeen())
                        .isAfter(before.lastSeen()));
                assertThat(second.sessions().find(ENDPOINT).orElseThrow().registrationId())
                        .isEqualTo(before.registrationId());
                assertThat(module.firmware.state).isZero();
            }
        }
    }

    @Test
    void a_device_with_a_key_is_still_bound_to_it_after_a_restart() throws Exception {
        Provisioned.with(data.resolve("data"), new Credential.Psk("m-1", "psk-1", KEY));
        Session before;
        try (Server first = server();
                LeshanModule module = new LeshanModule(
                        "m-1",
                        Security.psk("coaps://127.0.0.1:" + coaps, 1, "psk-1".getBytes(StandardCharsets.US_ASCII), KEY),
                        Map.of())) {
            before = registered(first);
            assertThat(module.firmware.state).isZero();
        }
        try (Server second = server()) {
            assertThat(second.sessions().find(ENDPOINT)).contains(before);

            CoapEndpoint socket = CoapEndpoint.builder()
                    .setConfiguration(Configuration.createStandardWithoutFile())
                    .build();
            CoapClient stranger = new CoapClient("coap://127.0.0.1:" + coap + "/rd/" + before.registrationId());
            CoapResponse answer =
                    stranger.setEndpoint(socket).setTimeout(10_000L).post("", 0);
            socket.destroy();
            assertThat(answer.getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(second.sessions().find(ENDPOINT)).contains(before);

            try (LeshanModule back = new LeshanModule(
                    "m-1",
                    Security.psk("coaps://127.0.0.1:" + coaps, 1, "psk-1".getBytes(StandardCharsets.US_ASCII), KEY),
                    Map.of())) {
                await("back").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                                second.sessions().find(ENDPOINT).orElseThrow().registrationId())
                        .isNotEqualTo(before.registrationId()));
                assertThat(back.firmware.state).isZero();
            }
        }
    }

    @Test
    void a_planned_restart_costs_no_handshake_and_no_file_outlives_its_use() throws Exception {
        Provisioned.with(data.resolve("data"), new Credential.Psk("m-1", "psk-1", KEY));
        Path saved = data.resolve("data/dtls-connections");
        Server first = server();
        try (LeshanModule module = new LeshanModule(
                "m-1",
                Security.psk("coaps://127.0.0.1:" + coaps, 1, "psk-1".getBytes(StandardCharsets.US_ASCII), KEY),
                Map.of())) {
            Session before = registered(first);
            assertThat(first.handshakes()).isEqualTo(1);
            first.close();
            assertThat(saved).exists();
            byte[] copy = Files.readAllBytes(saved);

            try (Server second = server()) {
                assertThat(saved).doesNotExist();
                module.client.triggerRegistrationUpdate();
                await("updated").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                                second.sessions().find(ENDPOINT).orElseThrow().lastSeen())
                        .isAfter(before.lastSeen()));
                assertThat(second.sessions().find(ENDPOINT).orElseThrow().registrationId())
                        .isEqualTo(before.registrationId());
                // A downlink request too: the server's own record numbers went on.
                second.loop().operations().wake(ENDPOINT).get(5, TimeUnit.SECONDS);
                assertThat(second.handshakes()).isZero();
                System.out.printf(
                        "restart: %d handshakes after it, %d bytes saved%n", second.handshakes(), copy.length);
            }
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void connections_of_an_older_close_are_not_brought_back() throws Exception {
        Provisioned.with(data.resolve("data"), new Credential.Psk("m-1", "psk-1", KEY));
        Path saved = data.resolve("data/dtls-connections");
        Server first = server();
        try (LeshanModule module = new LeshanModule(
                "m-1",
                Security.psk("coaps://127.0.0.1:" + coaps, 1, "psk-1".getBytes(StandardCharsets.US_ASCII), KEY),
                Map.of())) {
            registered(first);
            first.close();
            byte[] older = Files.readAllBytes(saved);
            server().close();
            Files.write(saved, older);

            try (Server third = server()) {
                assertThat(third.connections()).isZero();
                assertThat(saved).doesNotExist();
            }
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void a_credential_revoked_while_the_server_was_down_has_no_connection_afterwards() throws Exception {
        Provisioned.with(data.resolve("data"), new Credential.Psk("m-1", "psk-1", KEY));
        Server first = server();
        try (LeshanModule module = new LeshanModule(
                "m-1",
                Security.psk("coaps://127.0.0.1:" + coaps, 1, "psk-1".getBytes(StandardCharsets.US_ASCII), KEY),
                Map.of())) {
            registered(first);
            first.close();
            Provisioned.revoked(data.resolve("data"), "m-1");

            try (Server second = server()) {
                await().until(() -> second.connections() == 0);
                assertThat(second.sessions().find(ENDPOINT)).isEmpty();
            }
            assertThat(module.firmware.state).isZero();
        }
    }
}
