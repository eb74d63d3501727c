package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.server.registration.Registration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wavegate.bootstrap.credential.Credential;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.rollout.SessionDirectory.Session;
import wavegate.server.telemetry.TelemetrySettings;

/** Who may register, with what, and what the loop hears of it. */
class RegistrationTest {
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private ServerUnderTest server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest(
                LwM2mSettings.defaults()
                        .withLifetimes(Duration.ofSeconds(1), Duration.ofDays(7), Duration.ofMillis(100)),
                TelemetrySettings.defaults(),
                Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RawDevice device() throws Exception {
        return new RawDevice(server, request -> null);
    }

    @Test
    void a_registration_carries_its_labels_to_the_loop_and_shows_as_a_session() throws Exception {
        try (LeshanModule module = new LeshanModule(
                "m-1",
                Security.noSec(server.coapUri(), 1),
                Map.of("region", "eu", "carrier", "one", "tags", "lab,pilot", "site", "x"))) {
            RolloutInput.Registered registered = server.inbox.next(RolloutInput.Registered.class, input -> true);

            assertThat(registered)
                    .isEqualTo(new RolloutInput.Registered(
                            new Endpoint("m-1"), new Labels("eu", "one", new TreeSet<>(List.of("lab", "pilot")))));
            Session session = server.sessions.find(new Endpoint("m-1")).orElseThrow();
            assertThat(session.lifetime()).isEqualTo(Duration.ofMinutes(5));
            assertThat(session.objects()).containsKeys(3, 5, 27001);
            assertThat(session.registrationId()).hasSize(16);
            assertThat(session.queueMode()).isFalse();
            assertThat(server.sessions.count()).isEqualTo(1);
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void labels_that_are_no_labels_are_left_out_and_counted() throws Exception {
        try (RawDevice device = device()) {
            device.register(RawDevice.LINKS, "ep=m-1", "lt=300", "lwm2m=1.1", "region=a\"b", "carrier=one");

            assertThat(server.inbox
                            .next(RolloutInput.Registered.class, input -> true)
                            .reported())
                    .isEqualTo(new Labels("", "one", new TreeSet<>()));
            assertThat(server.registrations.invalidLabels()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ep=m-1&lt=abc",
                "ep=m-1&lt=-5",
                "ep=m-1&lt=0",
                "ep=m-1&lt=99999999999999999999",
                "ep=m-1&lt=604801",
                "ep=m-1&lt=",
                "ep=m-1&b=ZZ",
                "ep=m-1&b=",
                "ep=&lt=300",
                "lt=300",
                "ep=a b&lt=300",
                "ep=<script>&lt=300",
                "ep=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&lt=300",
                "ep=m-1&lwm2m=one"
            })
    void a_malformed_register_is_the_fault_of_the_device(String query) throws Exception {
        try (RawDevice device = device()) {
            Response response = device.register(
                    RawDevice.LINKS, (query + (query.contains("lwm2m") ? "" : "&lwm2m=1.1")).split("&", -1));

            assertThat(response.getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(server.inbox.inputs()).isEmpty();
        }
    }

    @Test
    void a_malformed_registration_update_is_the_fault_of_the_device() throws Exception {
        try (RawDevice device = device()) {
            String id = device.register("m-1");

            assertThat(device.updateRegistration(id, "lt=abc").getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(device.updateRegistration(id, "b=ZZ").getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(device.updateRegistration(id, "lt=400").getCode()).isEqualTo(ResponseCode.CHANGED);
            assertThat(device.updateRegistration("nobodysid", "lt=400").getCode())
                    .isEqualTo(ResponseCode.NOT_FOUND);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1.1", "1.2"})
    void object_versions_may_be_quoted_in_any_version_of_lwm2m(String lwm2m) throws Exception {
        try (RawDevice device = device()) {
            Response response = device.register(
                    "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</5>;ver=\"1.1\",</5/0>", "ep=m-1", "lt=300", "lwm2m=" + lwm2m);

            assertThat(response.getCode()).isEqualTo(ResponseCode.CREATED);
            assertThat(server.sessions.find(new Endpoint("m-1")).orElseThrow().objects())
                    .containsEntry(5, "1.1");
        }
    }

    @Test
    void too_many_links_are_refused() throws Exception {
        List<String> links = new ArrayList<>();
        for (int i = 0; i < 129; i++) {
            links.add("</3/" + i + ">");
        }
        try (RawDevice device = device()) {
            assertThat(device.register(String.join(",", links), "ep=m-1", "lt=300", "lwm2m=1.1")
                            .getCode())
                    .isEqualTo(ResponseCode.BAD_REQUEST);
        }
    }

    @Test
    void devices_of_one_model_share_one_object_list() throws Exception {
        try (RawDevice device = device()) {
            device.register("m-1");
            device.register("m-2");

            Registration first =
                    server.endpoints.leshan().getRegistrationService().getByEndpoint("m-1");
            Registration second =
                    server.endpoints.leshan().getRegistrationService().getByEndpoint("m-2");
            assertThat(first.getObjectLinks()).isSameAs(second.getObjectLinks());
        }
    }

    @Test
    void a_psk_device_registers_as_the_endpoint_of_its_key_and_as_no_other() throws Exception {
        server.knows(new Credential.Psk("m-1", "id-1", KEY));
        try (LeshanModule own = LeshanModule.psk("m-1", "id-1", KEY, server)) {
            server.inbox.registered(new Endpoint("m-1"));
            await().until(() -> own.client.getRegisteredServers().size() == 1);
        }
        try (LeshanModule foreign = LeshanModule.psk("m-2", "id-1", KEY, server)) {
            await().until(() -> server.endpoints.foreign() > 0);
            assertThat(server.sessions.find(new Endpoint("m-2"))).isEmpty();
            assertThat(foreign.client.getRegisteredServers()).isEmpty();
        }
    }

    @Test
    void an_endpoint_with_a_key_may_not_come_without_it() throws Exception {
        server.knows(new Credential.Psk("m-1", "id-1", KEY));
        try (RawDevice device = device()) {
            assertThat(device.register(RawDevice.LINKS, "ep=m-1", "lt=300", "lwm2m=1.1")
                            .getCode())
                    .isEqualTo(ResponseCode.FORBIDDEN);
        }
    }

    @Test
    void a_registration_of_a_key_cannot_be_touched_without_it() throws Exception {
        server.knows(new Credential.Psk("m-1", "id-1", KEY));
        try (LeshanModule own = LeshanModule.psk("m-1", "id-1", KEY, server);
                RawDevice thief = device()) {
            server.inbox.registered(new Endpoint("m-1"));
            String id = server.sessions.find(new Endpoint("m-1")).orElseThrow().registrationId();

            assertThat(thief.updateRegistration(id, "lt=400").getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(server.sessions.find(new Endpoint("m-1")).orElseThrow().lifetime())
                    .isEqualTo(Duration.ofMinutes(5));
            assertThat(own.firmware.state).isZero();
        }
    }

    @Test
    void a_device_that_is_not_heard_within_its_lifetime_is_gone() throws Exception {
        try (RawDevice device = device()) {
            device.register(RawDevice.LINKS, "ep=m-1", "lt=1", "lwm2m=1.1");

            server.inbox.next(
                    RolloutInput.Deregistered.class,
                    input -> input.endpoint().name().equals("m-1"));
            assertThat(server.sessions.find(new Endpoint("m-1"))).isEmpty();
        }
    }

    @Test
    void a_registration_that_is_replaced_is_not_reported_as_gone() throws Exception {
        try (RawDevice device = device()) {
            device.register("m-1");
            device.register("m-1");

            await().until(() -> server.inbox.all(RolloutInput.Registered.class).size() == 2);
            assertThat(server.inbox.all(RolloutInput.Deregistered.class)).isEmpty();
        }
    }

    @Test
    void a_queue_mode_device_is_spoken_to_only_while_it_listens() throws Exception {
        try (RawDevice device = device()) {
            Response registered = device.register(RawDevice.LINKS, "ep=m-1", "lt=300", "lwm2m=1.1", "b=U", "Q");
            String id = registered.getOptions().getLocationPath().get(1);
            // Listeners are told after the answer has gone, and only then is the device known to listen.
            server.inbox.next(RolloutInput.Registered.class, input -> true);
            server.link.readStatus(new UpdateCommand.ReadStatus(server.update("m-1"), 1));
            await().until(() -> !device.wire.isEmpty());
            server.link.forget(server.update("m-1"));

            await().until(() -> {
                server.link.readStatus(new UpdateCommand.ReadStatus(server.update("m-1"), 2));
                server.link.forget(server.update("m-1"));
                return server.inbox.answersTo(2).contains(new LinkFailed(LinkFailed.Why.ASLEEP));
            });

            int before = device.wire.size();
            device.updateRegistration(id);
            server.inbox.next(RolloutInput.RegistrationUpdated.class, input -> true);
            server.link.readStatus(new UpdateCommand.ReadStatus(server.update("m-1"), 3));
            await().until(() -> device.wire.size() > before);
            assertThat(server.inbox.answersTo(3)).isEmpty();
        }
    }
}
