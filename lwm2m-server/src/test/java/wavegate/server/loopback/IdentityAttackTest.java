package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.credential.Credential.Psk;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;
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
}
