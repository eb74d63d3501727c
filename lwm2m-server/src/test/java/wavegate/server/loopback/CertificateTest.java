package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.server.registration.Registration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;
import wavegate.server.registration.TestAuthority;
import wavegate.server.registration.TestAuthority.Issued;

/** Devices with raw public keys and certificates, and those who pose as them. */
class CertificateTest {
    private ServerUnderTest server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private LeshanModule byKey(String endpoint, KeyPair keys) {
        return new LeshanModule(
                endpoint,
                Security.rpk(
                        server.coapsUri(),
                        1,
                        keys.getPublic().getEncoded(),
                        keys.getPrivate().getEncoded(),
                        server.identity.publicKey().getEncoded()),
                Map.of());
    }

    private LeshanModule byCertificate(String endpoint, Issued issued) throws Exception {
        return new LeshanModule(
                endpoint,
                Security.x509(
                        server.coapsUri(),
                        1,
                        issued.certificate().getEncoded(),
                        issued.keys().getPrivate().getEncoded(),
                        server.identity.chain().get(0).getEncoded()),
                Map.of());
    }

    private void isStranger(LeshanModule module) {
        long before = server.endpoints.strangers();
        await().atMost(Duration.ofSeconds(15)).until(() -> server.endpoints.strangers() > before);
        assertThat(server.sessions.count()).isZero();
        assertThat(server.inbox.inputs()).isEmpty();
        assertThat(module.client.getRegisteredServers()).isEmpty();
    }

    private void isSpokenTo(String endpoint) throws InterruptedException {
        Registration registration =
                server.endpoints.leshan().getRegistrationService().getByEndpoint(endpoint);
        assertThat(server.endpoints
                        .leshan()
                        .send(registration, new ReadRequest(3, 0, 3), 5000)
                        .isSuccess())
                .isTrue();
        assertThat(server.endpoints
                        .leshan()
                        .send(registration, new ObserveRequest(5, 0, 3), 5000)
                        .isSuccess())
                .isTrue();
    }

    @Test
    void a_device_registers_with_its_raw_public_key_and_as_no_other() throws Exception {
        KeyPair keys = TestAuthority.newKeys();
        server.knows(new Credential.Rpk("m-1", keys.getPublic()));
        try (LeshanModule module = byKey("m-1", keys)) {
            server.inbox.registered(new Endpoint("m-1"));
            module.registeredAt();
            isSpokenTo("m-1");
        }
        try (LeshanModule other = byKey("m-2", keys)) {
            await().until(() -> server.endpoints.foreign() > 0);
            assertThat(server.sessions.find(new Endpoint("m-2"))).isEmpty();
            assertThat(other.client.getRegisteredServers()).isEmpty();
        }
    }

    @Test
    void a_key_of_no_device_ends_in_the_handshake() throws Exception {
        server.knows(new Credential.Rpk("m-1", TestAuthority.newKeys().getPublic()));
        try (LeshanModule stranger = byKey("m-1", TestAuthority.newKeys())) {
            isStranger(stranger);
            assertThat(server.endpoints.handshakes()).isZero();
        }
    }

    @Test
    void a_device_registers_with_a_certificate_of_its_tenant_and_as_no_other() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        acme.trustedIn(server.tenants);
        server.knows(new Credential.X509("m-1", "acme"));
        server.knows(new Credential.X509("m-2", "acme"));
        server.looksAtTenants();
        Issued issued = acme.issue("m-1");
        try (LeshanModule module = byCertificate("m-1", issued)) {
            server.inbox.registered(new Endpoint("m-1"));
            module.registeredAt();
            isSpokenTo("m-1");
        }
        try (LeshanModule other = byCertificate("m-2", issued)) {
            await().until(() -> server.endpoints.foreign() > 0);
            assertThat(server.sessions.find(new Endpoint("m-2"))).isEmpty();
            assertThat(other.client.getRegisteredServers()).isEmpty();
        }
    }

    @Test
    void a_name_among_the_alternative_ones_binds_too() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        acme.trustedIn(server.tenants);
        server.knows(new Credential.X509("urn:imei:350000000000001", "acme"));
        server.looksAtTenants();
        try (LeshanModule module =
                byCertificate("urn:imei:350000000000001", acme.issue("serial 17", "urn:imei:350000000000001"))) {
            server.inbox.registered(new Endpoint("urn:imei:350000000000001"));
            module.registeredAt();
            isSpokenTo("urn:imei:350000000000001");
        }
    }

    @Test
    void the_right_name_from_a_wrong_authority_ends_in_the_handshake() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        TestAuthority other = new TestAuthority("other");
        acme.trustedIn(server.tenants);
        other.trustedIn(server.tenants);
        server.knows(new Credential.X509("m-1", "acme"));
        server.looksAtTenants();
        Instant now = Instant.now();
        Map<String, Issued> strangers = Map.of(
                "of another tenant", other.issue("m-1"),
                "of an authority nobody trusts", new TestAuthority("acme").issue("m-1"),
                "expired", acme.issue("m-1", now.minus(Duration.ofDays(8)), now.minusSeconds(60)),
                "not yet good", acme.issue("m-1", now.plusSeconds(3600), now.plus(Duration.ofDays(7))),
                "living too long for a tenant without revocation list",
                        acme.issue("m-1", now.minusSeconds(60), now.plus(Duration.ofDays(31))),
                "of a name nobody knows", acme.issue("m-9"));
        for (Map.Entry<String, Issued> stranger : strangers.entrySet()) {
            try (LeshanModule module = byCertificate("m-1", stranger.getValue())) {
                isStranger(module);
            }
        }
        assertThat(server.endpoints.handshakes()).isZero();
        System.out.printf(
                "certificates: %d kinds of strangers, %d handshakes refused, 0 completed%n",
                strangers.size(), server.endpoints.strangers());
    }

    @Test
    void a_certificate_on_the_revocation_list_is_out_within_two_seconds() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        acme.trustedIn(server.tenants);
        acme.revokes(server.tenants);
        server.knows(new Credential.X509("m-1", "acme"));
        server.looksAtTenants();
        // Long-lived, as the tenant has a list.
        Issued issued =
                acme.issue("m-1", Instant.now().minusSeconds(60), Instant.now().plus(Duration.ofDays(900)));
        try (LeshanModule module = byCertificate("m-1", issued)) {
            server.inbox.registered(new Endpoint("m-1"));
            module.registeredAt();
            long begun = System.nanoTime();
            acme.revokes(server.tenants, issued.certificate());
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> server.endpoints.connections() == 0
                            && server.sessions.find(new Endpoint("m-1")).isEmpty());
            System.out.printf("revocation: by list, session ended after %.0f ms%n", (System.nanoTime() - begun) / 1e6);
        }
        try (LeshanModule again = byCertificate("m-1", issued)) {
            long before = server.endpoints.strangers();
            await().until(() -> server.endpoints.strangers() > before);
            assertThat(again.client.getRegisteredServers()).isEmpty();
        }
    }

    @Test
    void the_old_certificate_of_a_device_on_the_revocation_list_leaves_its_new_one_alone() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        acme.trustedIn(server.tenants);
        acme.revokes(server.tenants);
        server.knows(new Credential.X509("m-1", "acme"));
        server.looksAtTenants();
        Issued old = acme.issue("m-1");
        try (LeshanModule before = byCertificate("m-1", old)) {
            before.registeredAt();
            try (LeshanModule renewed = byCertificate("m-1", acme.issue("m-1"))) {
                renewed.registeredAt();
                String registration = server.endpoints
                        .leshan()
                        .getRegistrationService()
                        .getByEndpoint("m-1")
                        .getId();
                await().until(() -> server.endpoints.connections() == 2);

                acme.revokes(server.tenants, old.certificate());

                await().until(() -> server.endpoints.connections() == 1);
                isSpokenTo("m-1");
                assertThat(server.endpoints
                                .leshan()
                                .getRegistrationService()
                                .getByEndpoint("m-1")
                                .getId())
                        .isEqualTo(registration);
            }
        }
    }

    @Test
    void a_session_ends_with_its_certificate_though_nothing_is_said_in_it() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        acme.trustedIn(server.tenants);
        server.knows(new Credential.X509("m-1", "acme"));
        server.knows(new Credential.X509("m-2", "acme"));
        server.looksAtTenants();
        Instant until = Instant.now().plusSeconds(6).truncatedTo(ChronoUnit.SECONDS);
        try (LeshanModule lasting = byCertificate("m-2", acme.issue("m-2"));
                LeshanModule module = byCertificate("m-1", acme.issue("m-1", until.minusSeconds(60), until))) {
            lasting.registeredAt();
            module.registeredAt();
            await().until(() -> server.endpoints.connections() == 2);

            await().pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> server.endpoints.connections() == 1
                            && server.sessions.find(new Endpoint("m-1")).isEmpty());

            Duration after = Duration.between(until, Instant.now());
            System.out.printf("expiry: session ended %d ms after its certificate%n", after.toMillis());
            assertThat(after).isBetween(Duration.ZERO, Duration.ofSeconds(2));
            isSpokenTo("m-2");
        }
    }

    @Test
    void a_revoked_name_is_out_whatever_its_certificate_says() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        acme.trustedIn(server.tenants);
        server.knows(new Credential.X509("m-1", "acme"));
        server.looksAtTenants();
        try (LeshanModule module = byCertificate("m-1", acme.issue("m-1"))) {
            server.inbox.registered(new Endpoint("m-1"));
            module.registeredAt();
            server.credentials.revoke(Use.LWM2M, "m-1", "stolen");
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> server.endpoints.connections() == 0
                            && server.sessions.find(new Endpoint("m-1")).isEmpty());
        }
    }
}
