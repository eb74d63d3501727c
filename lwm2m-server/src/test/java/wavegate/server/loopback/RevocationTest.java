package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.server.registration.Registration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Credential.Psk;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.RolloutInput;

/** What becomes of a device whose credential is taken away, or replaced. */
class RevocationTest {
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEW_KEY = "fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
    private static final Endpoint ENDPOINT = new Endpoint("m-1");

    private ServerUnderTest server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_revoked_device_is_out_within_two_seconds_and_does_not_come_back() throws Exception {
        Psk psk = new Psk("m-1", "id-1", KEY);
        server.knows(psk);
        try (LeshanModule module = LeshanModule.psk("m-1", "id-1", KEY, server)) {
            server.inbox.registered(ENDPOINT);
            module.registeredAt();
            await().until(() -> server.endpoints.connections() == 1);
            Registration registration =
                    server.endpoints.leshan().getRegistrationService().getByEndpoint("m-1");
            server.endpoints.leshan().send(registration, new org.eclipse.leshan.core.request.ObserveRequest(3, 0, 9));
            assertThat(server.endpoints.leshan().getObservationService().getObservations(registration))
                    .isNotEmpty();

            long begun = System.nanoTime();
            server.credentials.revoke(Use.LWM2M, "m-1", "stolen");
            await().atMost(Duration.ofSeconds(2))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> server.endpoints.connections() == 0
                            && server.sessions.find(ENDPOINT).isEmpty());
            System.out.printf(
                    "revocation: connection, registration and observations ended after %.1f ms%n",
                    (System.nanoTime() - begun) / 1e6);
            assertThat(server.endpoints.leshan().getObservationService().getObservations(registration))
                    .isEmpty();
            server.inbox.next(
                    RolloutInput.Deregistered.class, input -> input.endpoint().equals(ENDPOINT));

            module.client.triggerRegistrationUpdate();
            try (RawDevice noSec = new RawDevice(server, request -> null)) {
                assertThat(noSec.register(RawDevice.LINKS, "ep=m-1", "lt=300", "lwm2m=1.1")
                                .getCode())
                        .isEqualTo(ResponseCode.FORBIDDEN);
            }
            assertThat(server.sessions.find(ENDPOINT)).isEmpty();
        }
        try (LeshanModule again = LeshanModule.psk("m-1", "id-1", KEY, server)) {
            await().during(Duration.ofSeconds(1)).until(() -> server.sessions.count() == 0);
            assertThat(again.client.getRegisteredServers()).isEmpty();
        }
    }

    @Test
    void an_earlier_credential_ends_with_the_first_registration_by_the_new_one() throws Exception {
        Credential old = new Psk("m-1", "id-1", KEY);
        server.knows(old);
        try (LeshanModule before = LeshanModule.psk("m-1", "id-1", KEY, server)) {
            server.inbox.registered(ENDPOINT);
            before.registeredAt();
            server.credentials.rotate(Use.LWM2M, new Psk("m-1", "id-2", NEW_KEY), Duration.ofHours(1));
            before.client.triggerRegistrationUpdate();
            server.inbox.next(RolloutInput.RegistrationUpdated.class, input -> true);

            try (LeshanModule after = LeshanModule.psk("m-1", "id-2", NEW_KEY, server)) {
                after.registeredAt();
                await().until(() ->
                        server.credentials.byIdentity(Use.LWM2M, "id-1").isEmpty()
                                && server.endpoints.connections() == 1);
                Registration registration =
                        server.endpoints.leshan().getRegistrationService().getByEndpoint("m-1");
                assertThat(server.endpoints
                                .leshan()
                                .send(registration, new ReadRequest(3, 0, 3), 5000)
                                .isSuccess())
                        .isTrue();
            }
        }
    }

    @Test
    void an_endpoint_that_is_given_a_credential_loses_its_registration_without_one() throws Exception {
        try (RawDevice noSec = new RawDevice(server, request -> null)) {
            String id = noSec.register("m-1");
            server.inbox.registered(ENDPOINT);

            server.knows(new Psk("m-1", "id-1", KEY));

            assertThat(server.sessions.find(ENDPOINT)).isEmpty();
            assertThat(noSec.updateRegistration(id).getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        }
    }
}
