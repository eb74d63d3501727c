package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.Credential.Psk;
import wavegate.firmware.device.Endpoint;

/** Two modules with one pre-shared key, from two addresses, over DTLS. */
class CloneTest {
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final String CREDENTIAL = "{\"endpoint\": \"m-1\", \"identity\": \"id-1\", \"key\": \""
            + HexFormat.of().formatHex(KEY) + "\"}";
    private static final int MOST_CALLS = 20;

    @TempDir
    Path directory;

    private static DtlsPeer from(String own, InetSocketAddress coaps) throws IOException {
        return new DtlsPeer(coaps, InetAddress.getByName(own), "id-1", KEY, request -> null);
    }

    private static String registered(DtlsPeer peer) throws InterruptedException {
        var answer = peer.register("m-1");
        assertThat(answer.getCode()).isEqualTo(ResponseCode.CREATED);
        return answer.getOptions().getLocationPath().get(1);
    }

    private static boolean isSuspected(WholeServer whole) throws IOException {
        return whole.rest.get("/devices/m-1").path("cloneSuspected").asBoolean();
    }

    private static long lines(WholeServer whole) throws IOException {
        return whole.rest.all("/audit?action=suspectClone").size();
    }

    @Test
    void a_credential_in_use_from_two_places_is_revoked_and_both_are_cut_off() throws Exception {
        try (WholeServer whole = new WholeServer(directory, "credentials: {clones: revoke}")) {
            whole.rest.post("/credentials", CREDENTIAL);
            InetSocketAddress coaps = whole.server.coapsAddress().orElseThrow();
            try (DtlsPeer one = from("127.41.0.1", coaps);
                    DtlsPeer other = from("127.42.0.1", coaps)) {
                String id = registered(one);
                int calls = 1;
                long said = System.nanoTime();
                while (lines(whole) == 0 && calls < MOST_CALLS) {
                    said = System.nanoTime();
                    id = registered(calls % 2 == 0 ? one : other);
                    calls++;
                }
                await().pollInterval(Duration.ofMillis(5))
                        .atMost(Duration.ofSeconds(2))
                        .until(() -> whole.server.connections() == 0
                                && whole.server
                                        .sessions()
                                        .find(new Endpoint("m-1"))
                                        .isEmpty());
                Duration took = Duration.ofNanos(System.nanoTime() - said);
                System.out.printf(
                        "clones: revoked after %d registrations, both cut off %d ms after the last%n",
                        calls, took.toMillis());

                assertThat(took).isLessThan(Duration.ofSeconds(2));
                JsonNode credential =
                        whole.rest.get("/credentials/m-1").path("items").path(0);
                assertThat(credential.path("state").asText()).isEqualTo("REVOKED");
                assertThat(one.isHeard(id)).as("the one").isFalse();
                assertThat(other.isHeard(id)).as("the other").isFalse();
                assertThat(whole.server.connections()).isZero();
            }
        }
    }

    @Test
    void a_suspicion_outlives_a_restart_until_the_credential_is_changed() throws Exception {
        String token;
        try (WholeServer whole = new WholeServer(directory)) {
            token = whole.token;
            whole.rest.post("/credentials", CREDENTIAL);
            InetSocketAddress coaps = whole.server.coapsAddress().orElseThrow();
            try (DtlsPeer one = from("127.41.0.1", coaps);
                    DtlsPeer other = from("127.42.0.1", coaps)) {
                registered(one);
                await("known").until(() -> whole.server.view().deviceCount() == 1);
                int calls = 1;
                while (!isSuspected(whole) && calls < MOST_CALLS) {
                    registered(calls % 2 == 0 ? one : other);
                    calls++;
                }
                await("told").until(() -> lines(whole) == 1);
            }
        }
        try (WholeServer again = new WholeServer(directory)) {
            Rest rest = new Rest(again.server.httpPort(), token);
            assertThat(rest.get("/devices/m-1").path("cloneSuspected").asBoolean())
                    .isTrue();
            rest.post("/credentials/m-1/actions/rotate", "{\"identity\": \"id-2\", \"grace\": \"0s\"}");
            assertThat(rest.get("/devices/m-1").path("cloneSuspected").asBoolean())
                    .isFalse();
            assertThat(rest.all("/audit?action=suspectClone")).as("told once").hasSize(1);
        }
    }

    @Test
    void notifications_show_a_second_device_as_requests_do() throws Exception {
        try (ServerUnderTest server = new ServerUnderTest()) {
            server.knows(new Psk("m-1", "id-1", KEY));
            ObservedAnswers answers = new ObservedAnswers();
            InetSocketAddress coaps = server.address(Protocol.COAPS);
            try (DtlsPeer one = new DtlsPeer(server, "id-1", KEY, answers);
                    DtlsPeer other = new DtlsPeer(server, "id-1", KEY)) {
                answers.on(one.endpoint());
                one.register(ObservedAnswers.LINKS, "ep=m-1", "lt=300", "lwm2m=1.0");
                await("observed").until(() -> answers.tokens.containsKey("27001/0"));
                other.register("m-1");
                Notifier notifications = new Notifier(one.endpoint(), coaps);
                int said = 0;
                while (!server.endpoints.cloneSuspected("m-1") && said < MOST_CALLS) {
                    for (Map.Entry<String, Token> observation : answers.tokens.entrySet()) {
                        notifications.value(observation.getKey(), observation.getValue(), 1);
                    }
                    notifications.answered();
                    assertThat(other.register("m-1").getCode()).isEqualTo(ResponseCode.CREATED);
                    said++;
                }
                assertThat(server.endpoints.cloneSuspected("m-1")).isTrue();
            }
        }
    }
}
