package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.BootstrapCounters.Event;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Use;
import wavegate.server.registration.TestAuthority;
import wavegate.server.registration.TestAuthority.Issued;

/** Devices that bootstrap with raw public keys and certificates at a server with a bootstrap server inside, and those who pose as them. */
class BootstrapCertificateTest {
    private static final String IMEI = "urn:imei:350000000000001";

    @TempDir
    private Path folder;

    private WholeServer knowing(Credential... credentials) throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Provisioned.with(data, Use.BOOTSTRAP, credentials);
        Path file = Files.writeString(
                folder.resolve("bootstrap.yaml"),
                """
                coaps: {port: 0}
                rules:
                  - {name: factory, match: "*", lifetime: 300}
                """);
        return new WholeServer(folder, "bootstrap: {enabled: true, file: \"" + file + "\"}");
    }

    private Path tenants() {
        return folder.resolve("data").resolve("tenants");
    }

    private X509Certificate shown() throws Exception {
        try (var pem = Files.newInputStream(folder.resolve("data").resolve("server-identity.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }

    private static BootstrapServer bootstrap(WholeServer server) {
        return server.server.bootstrap().orElseThrow();
    }

    private static String uri(WholeServer server) {
        return "coaps://127.0.0.1:"
                + bootstrap(server).address(Protocol.COAPS).orElseThrow().getPort();
    }

    private LeshanModule byKey(WholeServer server, String endpoint, KeyPair keys) throws Exception {
        Security account = Security.rpkBootstrap(
                uri(server),
                keys.getPublic().getEncoded(),
                keys.getPrivate().getEncoded(),
                shown().getPublicKey().getEncoded());
        return new LeshanModule(endpoint, account, Map.of(), true);
    }

    private LeshanModule byCertificate(WholeServer server, String endpoint, Issued issued) throws Exception {
        Security account = Security.x509Bootstrap(
                uri(server),
                issued.certificate().getEncoded(),
                issued.keys().getPrivate().getEncoded(),
                shown().getEncoded());
        return new LeshanModule(endpoint, account, Map.of(), true);
    }

    private static long count(WholeServer server, Event event) {
        return bootstrap(server).counters().of(event);
    }

    private static void isGivenAnAccount(WholeServer server, LeshanModule module) {
        await().atMost(Duration.ofSeconds(20)).until(() -> bootstrap(server).completed() == 1);
        server.knows(1, Duration.ofSeconds(20));
        assertThat(module.registeredAt().getUri()).startsWith("coaps://");
    }

    private static void isForeign(WholeServer server) {
        await().atMost(Duration.ofSeconds(15)).until(() -> count(server, Event.FOREIGN) > 0);
        assertThat(count(server, Event.STARTED)).isEqualTo(1);
    }

    @Test
    void a_device_bootstraps_with_its_raw_public_key_and_as_no_other() throws Exception {
        KeyPair keys = TestAuthority.newKeys();
        try (WholeServer server = knowing(
                new Credential.Rpk("m-1", keys.getPublic()),
                new Credential.Rpk("m-2", TestAuthority.newKeys().getPublic()))) {
            try (LeshanModule module = byKey(server, "m-1", keys)) {
                isGivenAnAccount(server, module);
            }
            try (LeshanModule other = byKey(server, "m-2", keys)) {
                isForeign(server);
                assertThat(other.client.getRegisteredServers()).isEmpty();
            }
        }
    }

    @Test
    void a_device_bootstraps_with_a_certificate_by_its_alternative_name_and_as_no_other() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        acme.trustedIn(tenants());
        Issued issued = acme.issue("serial 17", IMEI);
        try (WholeServer server = knowing(new Credential.X509(IMEI, "acme"), new Credential.X509("m-2", "acme"))) {
            try (LeshanModule module = byCertificate(server, IMEI, issued)) {
                isGivenAnAccount(server, module);
            }
            try (LeshanModule other = byCertificate(server, "m-2", issued)) {
                isForeign(server);
                assertThat(other.client.getRegisteredServers()).isEmpty();
            }
        }
    }

    @Test
    void strangers_end_in_the_handshake() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        TestAuthority other = new TestAuthority("other");
        acme.trustedIn(tenants());
        acme.revokes(tenants());
        other.trustedIn(tenants());
        Instant now = Instant.now();
        Issued revoked = acme.issue("m-1");
        acme.revokes(tenants(), revoked.certificate());
        Map<String, Issued> strangers = Map.of(
                "of another tenant", other.issue("m-1"),
                "of an authority nobody trusts", new TestAuthority("acme").issue("m-1"),
                "expired", acme.issue("m-1", now.minus(Duration.ofDays(8)), now.minusSeconds(60)),
                "revoked", revoked,
                "of a device that may register but not bootstrap", acme.issue("m-9"));
        Provisioned.with(Files.createDirectories(folder.resolve("data")), new Credential.X509("m-9", "acme"));
        try (WholeServer server = knowing(
                new Credential.X509("m-1", "acme"),
                new Credential.Rpk("m-2", TestAuthority.newKeys().getPublic()))) {
            try (LeshanModule stranger = byKey(server, "m-2", TestAuthority.newKeys())) {
                isStranger(server, stranger);
            }
            for (Map.Entry<String, Issued> each : strangers.entrySet()) {
                try (LeshanModule stranger = byCertificate(server, "m-1", each.getValue())) {
                    isStranger(server, stranger);
                }
            }
            assertThat(count(server, Event.STARTED) + count(server, Event.FOREIGN))
                    .isZero();
            System.out.printf(
                    "bootstrap: %d kinds of strangers, %d handshakes refused, 0 requests seen%n",
                    1 + strangers.size(), count(server, Event.STRANGERS));
        }
    }

    private static void isStranger(WholeServer server, LeshanModule stranger) {
        long before = count(server, Event.STRANGERS);
        await().atMost(Duration.ofSeconds(15)).until(() -> count(server, Event.STRANGERS) > before);
        assertThat(stranger.client.getRegisteredServers()).isEmpty();
    }
}
