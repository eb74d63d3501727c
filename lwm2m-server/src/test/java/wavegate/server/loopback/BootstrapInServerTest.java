package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Use;

/** A server with a bootstrap server inside, ordered about over its API. */
class BootstrapInServerTest {
    @TempDir
    private Path folder;

    private WholeServer serving(String rule) throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Provisioned.with(data, Use.BOOTSTRAP, new Credential.Psk("m-1", "bs-m-1", BootstrapUnderTest.KEY));
        Path file = Files.writeString(
                folder.resolve("bootstrap.yaml"),
                """
                coaps: {port: 0}
                rules:
                  - {name: factory, match: "m-*", lifetime: 300%s}
                """
                        .formatted(rule));
        return new WholeServer(folder, "bootstrap: {enabled: true, file: \"" + file + "\"}");
    }

    private static LeshanModule device(WholeServer server) {
        int port = bootstrap(server).address(Protocol.COAPS).orElseThrow().getPort();
        return new LeshanModule(
                "m-1",
                Security.pskBootstrap(
                        "coaps://127.0.0.1:" + port, "bs-m-1".getBytes(StandardCharsets.UTF_8), BootstrapUnderTest.KEY),
                Map.of(),
                true);
    }

    private static BootstrapServer bootstrap(WholeServer server) {
        return server.server.bootstrap().orElseThrow();
    }

    @Test
    void a_registered_device_is_asked_to_come_again_and_a_rotation_ends_when_it_uses_the_new_key() throws Exception {
        try (WholeServer server = serving("");
                LeshanModule module = device(server)) {
            server.knows(1, Duration.ofSeconds(20));
            await().until(() -> bootstrap(server).completed() == 1);
            JsonNode account = server.rest.get("/bootstrap/devices/m-1");
            assertThat(account.path("origin").asText()).isEqualTo("rule factory");
            assertThat(account.path("shard").asText()).isEqualTo("this");
            assertThat(account.at("/last/servers/0").asText()).startsWith("this=coaps://127.0.0.1:");

            server.rest.post("/devices/m-1/actions/bootstrap", "{}");
            await().atMost(Duration.ofSeconds(20)).until(() -> bootstrap(server).completed() == 2);
            server.knows(1, Duration.ofSeconds(20));
            module.registeredAt();

            JsonNode rotation = server.rest.post("/credential-rotations", "{\"perMinute\": 600}");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                JsonNode now = server.rest.get(
                        "/credential-rotations/" + rotation.path("id").asText());
                assertThat(now.path("state").asText()).as("%s", now).isEqualTo("completed");
                assertThat(now.path("done").asInt()).isEqualTo(1);
            });
            assertThat(bootstrap(server).completed()).isEqualTo(3);
            assertThat(server.rest.get("/bootstrap").at("/counters/completed").asInt())
                    .isEqualTo(3);
            await().untilAsserted(() -> assertThat(server.rest.get("/audit").toString())
                    .contains("bootstrap.session")
                    .contains("startCredentialRotation"));
        }
    }

    @Test
    void a_single_use_is_over_once_the_device_has_registered() throws Exception {
        try (WholeServer server = serving(", single-use: true");
                LeshanModule module = device(server)) {
            server.knows(1, Duration.ofSeconds(20));
            module.registeredAt();

            server.rest.post("/devices/m-1/actions/bootstrap", "{}");
            await().during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> bootstrap(server).completed() == 1);

            // One given since is another credential: a Register with what the first brought does not spend it.
            server.rest.post(
                    "/credentials", "{\"endpoint\": \"m-1\", \"use\": \"bootstrap\", \"identity\": \"bs-again\"}");
            bootstrap(server).registered("m-1");
            await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(5)).until(() -> server.rest
                    .get("/credentials/m-1")
                    .toString()
                    .contains("\"identity\":\"bs-again\",\"state\":\"ACTIVE\""));
        }
    }

    @Test
    void a_single_use_is_over_with_the_session_where_the_device_goes_to_another_server() throws Exception {
        Provisioned.with(
                folder.resolve("data"), Use.BOOTSTRAP, new Credential.Psk("m-1", "bs-m-1", BootstrapUnderTest.KEY));
        Path file = Files.writeString(
                folder.resolve("bootstrap.yaml"),
                """
                coaps: {port: 0}
                rules:
                  - {name: factory, match: "m-*", lifetime: 300, single-use: true, servers: [{short-server-id: 9, uri: "coap://127.0.0.1:9"}]}
                """);
        try (WholeServer server = new WholeServer(folder, "bootstrap: {enabled: true, file: \"" + file + "\"}");
                LeshanModule module = device(server)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> bootstrap(server).completed() == 1);
            assertThat(module.firmware.state).isZero();
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> server.rest.get("/credentials/m-1").toString().contains("REVOKED"));
        }
    }

    @Test
    void accounts_and_overrides_are_kept_over_a_restart() throws Exception {
        try (WholeServer server = serving("")) {
            assertThat(server.rest
                            .put(
                                    "/bootstrap/devices/pump-1",
                                    "{\"singleUse\": true, \"lifetime\": 60, \"labels\": {\"site-A\": \"x\"}}")
                            .path("labels"))
                    .hasToString("{\"site-A\":\"x\"}");
            server.rest.put("/bootstrap/overrides/pump-1", "{\"shard\": \"this\"}");
        }
        try (WholeServer server =
                new WholeServer(folder, "bootstrap: {enabled: true, file: \"" + folder + "/bootstrap.yaml\"}")) {
            assertThat(bootstrap(server)
                            .assignment("pump-1")
                            .orElseThrow()
                            .reason()
                            .name())
                    .isEqualTo("OVERRIDE");
        }
    }
}
