package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.credential.Credential;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.DeviceStatus;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.FirmwareSlot;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.server.rollout.RolloutInput;

/** Commands to a device of Leshan's client, over CoAP and over CoAPS. */
class DeliveryTest {
    private static final String EP = "module-1";
    private static final byte[] KEY = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private ServerUnderTest server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private LeshanModule registered() {
        LeshanModule module = LeshanModule.noSec(EP, server);
        server.inbox.registered(new Endpoint(EP));
        return module;
    }

    private LeshanModule registeredOverDtls() {
        server.knows(new Credential.Psk(EP, "id-1", KEY));
        LeshanModule module = LeshanModule.psk(EP, "id-1", KEY, server);
        server.inbox.registered(new Endpoint(EP));
        return module;
    }

    @Test
    void a_status_read_shows_state_result_version_identity_and_abilities() {
        try (LeshanModule module = registered()) {
            module.firmware.become(2, 8);

            server.link.readStatus(new UpdateCommand.ReadStatus(server.update(EP), 1));

            DeviceStatus status = ((UpdateSignal.StatusRead) server.inbox.answerTo(1)).status();
            assertThat(status.details().slot()).isEqualTo(FirmwareSlot.OBJECT_5);
            assertThat(status.details().resources()).contains(3, 5, 8, 9);
            assertThat(new DeviceStatus(
                            status.hasObject5(),
                            status.firmware(),
                            status.version(),
                            status.identity(),
                            status.method(),
                            status.protocols(),
                            status.batteryPercent(),
                            status.freeMemoryKb()))
                    .isEqualTo(new DeviceStatus(
                            true,
                            new FirmwareStatus(2, new UpdateResult(8)),
                            FirmwareVersion.of("1.0.0"),
                            new DeviceIdentity("Acme", "M-1", "rev-b"),
                            DeliveryMethod.BOTH,
                            Set.of(UpdateProtocol.COAP, UpdateProtocol.COAPS),
                            87,
                            OptionalLong.empty()));
        }
    }

    @Test
    void codes_outside_the_standard_are_kept_as_numbers() {
        try (LeshanModule module = registered()) {
            module.firmware.become(78, -66);

            server.link.readStatus(new UpdateCommand.ReadStatus(server.update(EP), 1));

            DeviceStatus status = ((UpdateSignal.StatusRead) server.inbox.answerTo(1)).status();
            assertThat(status.firmware()).isEqualTo(new FirmwareStatus(78, new UpdateResult(-66)));
        }
    }

    @Test
    void a_device_read_tells_what_it_is_and_what_it_runs() {
        try (LeshanModule module = registered()) {
            server.link.readDevice(new Endpoint(EP), false);

            RolloutInput.DeviceRead read = server.inbox.next(RolloutInput.DeviceRead.class, input -> true);
            assertThat(read)
                    .isEqualTo(new RolloutInput.DeviceRead(
                            new Endpoint(EP), new DeviceIdentity("Acme", "M-1", "rev-b"), FirmwareVersion.of("1.0.0")));
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void an_image_is_pushed_byte_by_byte() {
        byte[] image = ServerUnderTest.image(256 * 1024 + 77);
        try (LeshanModule module = registered()) {
            DispatchScope scope = server.packageOf(image);

            server.link.pushPackage(new UpdateCommand.PushPackage(server.update(EP), 1, scope));

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(module.firmware.image).isEqualTo(image);
            assertThat(server.inbox.all(RolloutInput.BytesMoved.class))
                    .last()
                    .isEqualTo(new RolloutInput.BytesMoved(server.update(EP), image.length));
        }
    }

    @Test
    void an_image_is_pushed_over_dtls() {
        byte[] image = ServerUnderTest.image(256 * 1024);
        try (LeshanModule module = registeredOverDtls()) {
            server.link.pushPackage(new UpdateCommand.PushPackage(server.update(EP), 1, server.packageOf(image)));

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.PackageAccepted.class);
            assertThat(module.firmware.image).isEqualTo(image);
        }
    }

    @Test
    void an_image_is_pulled_byte_by_byte() {
        byte[] image = ServerUnderTest.image(256 * 1024);
        try (LeshanModule module = registered()) {
            DispatchScope scope = server.packageOf(image);
            server.grant("00112233aabbccdd", EP, scope, image);

            server.link.writePackageUri(
                    new UpdateCommand.WritePackageUri(server.update(EP), 1, scope, "00112233aabbccdd"));

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.UriAccepted.class);
            await().until(() -> module.firmware.state == 2);
            assertThat(module.firmware.uri).isEqualTo(server.coapUri() + "/fw/00112233aabbccdd");
            assertThat(module.firmware.image).isEqualTo(image);
            server.inbox.next(RolloutInput.BytesMoved.class, moved -> moved.bytesSoFar() == image.length);
        }
    }

    @Test
    void execute_carries_no_argument_and_is_refused_outside_downloaded() {
        try (LeshanModule module = registered()) {
            DispatchScope scope = server.packageOf(new byte[] {1});
            server.link.executeUpdate(new UpdateCommand.ExecuteUpdate(server.update(EP), 1, scope));
            assertThat(server.inbox.answerTo(1)).isEqualTo(new UpdateSignal.Refused(405));

            module.firmware.become(2, 0);
            server.link.executeUpdate(new UpdateCommand.ExecuteUpdate(server.update(EP), 2, scope));

            assertThat(server.inbox.answerTo(2)).isInstanceOf(UpdateSignal.ExecuteAccepted.class);
            assertThat(module.firmware.executed).containsExactly("null");
            assertThat(module.firmware.state).isEqualTo(3);
        }
    }

    @Test
    void a_reset_brings_the_object_back_by_either_way() {
        try (LeshanModule module = registered()) {
            module.firmware.become(2, 0);
            server.link.resetObject(new UpdateCommand.ResetObject(server.update(EP), 1, ResetMeans.EMPTY_URI));
            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.ResetAnswered.class);
            assertThat(module.firmware.state).isZero();

            module.firmware.become(2, 0);
            server.link.resetObject(new UpdateCommand.ResetObject(server.update(EP), 2, ResetMeans.ZERO_BYTE));
            assertThat(server.inbox.answerTo(2)).isInstanceOf(UpdateSignal.ResetAnswered.class);
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void cancel_falls_back_to_an_empty_uri_on_a_device_without_it() {
        try (LeshanModule module = registered()) {
            module.firmware.become(2, 0);

            server.link.cancelDownload(new UpdateCommand.CancelDownload(server.update(EP), 1));

            assertThat(server.inbox.answerTo(1)).isInstanceOf(UpdateSignal.ResetAnswered.class);
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void notifications_become_one_hint_after_a_quiet_time() {
        try (LeshanModule module = registered()) {
            server.link.observeStatus(new UpdateCommand.ObserveStatus(server.update(EP), 1));
            await().until(() -> server.endpoints
                            .leshan()
                            .getObservationService()
                            .getObservations(server.endpoints
                                    .leshan()
                                    .getRegistrationService()
                                    .getByEndpoint(EP))
                            .size()
                    == 2);
            await().until(() -> server.link.busyDevices() == 0);

            module.firmware.become(1, 0);
            module.firmware.become(2, 0);

            server.inbox.next(
                    RolloutInput.StatusHinted.class,
                    hint -> hint.endpoint().name().equals(EP));
            assertThat(server.inbox.answersTo(1)).isEmpty();
        }
    }

    @Test
    void a_device_that_is_not_registered_is_answered_for_at_once() {
        server.link.readStatus(new UpdateCommand.ReadStatus(server.update("nobody"), 1));
        server.link.pushPackage(
                new UpdateCommand.PushPackage(server.update("nobody"), 2, server.packageOf(new byte[] {1})));

        assertThat(server.inbox.answersTo(1)).containsExactly(new LinkFailed(LinkFailed.Why.ASLEEP));
        assertThat(server.inbox.answersTo(2)).containsExactly(new LinkFailed(LinkFailed.Why.ASLEEP));
    }

    @Test
    void commands_to_one_device_are_answered_in_order_and_the_ninth_waiting_one_is_turned_back() {
        try (LeshanModule module = registered()) {
            for (int step = 1; step <= 10; step++) {
                server.link.readStatus(new UpdateCommand.ReadStatus(server.update(EP), step));
            }

            for (int step = 1; step <= 10; step++) {
                server.inbox.answerTo(step);
            }
            assertThat(server.inbox.answerTo(10)).isEqualTo(new LinkFailed(LinkFailed.Why.BROKEN));
            assertThat(server.inbox.all(RolloutInput.Answered.class).stream()
                            .filter(answer -> answer.signal() instanceof UpdateSignal.StatusRead)
                            .map(RolloutInput.Answered::step))
                    .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(module.firmware.state).isZero();
        }
    }

    @Test
    void wake_makes_the_device_update_its_registration() {
        try (LeshanModule module = registered()) {
            // A client that has not heard the answer to its Register yet refuses the trigger.
            await().until(() -> module.client.getRegisteredServers().size() == 1);

            server.link.wake(new Endpoint(EP));

            server.inbox.next(
                    RolloutInput.RegistrationUpdated.class,
                    update -> update.endpoint().name().equals(EP));
        }
    }
}
