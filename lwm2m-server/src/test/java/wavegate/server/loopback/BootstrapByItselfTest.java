package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import wavegate.bootstrap.BootstrapCounters.Event;
import wavegate.bootstrap.BootstrapFile;
import wavegate.server.BootstrapProcess;
import wavegate.server.cli.WavegateCommand;
import wavegate.server.registration.TestAuthority;
import wavegate.server.registration.TestAuthority.Issued;

/** A bootstrap server by itself: an identity, tenants and an audit of its own, and the server told over its API. */
class BootstrapByItselfTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final List<Throwable> fatal = new CopyOnWriteArrayList<>();
    private final KeyPair keys = TestAuthority.newKeys();
    private WholeServer server;
    private Path file;

    @BeforeEach
    void configured() throws Exception {
        server = new WholeServer(folder, "");
        file = folder.resolve("bootstrap.yaml");
        Files.writeString(folder.resolve("shard.token"), server.token);
        Files.writeString(
                folder.resolve("m-1.pem"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(keys.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        Files.writeString(
                file,
                """
                data-dir: "%1$s/bootstrap-data"
                coaps: {port: 0, tenants: "%1$s/tenants"}
                shards:
                  - {name: one, uri: "coaps://127.0.0.1:%2$d", api: "http://127.0.0.1:%3$d", token-file: "%1$s/shard.token"}
                rules:
                  - {name: factory, match: "m-*", lifetime: 300, single-use: true}
                devices:
                  - {endpoint: m-1, bootstrap-public-key: "%1$s/m-1.pem"}
                  - {endpoint: m-2, bootstrap-tenant: acme}
                  - {endpoint: m-3, bootstrap-tenant: acme}
                """
                        .formatted(
                                folder,
                                server.server.coapsAddress().orElseThrow().getPort(),
                                server.server.httpPort()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(fatal).isEmpty();
    }

    private BootstrapProcess started() throws IOException {
        return new BootstrapProcess(BootstrapFile.read(file), fatal::add);
    }

    private static String uri(BootstrapProcess process) {
        return "coaps://127.0.0.1:"
                + process.server().address(Protocol.COAPS).orElseThrow().getPort();
    }

    private X509Certificate shown() throws Exception {
        try (var pem = Files.newInputStream(folder.resolve("bootstrap-data/server-identity.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }

    private LeshanModule byKey(BootstrapProcess process, String endpoint, KeyPair pair) throws Exception {
        return new LeshanModule(
                endpoint,
                Security.rpkBootstrap(
                        uri(process),
                        pair.getPublic().getEncoded(),
                        pair.getPrivate().getEncoded(),
                        shown().getPublicKey().getEncoded()),
                Map.of(),
                true);
    }

    private LeshanModule byCertificate(BootstrapProcess process, String endpoint, Issued issued) throws Exception {
        return new LeshanModule(
                endpoint,
                Security.x509Bootstrap(
                        uri(process),
                        issued.certificate().getEncoded(),
                        issued.keys().getPrivate().getEncoded(),
                        shown().getEncoded()),
                Map.of(),
                true);
    }

    private List<JsonNode> audit(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("bootstrap", "audit", "--json", "-c", file.toString()));
        arguments.addAll(List.of(options));
        StringWriter out = new StringWriter();
        CommandLine line = WavegateCommand.line();
        line.setOut(new PrintWriter(out));
        assertThat(line.execute(arguments.toArray(String[]::new))).isZero();
        List<JsonNode> entries = new ArrayList<>();
        for (String each : out.toString().lines().toList()) {
            entries.add(new ObjectMapper().readTree(each));
        }
        return entries;
    }

    private static long count(BootstrapProcess process, Event event) {
        return process.server().counters().of(event);
    }

    @Test
    void devices_come_with_raw_public_keys_and_certificates_once_and_all_of_it_stands_in_the_audit() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        try (BootstrapProcess process = started()) {
            // The tenant came later.
            acme.trustedIn(folder.resolve("tenants"));
            try (LeshanModule module = byKey(process, "m-1", keys)) {
                await().atMost(LIMIT).until(() -> process.server().completed() == 1);
                server.knows(1, LIMIT);
                assertThat(module.registeredAt().getUri()).startsWith("coaps:");
            }
            Issued issued = acme.issue("m-2");
            await("tenants read again").atMost(LIMIT).until(() -> {
                try (LeshanModule module = byCertificate(process, "m-2", issued)) {
                    await().atMost(Duration.ofSeconds(5))
                            .until(() -> process.server().completed() == 2 || count(process, Event.STRANGERS) > 0);
                    return process.server().completed() == 2 && module.firmware.state == 0;
                }
            });
            await("use of the credential is over").atMost(LIMIT).untilAsserted(() -> assertThat(
                            audit("--action", "credential.revoked"))
                    .hasSize(2)
                    .allMatch(entry -> entry.at("/details/reason").asText().equals("single use")));

            long strangers = count(process, Event.STRANGERS);
            try (LeshanModule again = byKey(process, "m-1", keys);
                    LeshanModule stranger = byKey(process, "m-1", TestAuthority.newKeys());
                    LeshanModule other = byCertificate(process, "m-2", new TestAuthority("acme").issue("m-3"))) {
                await().atMost(LIMIT).until(() -> count(process, Event.STRANGERS) >= strangers + 3);
                assertThat(again.client.getRegisteredServers()).isEmpty();
                assertThat(stranger.client.getRegisteredServers()).isEmpty();
                assertThat(other.client.getRegisteredServers()).isEmpty();
            }
            // A device of the tenant, but not the one it says it is.
            try (LeshanModule other = byCertificate(process, "m-9", acme.issue("m-3"))) {
                await().atMost(LIMIT).until(() -> count(process, Event.FOREIGN) > 0);
                assertThat(other.client.getRegisteredServers()).isEmpty();
            }
            assertThat(process.server().completed()).isEqualTo(2);
        }
        assertThat(audit().stream().map(entry -> entry.path("action").asText()))
                .startsWith("process.start", "bootstrap.import")
                .endsWith("process.stop");
        assertThat(audit("--endpoint", "m-1").stream()
                        .map(entry -> entry.path("actor").asText() + " "
                                + entry.path("action").asText() + " "
                                + entry.at("/details/outcome").asText()))
                .containsExactlyInAnyOrder(
                        "bootstrap credential.provide taken",
                        "bootstrap credential.revoked ",
                        "device bootstrap.session completed");
        assertThat(audit("--limit", "1")).hasSize(1);
    }

    @Test
    void a_session_that_came_to_nothing_stands_in_the_audit_with_its_reason() throws Exception {
        Files.writeString(folder.resolve("shard.token"), "wg_0123456789abcdefWRONG0123456789abcdef");
        try (BootstrapProcess process = started();
                LeshanModule module = byKey(process, "m-1", keys)) {
            await().atMost(LIMIT).until(() -> count(process, Event.FAILED) > 0);
            assertThat(module.client.getRegisteredServers()).isEmpty();
        }
        assertThat(audit("--endpoint", "m-1"))
                .anySatisfy(entry -> {
                    assertThat(entry.path("action").asText()).isEqualTo("credential.provide");
                    assertThat(entry.at("/details/reason").asText()).endsWith("answered 401");
                })
                .anySatisfy(entry -> {
                    assertThat(entry.path("action").asText()).isEqualTo("bootstrap.session");
                    assertThat(entry.at("/details/outcome").asText()).isEqualTo("failed");
                })
                .noneSatisfy(entry -> assertThat(entry.toString()).contains("WRONG"));
    }
}
