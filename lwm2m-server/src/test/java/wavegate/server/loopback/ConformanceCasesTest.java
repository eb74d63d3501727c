package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.DeviceStatus;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateSignal;
import wavegate.server.rollout.RolloutInput;
import wavegate.sim.FleetPlan;
import wavegate.sim.VirtualFleet;
import wavegate.sim.device.DeviceProfile;
import wavegate.sim.device.DeviceReport;
import wavegate.sim.device.Failures;
import wavegate.sim.device.ImageSpec;
import wavegate.sim.device.ModuleImage;
import wavegate.sim.device.ModuleModel;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.Weighted;

/** The cases on Object 5 of OMA's enabler test specification, 751 to 780, command by command over real CoAP against a module by the book. */
class ConformanceCasesTest {
    private static final String TARGET = "2.0.0";
    private static final int PAYLOAD = 5000;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private ServerUnderTest server;
    private VirtualFleet fleet;
    private Endpoint endpoint;
    private int step;

    @BeforeEach
    void start() throws IOException {
        server = new ServerUnderTest();
        begin(scenario());
    }

    @AfterEach
    void stop() {
        fleet.close();
        server.close();
    }

    private static Scenario scenario() {
        return Trial.QUICK.scenario("healthy", DeviceProfile.SPEC);
    }

    private void begin(Scenario scenario) {
        fleet = VirtualFleet.start(
                FleetPlan.of(1, server.address(Protocol.COAP), scenario).withTimeFactor(Trial.FACTOR));
        endpoint = new Endpoint(fleet.devices().get(0).endpoint());
        server.inbox.registered(endpoint);
    }

    private void beginAnew(Scenario scenario) {
        fleet.close();
        server.inbox.forget();
        begin(scenario);
    }

    // ---- words

    private DeviceReport device() {
        return fleet.devices().get(0);
    }

    private UpdateSignal answer(UpdateCommand command) {
        command.sendTo(server.link);
        return server.inbox.answerTo(command.step());
    }

    private DeviceStatus read() {
        return ((UpdateSignal.StatusRead) answer(new UpdateCommand.ReadStatus(server.update(endpoint.name()), ++step)))
                .status();
    }

    private DeviceStatus reads(Predicate<DeviceStatus> wanted) {
        DeviceStatus[] last = new DeviceStatus[1];
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> {
            last[0] = read();
            return wanted.test(last[0]);
        });
        return last[0];
    }

    private static Predicate<DeviceStatus> at(int state, int result) {
        return status -> status.firmware().stateCode() == state
                && status.firmware().result().code() == result;
    }

    private void reset(ResetMeans means) {
        assertThat(answer(new UpdateCommand.ResetObject(server.update(endpoint.name()), ++step, means)))
                .isInstanceOf(UpdateSignal.ResetAnswered.class);
    }

    private UpdateSignal push(byte[] image) {
        return answer(new UpdateCommand.PushPackage(server.update(endpoint.name()), ++step, server.packageOf(image)));
    }

    private UpdateSignal pull(byte[] image, String token) {
        DispatchScope scope = server.packageOf(image);
        server.grant(token, endpoint.name(), scope, image);
        return answer(new UpdateCommand.WritePackageUri(server.update(endpoint.name()), ++step, scope, token));
    }

    private UpdateSignal execute(byte[] image) {
        return answer(new UpdateCommand.ExecuteUpdate(server.update(endpoint.name()), ++step, server.packageOf(image)));
    }

    private static byte[] image() {
        return scenario().firmware(Release.bytes(PAYLOAD), TARGET);
    }

    private void downloaded(byte[] image) {
        assertThat(push(image)).isInstanceOf(UpdateSignal.PackageAccepted.class);
        assertThat(read()).matches(at(2, 0), "2/0");
    }

    // ---- the cases

    @Test
    void case_751_a_read_of_object_5_shows_0_0_and_what_the_device_can_do() {
        DeviceStatus status = read();

        assertThat(status).matches(at(0, 0), "0/0");
        assertThat(status.method()).isEqualTo(DeliveryMethod.BOTH);
        assertThat(status.protocols()).containsExactly(UpdateProtocol.COAP);
        assertThat(status.details().resources())
                .contains(FirmwareUpdateObject.PROTOCOL_SUPPORT, FirmwareUpdateObject.DELIVERY_METHOD);
    }

    @Test
    void case_755_a_zero_byte_resets_and_a_valid_image_leads_to_2_0() {
        reset(ResetMeans.ZERO_BYTE);
        assertThat(read()).matches(at(0, 0), "0/0");

        downloaded(image());
    }

    @Test
    void case_756_an_empty_uri_resets_and_a_valid_one_leads_to_2_0() {
        reset(ResetMeans.EMPTY_URI);
        assertThat(read()).matches(at(0, 0), "0/0");

        assertThat(pull(image(), "0123456789abcdef")).isInstanceOf(UpdateSignal.UriAccepted.class);
        reads(at(2, 0));
    }

    @Test
    void case_760_a_finished_download_is_notified() {
        new UpdateCommand.ObserveStatus(server.update(endpoint.name()), ++step).sendTo(server.link);
        read();

        downloaded(image());

        server.inbox.next(
                RolloutInput.StatusHinted.class, hint -> hint.endpoint().equals(endpoint));
        assertThat(server.inbox.all(RolloutInput.ObserveRefused.class)).isEmpty();
    }

    @Test
    void case_770_a_whole_update_by_push_ends_on_the_new_version() {
        reset(ResetMeans.EMPTY_URI);
        byte[] image = image();
        downloaded(image);

        assertThat(execute(image)).isInstanceOf(UpdateSignal.ExecuteAccepted.class);

        assertThat(reads(at(0, 1)).version().text()).isEqualTo(TARGET);
        assertThat(device().version()).isEqualTo(TARGET);
        assertThat(device().counters().applies()).isEqualTo(1);
    }

    @Test
    void case_771_a_whole_update_by_pull_ends_on_the_new_version() {
        byte[] image = image();
        assertThat(pull(image, "0123456789abcdef")).isInstanceOf(UpdateSignal.UriAccepted.class);
        reads(at(2, 0));

        assertThat(execute(image)).isInstanceOf(UpdateSignal.ExecuteAccepted.class);

        assertThat(reads(at(0, 1)).version().text()).isEqualTo(TARGET);
    }

    @Test
    void case_772_execute_without_an_image_is_refused_and_changes_nothing() {
        assertThat(execute(image())).isEqualTo(new UpdateSignal.Refused(405));

        assertThat(read()).matches(at(0, 0), "0/0");
        assertThat(device().counters().applies()).isZero();
    }

    @Test
    void case_773_an_image_too_large_for_the_flash_ends_at_0_2_and_never_reaches_2() {
        Scenario small = scenario();
        ModuleModel m = small.population().models().get(0).value();
        ModuleModel tiny = new ModuleModel(
                m.manufacturer(), m.model(), m.hardware(), m.baseVersion(), m.partitionLayout(), 1024, m.batteryMah());
        beginAnew(new Scenario(
                small.name(),
                small.description(),
                new Scenario.Population(
                        small.population().regions(),
                        java.util.List.of(new Weighted<>(tiny, 1)),
                        small.population().profiles()),
                small.timing(),
                small.health(),
                small.coap(),
                small.misfortune(),
                small.image()));

        push(image());

        assertThat(reads(status -> status.firmware().result().code() != 0)).matches(at(0, 2), "0/2");
        assertThat(device().counters().downloads()).isZero();
    }

    @Test
    void case_774_a_device_that_runs_out_of_memory_ends_at_0_3() {
        beginAnew(scenario().withFailures(Failures.always(3)));

        push(image());

        assertThat(reads(status -> status.firmware().result().code() != 0)).matches(at(0, 3), "0/3");
        assertThat(device().counters().downloads()).isZero();
    }

    @Test
    void case_775_a_connection_lost_in_a_download_ends_at_0_4() {
        beginAnew(scenario().withFailures(Failures.always(4)));

        assertThat(pull(image(), "0123456789abcdef")).isInstanceOf(UpdateSignal.UriAccepted.class);

        assertThat(reads(status -> status.firmware().result().code() != 0)).matches(at(0, 4), "0/4");
    }

    @Test
    void case_776_an_image_that_was_damaged_on_the_way_ends_at_0_5() {
        byte[] image = image();
        image[image.length / 2] ^= 1;

        push(image);

        assertThat(reads(status -> status.firmware().result().code() != 0)).matches(at(0, 5), "0/5");
    }

    @Test
    void case_777_a_package_of_an_unknown_kind_ends_with_result_6() {
        push(Release.bytes(PAYLOAD));

        assertThat(reads(status -> status.firmware().result().code() != 0)).matches(at(0, 6), "0/6");
    }

    @Test
    void case_778_a_uri_that_leads_nowhere_is_accepted_and_ends_at_0_7() {
        byte[] image = image();

        assertThat(answer(new UpdateCommand.WritePackageUri(
                        server.update(endpoint.name()), ++step, server.packageOf(image), "0000000000000000")))
                .isInstanceOf(UpdateSignal.UriAccepted.class);

        assertThat(reads(status -> status.firmware().result().code() != 0)).matches(at(0, 7), "0/7");
    }

    @Test
    void case_779_a_failed_installation_is_reported_and_the_old_version_stays() {
        byte[] image = ModuleImage.wrap(
                Release.bytes(PAYLOAD),
                ImageSpec.good(
                                TARGET,
                                scenario().population().models().get(0).value().partitionLayout())
                        .thatFailsToBoot());
        downloaded(image);

        assertThat(execute(image)).isInstanceOf(UpdateSignal.ExecuteAccepted.class);

        DeviceStatus failed = reads(status -> status.firmware().result().code() == 8);
        assertThat(failed.firmware().stateCode()).isIn(0, 2);
        assertThat(failed.version().text()).isEqualTo("1.0.0");
    }

    @Test
    void case_780_a_scheme_the_device_does_not_know_ends_at_0_9() {
        beginAnew(scenario().withFailures(Failures.always(9)));

        pull(image(), "0123456789abcdef");

        assertThat(reads(status -> status.firmware().result().code() != 0)).matches(at(0, 9), "0/9");
    }

    @Test
    void an_image_that_lies_there_can_be_replaced_after_a_cancel() {
        downloaded(image());

        reset(ResetMeans.CANCEL);
        assertThat(read()).matches(at(0, 10), "0/10");

        downloaded(image());
    }

    @Test
    void a_write_over_an_image_that_lies_there_is_refused_and_changes_nothing() {
        byte[] image = image();
        downloaded(image);

        assertThat(push(image)).isInstanceOf(UpdateSignal.Refused.class);

        assertThat(read()).matches(at(2, 0), "2/0");
    }
}
