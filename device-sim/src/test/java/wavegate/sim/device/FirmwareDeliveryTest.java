package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.DeliveryMethod;

/** How packages arrive and are applied, profile by profile. */
class FirmwareDeliveryTest {
    private static final String URI = "coap://127.0.0.1:5683/fw/2.0.0?t=1";
    private static final byte[] GOOD = DeviceRig.image(DeviceRig.good());

    private static DeviceRig rig(DeviceProfile profile) {
        return new DeviceRig(profile).registered();
    }

    private static DeviceRig applied(DeviceProfile profile, ImageSpec spec) {
        DeviceRig rig = rig(profile);
        rig.push(DeviceRig.image(spec), profile.delivery().blockBytes());
        assertThat(rig.status()).isEqualTo("2/0");
        assertThat(rig.execute("5/0/2")).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofMinutes(1));
        return rig;
    }

    /** A device that has its first block of a pull and asks for the second. */
    private static DeviceRig pulling() {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        assertThat(rig.write("5/0/1", URI)).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofMillis(500));
        Request first = rig.nextGet();
        rig.answer(first, DeviceRig.blockOf(GOOD, first, new byte[] {1}));
        return rig;
    }

    private static Token observe(DeviceRig rig, String path) {
        Request request = DeviceRig.request(CoAP.Code.GET, path);
        request.getOptions().setObserve(0);
        request.setToken(path.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        rig.ask(request);
        return request.getToken();
    }

    private static List<Message> notifications(DeviceRig rig) {
        return rig.sent.stream().filter(Response.class::isInstance).toList();
    }

    @Test
    void a_push_by_the_book_ends_in_the_new_version_with_result_1() {
        DeviceRig rig = applied(DeviceProfile.SPEC, DeviceRig.good());

        assertThat(rig.text("3/0/3")).isEqualTo("2.0.0");
        assertThat(rig.status()).isEqualTo("0/1");
        assertThat(rig.registers).isEqualTo(2);
        assertThat(rig.rebinds).isEqualTo(1);
        DeviceCounters counters = rig.device.counters();
        assertThat(counters.packageWrites()).isEqualTo(1);
        assertThat(counters.applies()).isEqualTo(1);
        assertThat(counters.secondApplies()).isZero();
        assertThat(counters.bytes()).isEqualTo(GOOD.length);
        assertThat(rig.device.report().userDataIntact()).isTrue();
    }

    @Test
    void what_the_boot_stage_finds_leaves_the_old_version_and_the_users_data() {
        for (ImageSpec spec : List.of(
                DeviceRig.good().withWrongDigest(),
                DeviceRig.good().forLayout("other"),
                DeviceRig.good().forModel("", "rev-z"),
                DeviceRig.good().thatFailsToBoot())) {
            DeviceRig rig = applied(DeviceProfile.SPEC, spec);

            assertThat(rig.text("3/0/3")).as("%s", spec).isEqualTo("1.0.0");
            assertThat(rig.status()).isEqualTo(spec.wrongDigest() ? "0/5" : "0/8");
            assertThat(rig.device.report().userDataIntact()).isTrue();
            assertThat(rig.device.counters().reverts()).isEqualTo(1);
            assertThat(rig.device.report().lastFailure()).isNotEmpty();
        }
    }

    @Test
    void flash_programmed_for_another_layout_would_lose_the_users_data() {
        Slot factory = Slot.factory(DeviceRig.MODEL);
        Flash flash = new Flash(DeviceRig.MODEL.partitionLayout(), factory, 42);
        ImageParser parser = new ImageParser();
        parser.feed(DeviceRig.image(DeviceRig.good().forLayout("other")));

        flash.program(parser.finish().slot().orElseThrow());

        assertThat(flash.userDataIntact()).isFalse();
    }

    @Test
    void an_image_for_another_model_is_refused_when_the_download_ends() {
        DeviceRig rig = rig(DeviceProfile.SPEC);

        rig.push(DeviceRig.image(DeviceRig.good().forModel("WG-200", "")), 1024);

        assertThat(rig.status()).isEqualTo("0/6");
    }

    @Test
    void anjay_jumps_to_state_2_and_stays_there_on_failure() {
        DeviceRig rig = rig(DeviceProfile.ANJAY);
        Token state = observe(rig, "5/0/3");
        byte[] image = DeviceRig.image(DeviceRig.good().thatFailsToBoot());
        rig.block(image, 0, 1024);
        assertThat(rig.status()).isEqualTo("0/0");
        assertThat(notifications(rig)).isEmpty();
        rig.block(image, 1, 1024);
        rig.block(image, 2, 1024);
        assertThat(rig.block(image, 3, 1024).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(notifications(rig))
                .singleElement()
                .satisfies(notification -> assertThat(notification.getToken()).isEqualTo(state))
                .satisfies(notification ->
                        assertThat(notification.getPayloadString()).isEqualTo("2"));
        assertThat(rig.block(image, 0, 1024).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);

        rig.execute("5/0/2");
        rig.run(Duration.ofMinutes(1));

        assertThat(rig.status()).isEqualTo("2/8");
        assertThat(rig.block(image, 0, 1024).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        rig.execute("5/0/2");
        assertThat(rig.device.counters().secondApplies()).isEqualTo(1);
    }

    @Test
    void anjay_forgets_the_result_at_the_second_boot() {
        DeviceRig rig = applied(DeviceProfile.ANJAY, DeviceRig.good());
        assertThat(rig.status()).isEqualTo("0/1");

        rig.execute("3/0/4");
        rig.run(Duration.ofMinutes(1));

        assertThat(rig.status()).isEqualTo("0/0");
        assertThat(rig.text("3/0/3")).isEqualTo("2.0.0");
    }

    @Test
    void anjay_refuses_a_strange_scheme_at_once_and_others_by_result() {
        DeviceRig anjay = rig(DeviceProfile.ANJAY);
        DeviceRig spec = rig(DeviceProfile.SPEC);

        assertThat(anjay.write("5/0/1", "ftp://127.0.0.1/x")).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(spec.write("5/0/1", "ftp://127.0.0.1/x")).isEqualTo(ResponseCode.CHANGED);

        assertThat(anjay.status()).isEqualTo("0/9");
        assertThat(spec.status()).isEqualTo("0/9");
    }

    @Test
    void the_order_of_result_and_state_is_the_profiles() {
        for (DeviceProfile profile : List.of(DeviceProfile.ANJAY, DeviceProfile.SPEC)) {
            DeviceRig rig = rig(profile);
            byte[] spoilt = GOOD.clone();
            spoilt[spoilt.length - 1] ^= 1;
            rig.push(spoilt, 1024);
            assertThat(rig.status()).isEqualTo("0/5");
            Token state = observe(rig, "5/0/3");
            Token result = observe(rig, "5/0/5");
            rig.sent.clear();

            rig.write("5/0/1", URI);

            assertThat(notifications(rig).stream().map(Message::getToken))
                    .as(profile.name())
                    .isEqualTo(profile.equals(DeviceProfile.ANJAY) ? List.of(result, state) : List.of(state, result));
        }
    }

    @Test
    void zephyr_remembers_nothing_after_a_reboot() {
        DeviceRig updated = applied(DeviceProfile.ZEPHYR, DeviceRig.good());
        assertThat(updated.status()).isEqualTo("0/0");
        assertThat(updated.text("3/0/3")).isEqualTo("2.0.0");
        assertThat(updated.rebinds).isZero();

        DeviceRig rebooted = rig(DeviceProfile.ZEPHYR);
        rebooted.push(GOOD, 512);
        rebooted.execute("3/0/4");
        rebooted.run(Duration.ofMinutes(1));
        assertThat(rebooted.status()).isEqualTo("0/0");
    }

    @Test
    void zephyr_resets_from_state_2_alone_and_takes_a_zero_byte_for_an_image() {
        DeviceRig rig = rig(DeviceProfile.ZEPHYR);
        rig.push(new byte[] {0}, 512);
        assertThat(rig.status()).isEqualTo("2/0");
        rig.push(new byte[] {0}, 512);
        assertThat(rig.status()).isEqualTo("0/0");
        rig.push(GOOD, 512);
        assertThat(rig.status()).isEqualTo("2/0");

        rig.push(new byte[] {0}, 512);

        assertThat(rig.status()).isEqualTo("0/0");
        assertThat(rig.get("5/0/10").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
    }

    @Test
    void a_push_only_device_refuses_a_uri_and_large_blocks() {
        DeviceRig rig = rig(DeviceProfile.PUSH_ONLY);
        assertThat(rig.text("5/0/9")).isEqualTo(Integer.toString(DeliveryMethod.PUSH.code()));
        assertThat(rig.write("5/0/1", URI)).isEqualTo(ResponseCode.BAD_REQUEST);

        Response refused = rig.block(GOOD, 0, 1024);

        assertThat(refused.getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        assertThat(refused.getOptions().getBlock1().getSize()).isEqualTo(512);
        assertThat(rig.push(GOOD, 512).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.status()).isEqualTo("2/0");
    }

    @Test
    void a_smaller_block_size_is_agreed_on_after_the_first_block() {
        DeviceRig rig = rig(DeviceProfile.ZEPHYR);

        Response first = rig.block(GOOD, 0, 1024);

        assertThat(first.getCode()).isEqualTo(ResponseCode.CONTINUE);
        assertThat(first.getOptions().getBlock1().getSize()).isEqualTo(512);
        for (int num = 2; num * 512 < GOOD.length; num++) {
            rig.block(GOOD, num, 512);
        }
        assertThat(rig.status()).isEqualTo("2/0");
    }

    @Test
    void a_pull_only_device_refuses_a_package_and_counts_the_attempt() {
        DeviceRig rig = rig(DeviceProfile.PULL_ONLY);

        assertThat(rig.block(GOOD, 0, 1024).getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(rig.device.counters().writesTo5()).isEqualTo(1);
    }

    @Test
    void a_deferring_device_obeys_the_second_execute() {
        DeviceRig rig = rig(DeviceProfile.DEFERRING);
        rig.push(GOOD, 1024);
        rig.execute("5/0/2");
        assertThat(rig.status()).isEqualTo("2/11");
        assertThat(rig.device.counters().applies()).isZero();

        rig.execute("5/0/2");
        rig.run(Duration.ofMinutes(1));

        assertThat(rig.status()).isEqualTo("0/1");
    }

    @Test
    void a_gap_is_answered_4_08_and_a_repeated_block_is_not_counted_twice() {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        rig.block(GOOD, 0, 512);
        rig.block(GOOD, 1, 512);

        assertThat(rig.block(GOOD, 3, 512).getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
        assertThat(rig.block(GOOD, 1, 512).getCode()).isEqualTo(ResponseCode.CONTINUE);
        for (int num = 2; num * 512 < GOOD.length; num++) {
            rig.block(GOOD, num, 512);
        }

        assertThat(rig.status()).isEqualTo("2/0");
        assertThat(rig.device.counters().bytes()).isEqualTo(GOOD.length);
    }

    @Test
    void a_new_block_0_begins_the_push_again() {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        rig.block(GOOD, 0, 512);
        rig.block(GOOD, 1, 512);

        rig.push(GOOD, 512);

        assertThat(rig.status()).isEqualTo("2/0");
        assertThat(rig.device.counters().packageWrites()).isEqualTo(2);
    }

    @Test
    void a_push_that_stops_is_given_up() {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        rig.block(GOOD, 0, 512);

        rig.run(Duration.ofMinutes(5));

        assertThat(rig.status()).isEqualTo("0/4");
        assertThat(rig.block(GOOD, 1, 512).getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
    }

    @Test
    void a_pull_asks_block_by_block_and_hashes_what_it_gets() {
        DeviceRig rig = pulling();
        assertThat(rig.status()).isEqualTo("1/0");
        Request second = rig.nextGet();
        assertThat(second.getOptions().getUriPathString()).isEqualTo("fw/2.0.0");
        assertThat(second.getOptions().getUriQueryString()).isEqualTo("t=1");
        assertThat(second.getOptions().getBlock2().getNum()).isEqualTo(1);

        rig.answer(second, DeviceRig.blockOf(GOOD, second, new byte[] {1}));
        rig.servePull(GOOD);

        assertThat(rig.status()).isEqualTo("2/0");
        assertThat(rig.text("5/0/7")).isEqualTo("2.0.0");
        assertThat(rig.text("5/0/1")).isEqualTo(URI);
    }

    @Test
    void a_pull_goes_on_after_a_reboot_where_it_stopped() {
        DeviceRig rig = pulling();
        rig.execute("3/0/4");
        rig.sent.clear();

        rig.run(Duration.ofSeconds(20));

        Request next = rig.nextGet();
        assertThat(next.getOptions().getBlock2().getNum()).isEqualTo(1);
        rig.answer(next, DeviceRig.blockOf(GOOD, next, new byte[] {1}));
        rig.servePull(GOOD);
        assertThat(rig.status()).isEqualTo("2/0");
        assertThat(rig.device.counters().bytes()).isEqualTo(GOOD.length);
    }

    @Test
    void a_pull_of_a_client_that_cannot_resume_is_lost_in_a_reboot() {
        DeviceRig rig = rig(DeviceProfile.ZEPHYR);
        rig.write("5/0/1", URI);
        rig.run(Duration.ofMillis(500));
        rig.execute("3/0/4");
        rig.sent.clear();

        rig.run(Duration.ofSeconds(30));

        assertThat(rig.status()).isEqualTo("0/0");
        assertThat(rig.sent).noneMatch(Request.class::isInstance);
    }

    @Test
    void a_changed_entity_tag_begins_the_pull_again() {
        DeviceRig rig = pulling();
        Request second = rig.nextGet();

        rig.answer(second, DeviceRig.blockOf(GOOD, second, new byte[] {2}));

        assertThat(rig.nextGet().getOptions().getBlock2().getNum()).isZero();
    }

    @Test
    void a_pull_without_answers_ends_with_result_4() {
        DeviceRig rig = pulling();

        rig.run(Duration.ofMinutes(15));

        assertThat(rig.status()).isEqualTo("0/4");
    }

    @Test
    void an_answer_after_the_reset_changes_nothing() {
        DeviceRig rig = pulling();
        Request second = rig.nextGet();
        rig.write("5/0/1", "");

        rig.answer(second, DeviceRig.blockOf(GOOD, second, new byte[] {1}));

        assertThat(rig.status()).isEqualTo("0/0");
        assertThat(rig.sent).noneMatch(Request.class::isInstance);
    }

    @Test
    void a_separate_response_is_awaited_and_acknowledged() {
        DeviceRig rig = pulling();
        Request second = rig.nextGet();
        rig.receive(new EmptyMessage(CoAP.Type.ACK).setMID(second.getMID()));
        rig.run(Duration.ofSeconds(5));
        assertThat(rig.sent).noneMatch(Request.class::isInstance);

        Response late = DeviceRig.blockOf(GOOD, second, new byte[] {1});
        late.setType(CoAP.Type.CON).setMID(77);
        late.setToken(second.getToken());
        rig.receive(late);

        assertThat(rig.sent)
                .anyMatch(message -> message.getType() == CoAP.Type.ACK && message.getMID() == 77)
                .anyMatch(message -> message instanceof Request request
                        && request.getOptions().getBlock2().getNum() == 2);
    }

    @Test
    void a_flipped_byte_is_found_when_the_download_ends() {
        DeviceSettings.Faults always = new DeviceSettings.Faults(1, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC, DeviceRig.STEADY, always, 1).registered();

        rig.push(GOOD, 512);

        assertThat(rig.status()).isEqualTo("0/5");
        assertThat(rig.device.counters().downloads()).isZero();
    }

    @Test
    void a_reboot_during_a_push_loses_the_package() {
        DeviceSettings.Faults always = new DeviceSettings.Faults(0, 1, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC, DeviceRig.STEADY, always, 1).registered();
        byte[] image = ModuleImage.wrap(new byte[60_000], DeviceRig.good());
        for (int num = 0; rig.device.registered(); num++) {
            rig.block(image, num, 512);
            rig.run(Duration.ofMillis(1));
        }

        rig.run(Duration.ofMinutes(1));

        assertThat(rig.status()).isEqualTo("0/4");
        assertThat(rig.device.counters().boots()).isEqualTo(2);
    }
}
