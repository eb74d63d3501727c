package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientProfile.Listening;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.FirmwareSlot;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.telemetry.TelemetrySettings;

/** Queue mode, and what is written or refused beside the way of an update. The server takes a device for awake for two seconds after it was heard. */
class SleepyDeviceTest {
    private static final Endpoint NAME = new Endpoint("m-1");

    private ServerUnderTest server;

    @BeforeEach
    void start() throws IOException {
        server = new ServerUnderTest();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Response text(String text) {
        Response response = new Response(ResponseCode.CONTENT);
        response.getOptions().setContentFormat(0);
        response.setPayload(text);
        return response;
    }

    /** Resource by resource, all of them 0. */
    private static Response answer(Request request) {
        boolean resource = request.getOptions().getUriPath().size() == 3;
        if (request.getCode() != Code.GET) {
            return new Response(ResponseCode.CHANGED);
        }
        return resource ? text("0") : new Response(ResponseCode.METHOD_NOT_ALLOWED);
    }

    private void read(int step, boolean ifAwake) {
        server.link.readStatus(
                new UpdateCommand.ReadStatus(server.update(NAME.name()), step, List.of(), false, ifAwake));
    }

    /** Waits until the server takes the device for asleep. */
    private void asleep(Duration within) {
        int[] step = {1000};
        await("asleep").atMost(within).pollInterval(Duration.ofMillis(20)).until(() -> {
            read(++step[0], false);
            server.link.forget(server.update(NAME.name()));
            return server.inbox.answersTo(step[0]).contains(new LinkFailed(LinkFailed.Why.ASLEEP));
        });
    }

    private RawDevice sleepy(java.util.function.Function<Request, @Nullable Response> handler) throws Exception {
        RawDevice device = new RawDevice(server, handler);
        device.register(RawDevice.LINKS, "ep=" + NAME, "lt=300", "lwm2m=1.1", "b=U", "Q");
        server.inbox.registered(NAME);
        return device;
    }

    @Test
    void a_watchdog_leaves_a_sleeping_device_asleep_and_says_nothing() throws Exception {
        try (RawDevice device = sleepy(request -> null)) {
            asleep(Duration.ofSeconds(10));
            int heard = device.wire.size();

            read(7, true);
            read(8, false);

            assertThat(server.inbox.answerTo(8)).isEqualTo(new LinkFailed(LinkFailed.Why.ASLEEP));
            assertThat(server.inbox.answersTo(7)).isEmpty();
            assertThat(device.wire).hasSize(heard);
        }
    }

    @Test
    void a_client_that_listens_for_a_shorter_time_is_asleep_sooner() throws Exception {
        server.link.meet(NAME, listening(Duration.ofMillis(10)));
        try (RawDevice device = sleepy(request -> null)) {
            // The usual time is two seconds.
            asleep(Duration.ofMillis(1500));
            assertThat(device.wire).hasSizeLessThan(10);
        }
    }

    @Test
    void a_device_that_did_not_say_what_it_is_is_asked_again_at_its_next_update() throws Exception {
        AtomicBoolean answers = new AtomicBoolean();
        try (ServerUnderTest impatient = new ServerUnderTest(
                        LwM2mSettings.defaults(), TelemetrySettings.defaults(), Duration.ofSeconds(1));
                RawDevice device = new RawDevice(impatient, request -> answers.get() ? answer(request) : null)) {
            String id = device.register(NAME.name());
            impatient.inbox.registered(NAME);
            impatient.link.readDevice(NAME, true);
            await("asked").until(() -> !device.wire.isEmpty());
            await("given up").until(() -> impatient.link.busyDevices() == 0);

            answers.set(true);
            device.updateRegistration(id);

            RolloutInput.DeviceRead read = impatient.inbox.next(RolloutInput.DeviceRead.class, input -> true);
            assertThat(read.endpoint()).isEqualTo(NAME);
        }
    }

    private static ClientProfile listening(Duration awake) {
        ClientProfile d = ClientProfile.CAREFUL;
        return new ClientProfile(
                "mine",
                d.reset(),
                d.object5(),
                d.delivery(),
                d.version(),
                new Listening(Optional.of(awake), true, Optional.empty(), Optional.empty()));
    }

    @Test
    void a_device_that_will_not_be_observed_is_told_of() throws Exception {
        try (RawDevice device = new RawDevice(server, SleepyDeviceTest::answer)) {
            device.register(NAME.name());
            server.inbox.registered(NAME);

            server.link.observeStatus(new UpdateCommand.ObserveStatus(server.update(NAME.name()), 1));

            // It answers an Observe as a plain Read.
            RolloutInput.ObserveRefused refused = server.inbox.next(RolloutInput.ObserveRefused.class, input -> true);
            assertThat(refused.update()).isEqualTo(server.update(NAME.name()));
            assertThat(server.inbox.answersTo(1)).isEmpty();
        }
    }

    @Test
    void severity_deferral_and_the_brake_are_written_in_order_before_what_follows() throws Exception {
        try (RawDevice device = new RawDevice(server, SleepyDeviceTest::answer)) {
            device.register(NAME.name());
            server.inbox.registered(NAME);

            server.link.prepareObject(new UpdateCommand.PrepareObject(
                    server.update(NAME.name()),
                    1,
                    FirmwareSlot.OBJECT_5,
                    OptionalInt.of(2),
                    OptionalLong.of(3600),
                    true));
            read(2, false);
            server.inbox.answerTo(2);

            assertThat(device.wire.stream()
                            .filter(request -> request.getCode() == Code.PUT)
                            .map(request -> request.getOptions().getUriPathString() + "="
                                    + new String(request.getPayload(), StandardCharsets.UTF_8))
                            .toList())
                    .isEqualTo(List.of("5/0/11=2", "5/0/13=3600", "5/0/14=0"));
            assertThat(server.inbox.answersTo(1)).isEmpty();
        }
    }

    @Test
    void a_component_is_found_by_its_name_and_told_to_be_applied_alone() throws Exception {
        String links = "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</33629/0>,</33629/1>";
        try (RawDevice device = new RawDevice(server, SleepyDeviceTest::components)) {
            device.register(links, "ep=" + NAME, "lt=300", "lwm2m=1.1", "b=U");
            server.inbox.registered(NAME);

            server.link.readStatus(
                    new UpdateCommand.ReadStatus(server.update(NAME.name()), 1, List.of("modem"), false, false));
            server.link.readStatus(
                    new UpdateCommand.ReadStatus(server.update(NAME.name()), 2, List.of("radio"), false, false));
            server.link.executeUpdate(new UpdateCommand.ExecuteUpdate(
                    server.update(NAME.name()),
                    3,
                    server.packageOf(new byte[] {1}),
                    new FirmwareSlot(FirmwareSlot.ADVANCED, 1),
                    "0"));

            var modem = ((UpdateSignal.StatusRead) server.inbox.answerTo(1)).status();
            assertThat(modem.details().slot()).isEqualTo(new FirmwareSlot(FirmwareSlot.ADVANCED, 1));
            assertThat(modem.version().text()).isEqualTo("7.1");
            assertThat(modem.firmware()).hasToString("2/0(initial)");
            assertThat(((UpdateSignal.StatusRead) server.inbox.answerTo(2))
                            .status()
                            .hasObject5())
                    .isFalse();
            assertThat(server.inbox.answerTo(3)).isInstanceOf(UpdateSignal.ExecuteAccepted.class);
            assertThat(device.wire.stream()
                            .filter(request -> request.getCode() == Code.POST)
                            .map(request -> request.getOptions().getUriPathString() + " "
                                    + new String(request.getPayload(), StandardCharsets.UTF_8)))
                    .containsExactly("33629/1/2 0");
        }
    }

    /** Refuses to be read as a whole object, as small clients do; instances come in TLV. */
    private static Response components(Request request) {
        List<String> path = request.getOptions().getUriPath();
        if (request.getCode() != Code.GET) {
            return new Response(ResponseCode.CHANGED);
        }
        if (path.get(0).equals("33629") && path.size() == 2) {
            boolean modem = path.get(1).equals("1");
            Response response = new Response(ResponseCode.CONTENT);
            response.getOptions().setContentFormat(11542);
            response.setPayload(tlv(modem ? 2 : 0, modem ? "modem" : "application", modem ? "7.1" : "1.0.0"));
            return response;
        }
        return path.size() == 3 ? text("x") : new Response(ResponseCode.METHOD_NOT_ALLOWED);
    }

    private static byte[] tlv(int state, String name, String version) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        resource(out, 3, new byte[] {(byte) state});
        resource(out, 5, new byte[] {0});
        resource(out, 14, name.getBytes(StandardCharsets.UTF_8));
        resource(out, 15, version.getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    private static void resource(java.io.ByteArrayOutputStream out, int id, byte[] value) {
        boolean small = value.length < 8;
        out.write(0xc0 | (small ? value.length : 0x08));
        out.write(id);
        if (!small) {
            out.write(value.length);
        }
        out.writeBytes(value);
    }
}
