package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.servers.DmServerInfo;
import org.eclipse.leshan.client.servers.ServersInfo;
import org.eclipse.leshan.client.servers.ServersInfoExtractor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code wavegate bootstrap} as a process of its own, beside a server that it tells of keys over its API. */
class BootstrapProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Not the token of any server, and long enough to be known again wherever it turns up. */
    private static final String WRONG_TOKEN = "wg_0123456789abcdefWRONG0123456789abcdef";

    @TempDir
    private Path folder;

    private Path data;
    private Path file;
    private Path token;
    private int port;

    @BeforeEach
    void paths() throws IOException {
        data = folder.resolve("bootstrap-data");
        file = folder.resolve("bootstrap.yaml");
        token = folder.resolve("shard.token");
        port = ServerUnderTest.freePort();
    }

    private void configured(WholeServer server, String tokenForIt) throws IOException {
        Files.writeString(token, tokenForIt + "\n");
        Files.writeString(
                file,
                """
                data-dir: "%1$s"
                coaps: {host: 127.0.0.1, port: %2$d}
                shards:
                  - {name: one, uri: "coaps://127.0.0.1:%3$d", api: "http://127.0.0.1:%4$d", token-file: "%5$s"}
                rules:
                  - {name: factory, match: "m-*", lifetime: 300}
                devices:
                  - {endpoint: m-1, bootstrap-identity: bs-m-1, bootstrap-key: "%6$s"}
                """
                        .formatted(
                                data,
                                port,
                                coapsPort(server),
                                server.server.httpPort(),
                                token,
                                HexFormat.of().formatHex(BootstrapUnderTest.KEY)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private ChildServer bootstrap(String output) throws IOException {
        ChildServer process =
                ChildServer.start(folder.resolve(output), Map.of(), "bootstrap", "--config", file.toString());
        process.says("bootstrap listening uri=");
        return process;
    }

    private LeshanModule device() {
        return new LeshanModule(
                "m-1",
                Security.pskBootstrap(
                        "coaps://127.0.0.1:" + port, "bs-m-1".getBytes(StandardCharsets.UTF_8), BootstrapUnderTest.KEY),
                Map.of(),
                true);
    }

    private static int coapsPort(WholeServer server) {
        return server.server.coapsAddress().orElseThrow().getPort();
    }

    /** What the device holds for servers other than the bootstrap server. */
    private static List<DmServerInfo> held(LeshanModule module) {
        ServersInfo all =
                ServersInfoExtractor.getInfo(module.client.getObjectTree().getObjectEnablers());
        return List.copyOf(all.deviceManagements.values());
    }

    /** Identities that the server takes for the device now. */
    private static List<String> taken(WholeServer server) throws IOException {
        JsonNode items = server.rest.get("/credentials/m-1").path("items");
        return StreamSupport.stream(items.spliterator(), false)
                .map(item ->
                        item.path("use").asText() + " " + item.path("state").asText() + " "
                                + item.path("identity").asText())
                .toList();
    }

    /** Until the device is registered by the key it holds, which is then the only one that counts. */
    private static DmServerInfo settled(WholeServer server, LeshanModule module, List<String> identitiesBefore) {
        await("registered with a key of its own").atMost(LIMIT).untilAsserted(() -> {
            List<DmServerInfo> servers = held(module);
            assertThat(servers).hasSize(1);
            assertThat(servers.get(0).pskId).isNotIn(identitiesBefore);
            assertThat(taken(server)).containsExactly("lwm2m ACTIVE " + servers.get(0).pskId);
            assertThat(module.client.getRegisteredServers()).hasSize(1);
            assertThat(server.rest.status("/devices/m-1")).isEqualTo(200);
        });
        return held(module).get(0);
    }

    /** Files in which a key stands, in any spelling. */
    private List<String> placesOf(byte[] key) throws IOException {
        List<String> places = new ArrayList<>();
        int searched = 0;
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path place : all.filter(Files::isRegularFile)
                    .filter(each -> each.startsWith(data) || each.toString().endsWith(".log"))
                    .toList()) {
                byte[] content = Files.readAllBytes(place);
                searched++;
                if (Spellings.of(key).stream().anyMatch(spelling -> Spellings.contains(content, spelling))) {
                    places.add(folder.relativize(place).toString());
                }
            }
        }
        assertThat(searched).as("files searched").isGreaterThanOrEqualTo(3);
        return places;
    }

    @Test
    void a_device_gets_a_key_its_server_knows_and_another_from_a_process_that_was_killed_between() throws Exception {
        try (WholeServer server = new WholeServer(folder, "")) {
            configured(server, server.token);
            LeshanModule module;
            DmServerInfo first;
            try (ChildServer process = bootstrap("first.log")) {
                module = device();
                first = settled(server, module, List.of());
                process.says("bootstrapped ep=m-1");
                process.kill();
            }
            try (module;
                    ChildServer process = bootstrap("second.log")) {
                assertThat(module.client.triggerClientInitiatedBootstrap(false)).isTrue();
                DmServerInfo second = settled(server, module, List.of(first.pskId));
                process.says("bootstrapped ep=m-1");

                assertThat(first.serverUri.getPort()).isEqualTo(coapsPort(server));
                assertThat(second.serverUri).isEqualTo(first.serverUri);
                assertThat(first.pskKey).hasSize(16);
                assertThat(second.pskKey).hasSize(16).isNotEqualTo(first.pskKey);
                assertThat(process.output()).contains("outcome=completed").doesNotContain("ERROR");
                assertThat(placesOf(first.pskKey)).isEmpty();
                assertThat(placesOf(second.pskKey)).isEmpty();
                assertThat(placesOf(BootstrapUnderTest.KEY)).isEmpty();
                assertThat(placesOf(server.token.getBytes(StandardCharsets.US_ASCII)))
                        .isEmpty();
            }
        }
    }

    @Test
    void with_a_token_the_server_does_not_know_the_device_gets_nothing_until_it_is_put_right() throws Exception {
        try (WholeServer server = new WholeServer(folder, "")) {
            configured(server, WRONG_TOKEN);
            try (ChildServer process = bootstrap("wrong.log")) {
                try (LeshanModule module = device()) {
                    process.says("outcome=failed");

                    assertThat(process.output())
                            .contains("http://127.0.0.1:" + server.server.httpPort() + " answered 401")
                            .doesNotContain(WRONG_TOKEN)
                            .doesNotContain("bootstrapped ep=");
                    assertThat(held(module)).isEmpty();
                    assertThat(module.client.getObjectTree().getObjectEnabler(0).getAvailableInstanceIds())
                            .hasSize(1);
                    assertThat(module.client.getObjectTree().getObjectEnabler(1).getAvailableInstanceIds())
                            .isEmpty();
                    assertThat(server.rest.status("/credentials/m-1")).isEqualTo(404);
                    assertThat(server.rest.status("/devices/m-1")).isEqualTo(404);
                }
                Files.writeString(token, server.token);
                try (LeshanModule module = device()) {
                    settled(server, module, List.of());
                    process.says("bootstrapped ep=m-1");
                }
                assertThat(placesOf(WRONG_TOKEN.getBytes(StandardCharsets.US_ASCII)))
                        .isEmpty();
            }
        }
    }

    /** The file's lock is the process's, so only another process shows whether it holds. */
    @Test
    void a_second_process_on_the_same_data_is_refused_and_the_data_are_their_owners_alone() throws Exception {
        try (WholeServer server = new WholeServer(folder, "")) {
            configured(server, server.token);
            try (ChildServer process = bootstrap("one.log")) {
                assertThat(Files.getPosixFilePermissions(data)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
                // Its port is not what keeps it out.
                Files.writeString(
                        file, Files.readString(file).replace("port: " + port, "port: " + ServerUnderTest.freePort()));
                try (ChildServer second = ChildServer.start(
                        folder.resolve("two.log"), Map.of(), "bootstrap", "--config", file.toString())) {
                    assertThat(second.ended()).isEqualTo(1);
                    assertThat(second.output()).contains("in use by another server");
                }
                assertThat(process.output()).doesNotContain("ERROR");
            }
        }
    }

    @Test
    void a_port_in_use_ends_the_start_though_another_is_free() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            Files.writeString(
                    file,
                    """
                    data-dir: "%s"
                    coap: {enabled: true, host: 127.0.0.1, port: %d}
                    coaps: {host: 127.0.0.1, port: %d}
                    """
                            .formatted(data, port, taken.getLocalPort()));
            try (ChildServer process =
                    ChildServer.start(folder.resolve("port.log"), Map.of(), "bootstrap", "--config", file.toString())) {
                assertThat(process.ended()).isEqualTo(1);
                assertThat(process.output()).contains("cannot listen at [coaps://127.0.0.1:" + taken.getLocalPort());
            }
        }
    }
}
