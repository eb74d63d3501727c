package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.credential.Credential.Psk;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.update.UpdateCommand;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.rollout.SessionDirectory.Session;

/** Holders of a good credential, and senders without any, who speak in another's name. */
class IdentityAttackTest {
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OTHER_KEY = "fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
    private static final Endpoint VICTIM = new Endpoint("m-1");

    private ServerUnderTest server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest();
        server.knows(new Psk("m-1", "id-1", KEY));
        server.knows(new Psk("m-2", "id-2", OTHER_KEY));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Request send(String path) {
        Request request = new Request(Code.POST);
        request.getOptions().addUriPath(path);
        request.getOptions().setContentFormat(110);
        request.setPayload("[{\"n\":\"/27001/0/0\",\"v\":99}]");
        return request;
    }

    @Test
    void a_stolen_registration_id_is_worth_nothing_to_another_holder_of_a_credential() throws Exception {
        try (DtlsPeer victim = new DtlsPeer(server, "id-1", KEY);
                DtlsPeer thief = new DtlsPeer(server, "id-2", OTHER_KEY)) {
            String id = victim.register("m-1").getOptions().getLocationPath().get(1);
            Session before = server.sessions.find(VICTIM).orElseThrow();
            server.inbox.next(
                    RolloutInput.Registered.class, one -> one.endpoint().equals(VICTIM));
            int heard = server.inbox.inputs().size();
            long refused = server.endpoints.foreign();

            for (int i = 0; i < 10; i++) {
                assertThat(thief.send(Code.POST, List.of("rd", id), "lt=400").getCode())
                        .isEqualTo(ResponseCode.BAD_REQUEST);
                assertThat(thief.send(Code.DELETE, List.of("rd", id)).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
                assertThat(thief.register("m-1").getCode()).isEqualTo(ResponseCode.FORBIDDEN);
                assertThat(thief.send(send("dp")).getCode().isSuccess()).isFalse();
            }

            assertThat(server.sessions.find(VICTIM)).contains(before);
            assertThat(server.inbox.inputs()).hasSize(heard);
            assertThat(server.stored).isEmpty();
            System.out.printf(
                    "identity: %d forged calls over DTLS refused, 0 effects%n",
                    server.endpoints.foreign() - refused + 10);
            assertThat(victim.send(Code.DELETE, List.of("rd", id)).getCode()).isEqualTo(ResponseCode.DELETED);
        }
    }

    @Test
    void a_stolen_registration_id_is_worth_nothing_without_dtls() throws Exception {
        try (DtlsPeer victim = new DtlsPeer(server, "id-1", KEY);
                RawDevice thief = new RawDevice(server, request -> null)) {
            String id = victim.register("m-1").getOptions().getLocationPath().get(1);
            Session before = server.sessions.find(VICTIM).orElseThrow();

            assertThat(thief.updateRegistration(id, "lt=400").getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            Request deregister = new Request(Code.DELETE);
            deregister.getOptions().addUriPath("rd").addUriPath(id);
            assertThat(thief.send(deregister).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(thief.register(RawDevice.LINKS, "ep=m-1", "lt=300", "lwm2m=1.1")
                            .getCode())
                    .isEqualTo(ResponseCode.FORBIDDEN);
            assertThat(thief.send(send("dp")).getCode().isSuccess()).isFalse();

            assertThat(server.sessions.find(VICTIM)).contains(before);
            assertThat(server.stored).isEmpty();
        }
    }

    @Test
    void another_credential_of_the_same_device_registers_anew_instead_of_taking_over() throws Exception {
        try (DtlsPeer before = new DtlsPeer(server, "id-1", KEY)) {
            String id = before.register("m-1").getOptions().getLocationPath().get(1);
            byte[] fresh = "0000111122223333".getBytes(StandardCharsets.US_ASCII);
            server.credentials.rotate(Use.LWM2M, new Psk("m-1", "id-1b", fresh), Duration.ofHours(1));
            try (DtlsPeer after = new DtlsPeer(server, "id-1b", fresh)) {
                Response update = after.send(Code.POST, List.of("rd", id));

                assertThat(update.getCode()).isEqualTo(ResponseCode.NOT_FOUND);
                assertThat(after.register("m-1").getCode()).isEqualTo(ResponseCode.CREATED);
            }
        }
    }

    @Test
    void one_credential_in_use_from_two_places_is_noticed() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        server.endpoints.onClone(told::add);
        try (DtlsPeer one = new DtlsPeer(server, "id-1", KEY);
                DtlsPeer honest = new DtlsPeer(server, "id-2", OTHER_KEY)) {
            one.register("m-1");
            honest.register("m-2");
            int calls = 1;
            try (DtlsPeer other = new DtlsPeer(server, "id-1", KEY)) {
                while (!server.endpoints.cloneSuspected("m-1") && calls < 20) {
                    assertThat((calls % 2 == 0 ? one : other).register("m-1").getCode())
                            .isEqualTo(ResponseCode.CREATED);
                    honest.register("m-2");
                    calls++;
                }
            }
            await().untilAsserted(() -> assertThat(told).containsExactly("m-1"));
            assertThat(server.endpoints.clones()).isEqualTo(1);
            assertThat(server.endpoints.cloneSuspected("m-2")).isFalse();
            System.out.printf("clones: noticed after %d registrations, 0 false%n", calls);

            server.credentials.rotate(Use.LWM2M, new Psk("m-1", "id-9", OTHER_KEY), Duration.ZERO);
            assertThat(server.endpoints.cloneSuspected("m-1")).isFalse();
        }
    }

    private Collection<Observation> observations(String name) {
        return server.endpoints
                .leshan()
                .getObservationService()
                .getObservations(
                        server.endpoints.leshan().getRegistrationService().getByEndpoint(name));
    }

    /** Waits until health and update of a device are observed. */
    private void observed(String name, ObservedAnswers answers) {
        await().until(() -> answers.tokens.keySet().containsAll(Set.of("27001/0", "3/0/9")));
        server.link.observeStatus(new UpdateCommand.ObserveStatus(server.update(name), 1));
        await().untilAsserted(() -> assertThat(observations(name))
                .extracting(observation ->
                        ((SingleObservation) observation).getPath().toString().substring(1))
                .containsExactlyInAnyOrderElementsOf(answers.tokens.keySet())
                .hasSize(4));
    }

    private List<String> hinted() {
        return server.inbox.all(RolloutInput.StatusHinted.class).stream()
                .map(hint -> hint.endpoint().name())
                .distinct()
                .sorted()
                .toList();
    }

    @Test
    void a_stolen_observation_token_is_worth_nothing_to_another_device_or_a_stranger() throws Exception {
        ObservedAnswers secure = new ObservedAnswers();
        ObservedAnswers open = new ObservedAnswers();
        try (DtlsPeer secureVictim = new DtlsPeer(server, "id-1", KEY, secure);
                RawDevice openVictim = new RawDevice(server, open);
                DtlsPeer secureThief = new DtlsPeer(server, "id-2", OTHER_KEY);
                RawDevice openThief = new RawDevice(server, request -> null);
                RawDevice stranger = new RawDevice(server, request -> null)) {
            secure.on(secureVictim.endpoint());
            open.on(openVictim.endpoint());
            secureVictim.register(ObservedAnswers.LINKS, "ep=m-1", "lt=300", "lwm2m=1.0");
            openVictim.register(ObservedAnswers.LINKS, "ep=m-3", "lt=300", "lwm2m=1.0");
            secureThief.register("m-2");
            openThief.register("m-4");
            observed("m-1", secure);
            observed("m-3", open);
            List<HealthReport> before = List.copyOf(server.stored);
            long garbage = server.telemetry.garbage();
            List<Notifier> thieves = List.of(
                    new Notifier(secureThief.endpoint(), server.address(Protocol.COAPS)),
                    new Notifier(openThief.endpoint(), server.address(Protocol.COAP)),
                    new Notifier(stranger.endpoint(), server.address(Protocol.COAP)));

            for (Notifier thief : thieves) {
                thief.forge(secure.tokens, 20);
                thief.forge(open.tokens, 20);
            }

            await().during(Duration.ofMillis(500)).until(() -> hinted().isEmpty());
            assertThat(server.stored).isEqualTo(before);
            assertThat(server.telemetry.garbage()).isEqualTo(garbage);
            assertThat(observations("m-1")).hasSize(4);
            assertThat(observations("m-3")).hasSize(4);
            System.out.printf(
                    "observations: %d forged notifications, 0 effects%n",
                    thieves.stream().mapToInt(Notifier::sent).sum());

            Notifier honest = new Notifier(secureVictim.endpoint(), server.address(Protocol.COAPS));
            secure.tokens.forEach((path, token) -> honest.value(path, token, 2));
            Notifier openHonest = new Notifier(openVictim.endpoint(), server.address(Protocol.COAP));
            open.tokens.forEach((path, token) -> openHonest.value(path, token, 2));
            await().untilAsserted(() -> {
                assertThat(hinted()).containsExactly("m-1", "m-3");
                assertThat(server.stored).hasSize(before.size() + 4);
            });
        }
    }

    @Test
    void an_observation_over_dtls_is_not_answered_without_dtls_from_the_same_address() throws Exception {
        ObservedAnswers secure = new ObservedAnswers();
        DtlsPeer victim = new DtlsPeer(server, "id-1", KEY, secure);
        InetSocketAddress address;
        try (victim) {
            secure.on(victim.endpoint());
            victim.register(ObservedAnswers.LINKS, "ep=m-1", "lt=300", "lwm2m=1.0");
            observed("m-1", secure);
            address = victim.endpoint().getAddress();
        }
        List<HealthReport> before = List.copyOf(server.stored);
        long garbage = server.telemetry.garbage();

        CoapEndpoint heir = CoapEndpoint.builder()
                .setConfiguration(Configuration.createStandardWithoutFile())
                .setInetSocketAddress(address)
                .build();
        heir.start();
        try {
            new Notifier(heir, server.address(Protocol.COAP)).forge(secure.tokens, 5);

            await().during(Duration.ofMillis(500)).until(() -> hinted().isEmpty());
            assertThat(server.stored).isEqualTo(before);
            assertThat(server.telemetry.garbage()).isEqualTo(garbage);
            assertThat(observations("m-1")).hasSize(4);
        } finally {
            heir.destroy();
        }
    }
}
