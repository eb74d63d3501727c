package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.DeliveryMethod;

/** What tells one family of clients from another on the wire. */
class ClientFamiliesTest {
    private static final String URI = "coap://127.0.0.1:5683/fw/2.0.0";
    private static final byte[] GOOD = DeviceRig.image(DeviceRig.good());

    private static DeviceRig rig(DeviceProfile profile) {
        return new DeviceRig(profile).registered();
    }

    private static byte[] spoilt() {
        byte[] image = GOOD.clone();
        image[image.length - 1] ^= 1;
        return image;
    }

    private static Response writeBytes(DeviceRig rig, String path, byte... bytes) {
        Request request = DeviceRig.request(CoAP.Code.PUT, path);
        request.getOptions().setContentFormat(MediaTypeRegistry.APPLICATION_OCTET_STREAM);
        request.setPayload(bytes);
        return rig.ask(request);
    }

    private static DeviceRig downloaded(DeviceProfile profile) {
        DeviceRig rig = rig(profile);
        assertThat(rig.push(GOOD, profile.delivery().blockBytes()).getCode()).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofSeconds(5));
        assertThat(rig.status()).isEqualTo("2/0");
        return rig;
    }

    /** State and Update Result after an empty URI in Idle, with a push begun, and Downloaded; and what was answered while Updating. */
    private static List<String> resetsByUri(DeviceProfile profile) {
        List<String> seen = new ArrayList<>();
        DeviceRig idle = rig(profile);
        idle.push(spoilt(), profile.delivery().blockBytes());
        idle.run(Duration.ofSeconds(5));
        idle.write("5/0/1", "");
        seen.add(idle.status());
        DeviceRig downloading = rig(profile);
        downloading.write("5/0/1", URI);
        downloading.run(Duration.ofMillis(200));
        downloading.write("5/0/1", "");
        seen.add(downloading.status());
        DeviceRig downloaded = downloaded(profile);
        downloaded.write("5/0/1", "");
        seen.add(downloaded.status());
        DeviceRig updating = downloaded(profile);
        updating.execute("5/0/2");
        seen.add(updating.write("5/0/1", "") + " " + updating.status());
        return seen;
    }

    @Test
    void an_empty_uri_resets_in_the_states_of_the_family() {
        assertThat(resetsByUri(DeviceProfile.SPEC)).containsExactly("0/0", "0/0", "0/0", "4.05 3/0");
        assertThat(resetsByUri(DeviceProfile.ANJAY)).containsExactly("0/0", "0/0", "0/0", "4.05 3/0");
        assertThat(resetsByUri(DeviceProfile.ANJAY_LITE)).containsExactly("0/0", "0/0", "0/0", "4.05 3/0");
        assertThat(resetsByUri(DeviceProfile.ZEPHYR)).containsExactly("0/5", "1/0", "0/0", "2.04 3/0");
        assertThat(resetsByUri(DeviceProfile.NRF)).containsExactly("0/0", "0/0", "0/0", "2.04 0/0");
    }

    @Test
    void a_zero_byte_is_a_reset_or_an_image_or_nothing_known() {
        for (DeviceProfile profile : List.of(DeviceProfile.SPEC, DeviceProfile.ANJAY, DeviceProfile.ANJAY_LITE)) {
            DeviceRig rig = rig(profile);
            assertThat(writeBytes(rig, "5/0/0", (byte) 0).getCode()).isEqualTo(ResponseCode.CHANGED);
            assertThat(rig.status()).as(profile.name()).isEqualTo("0/0");
        }
        DeviceRig zephyr = rig(DeviceProfile.ZEPHYR);
        assertThat(writeBytes(zephyr, "5/0/0", (byte) 0).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(zephyr.status()).isEqualTo("2/0");
        DeviceRig nrf = rig(DeviceProfile.NRF);
        writeBytes(nrf, "5/0/0", (byte) 0);
        assertThat(nrf.status()).isEqualTo("0/6");
        DeviceRig held = downloaded(DeviceProfile.NRF);
        writeBytes(held, "5/0/0", (byte) 0);
        assertThat(held.status()).isEqualTo("0/0");
    }

    @Test
    void a_poisoned_zephyr_that_is_told_to_update_comes_back_as_it_was() {
        DeviceRig rig = rig(DeviceProfile.ZEPHYR);
        writeBytes(rig, "5/0/0", (byte) 0);

        assertThat(rig.execute("5/0/2")).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofMinutes(1));

        assertThat(rig.text("3/0/3")).isEqualTo("1.0.0");
        assertThat(rig.status()).isEqualTo("0/0");
        assertThat(rig.device.report().lastFailure()).isNotEmpty();
    }

    @Test
    void a_package_of_no_byte_is_no_reset_but_from_state_2_of_zephyr() {
        for (DeviceProfile profile : List.of(DeviceProfile.SPEC, DeviceProfile.ANJAY, DeviceProfile.ZEPHYR)) {
            assertThat(writeBytes(rig(profile), "5/0/0").getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        }
        DeviceRig zephyr = downloaded(DeviceProfile.ZEPHYR);
        assertThat(writeBytes(zephyr, "5/0/0").getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(zephyr.status()).isEqualTo("0/0");
        DeviceRig anjay = downloaded(DeviceProfile.ANJAY);
        assertThat(writeBytes(anjay, "5/0/0").getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(anjay.status()).isEqualTo("2/0");
    }

    @Test
    void anjay_lite_hides_state_1_and_answers_a_bad_image_5_00() {
        DeviceRig rig = rig(DeviceProfile.ANJAY_LITE);
        rig.block(GOOD, 0, 1024);
        assertThat(rig.status()).isEqualTo("0/0");

        assertThat(rig.push(spoilt(), 1024).getCode()).isEqualTo(ResponseCode.INTERNAL_SERVER_ERROR);

        assertThat(rig.status()).isEqualTo("0/5");
    }

    @Test
    void anjay_lite_adds_a_push_behind_one_that_broke_off_unless_it_is_reset() {
        DeviceRig rig = rig(DeviceProfile.ANJAY_LITE);
        rig.block(GOOD, 0, 1024);
        rig.run(Duration.ofHours(1));
        rig.push(GOOD, 1024);
        assertThat(rig.status()).isEqualTo("0/5");

        rig.block(GOOD, 0, 1024);
        assertThat(rig.write("5/0/1", "")).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.push(GOOD, 1024).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.status()).isEqualTo("2/0");
    }

    @Test
    void only_some_give_up_a_push_that_broke_off() {
        for (DeviceProfile profile : List.of(DeviceProfile.SPEC, DeviceProfile.ZEPHYR)) {
            DeviceRig rig = rig(profile);
            rig.block(GOOD, 0, 512);
            rig.run(Duration.ofHours(1));
            assertThat(rig.status()).isEqualTo(profile.equals(DeviceProfile.SPEC) ? "0/4" : "1/0");
            rig.push(GOOD, 512);
            assertThat(rig.status()).isEqualTo("2/0");
        }
    }

    @Test
    void nrf_answers_the_first_block_when_its_flash_is_erased_and_obeys_a_repetition_once() {
        DeviceRig rig = rig(DeviceProfile.NRF);
        Request first = DeviceRig.request(CoAP.Code.PUT, "5/0/0");
        first.getOptions()
                .setContentFormat(MediaTypeRegistry.APPLICATION_OCTET_STREAM)
                .setBlock1(5, true, 0);
        first.setPayload(Arrays.copyOf(GOOD, 512));
        first.setMID(9).setToken(new byte[] {9});

        rig.receive(first);
        rig.run(Duration.ofSeconds(2));
        assertThat(rig.sent).noneMatch(message -> message.getMID() == 9);
        rig.receive(first);
        rig.run(Duration.ofSeconds(2));

        assertThat(rig.sent.stream().filter(message -> message.getMID() == 9))
                .hasSize(2)
                .allMatch(message -> ((Response) message).getCode() == ResponseCode.CONTINUE);
        assertThat(rig.device.counters().packageWrites()).isEqualTo(1);
        assertThat(rig.status()).isEqualTo("1/0");
    }

    @Test
    void nrf_forgets_a_download_and_keeps_a_result_over_a_reboot() {
        DeviceRig pulling = rig(DeviceProfile.NRF);
        pulling.write("5/0/1", URI);
        pulling.execute("3/0/4");
        pulling.run(Duration.ofMinutes(1));
        assertThat(pulling.status()).isEqualTo("0/0");

        DeviceRig updated = downloaded(DeviceProfile.NRF);
        updated.execute("5/0/2");
        updated.run(Duration.ofMinutes(1));
        updated.execute("3/0/4");
        updated.run(Duration.ofMinutes(1));
        assertThat(updated.status()).isEqualTo("0/1");
        assertThat(updated.text("3/0/3")).isEqualTo("2.0.0");
    }

    @Test
    void nrf_that_is_reset_while_it_updates_updates_and_says_nothing() {
        DeviceRig rig = downloaded(DeviceProfile.NRF);
        rig.execute("5/0/2");
        rig.write("5/0/1", "");
        rig.run(Duration.ofMinutes(1));

        assertThat(rig.text("3/0/3")).isEqualTo("2.0.0");
        assertThat(rig.status()).isEqualTo("0/0");
    }

    @Test
    void wakaama_takes_everything_and_updates_nothing() {
        DeviceRig rig = rig(DeviceProfile.WAKAAMA);
        assertThat(rig.status()).isEqualTo("1/0");
        assertThat(rig.text("5/0/9")).isEqualTo("1");
        assertThat(rig.get("5/0/1").getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        Response large = rig.block(GOOD, 0, 512);
        assertThat(large.getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        assertThat(large.getOptions().getBlock1().getSize()).isEqualTo(128);
        assertThat(rig.push(GOOD, 128).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.write("5/0/1", URI)).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.write("5/0/1", "")).isEqualTo(ResponseCode.CHANGED);
        assertThat(writeBytes(rig, "5/0/0", (byte) 0).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.status()).isEqualTo("1/0");
        Request discover = DeviceRig.request(CoAP.Code.GET, "5");
        discover.getOptions().setAccept(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
        assertThat(rig.ask(discover).getCode()).isEqualTo(ResponseCode.NOT_IMPLEMENTED);
        Request withArguments = DeviceRig.request(CoAP.Code.POST, "5/0/2");
        withArguments.setPayload("0");
        assertThat(rig.ask(withArguments).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);

        assertThat(rig.execute("5/0/2")).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.status()).isEqualTo("2/0");
        assertThat(rig.execute("5/0/2")).isEqualTo(ResponseCode.BAD_REQUEST);
        rig.run(Duration.ofHours(1));
        assertThat(rig.text("3/0/3")).isEqualTo("1.0.0");
        rig.execute("3/0/4");
        rig.run(Duration.ofMinutes(1));
        assertThat(rig.status()).isEqualTo("1/0");
    }

    @Test
    void a_modem_asks_its_user_before_each_step_and_shows_nothing_of_it() {
        DeviceRig rig = rig(DeviceProfile.MODEM);
        assertThat(rig.block(GOOD, 0, 512).getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(rig.write("5/0/1", "coap://127.0.0.1/" + "x".repeat(240))).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(rig.write("5/0/1", URI)).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofSeconds(30));
        assertThat(rig.device.report().status().stateCode()).isZero();

        servePatiently(rig);
        assertThat(rig.device.report().status().stateCode()).isEqualTo(2);
        assertThat(rig.execute("5/0/2")).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofSeconds(30));
        assertThat(rig.device.report().status().stateCode()).isEqualTo(2);
        rig.run(Duration.ofMinutes(5));

        assertThat(rig.device.version()).isEqualTo("2.0.0");
        assertThat(rig.device.report().status().result().code()).isEqualTo(1);
    }

    @Test
    void a_modem_hears_at_its_paging_times() {
        DeviceRig rig = rig(DeviceProfile.MODEM);
        rig.run(Duration.ofSeconds(60));
        Request read = DeviceRig.request(CoAP.Code.GET, "3/0/3");
        read.setMID(77).setToken(new byte[] {7});
        long asked = rig.now;

        rig.receive(read);
        assertThat(rig.sent).noneMatch(message -> message.getMID() == 77);
        rig.run(Duration.ofMillis(1280));

        assertThat(rig.sent).anyMatch(message -> message.getMID() == 77);
        assertThat(rig.now - asked).isLessThanOrEqualTo(1280);
    }

    @Test
    void versions_are_shown_where_the_family_shows_them() {
        DeviceRig nowhere = rig(DeviceProfile.NO_VERSION);
        assertThat(nowhere.get("3/0/3").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(nowhere.get("5/0/7").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        DeviceRig inPackage = rig(DeviceProfile.PACKAGE_VERSION);
        assertThat(inPackage.get("3/0/3").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(inPackage.text("5/0/7")).isEqualTo("1.0.0");
        inPackage.push(GOOD, 1024);
        inPackage.execute("5/0/2");
        inPackage.run(Duration.ofMinutes(1));
        assertThat(inPackage.text("5/0/7")).isEqualTo("2.0.0");
    }

    @Test
    void some_refuse_to_be_observed_and_some_stay_silent() {
        for (DeviceProfile profile : List.of(DeviceProfile.SPEC, DeviceProfile.POLLED, DeviceProfile.SILENT)) {
            DeviceRig rig = rig(profile);
            Request observe = DeviceRig.request(CoAP.Code.GET, "5/0/3");
            observe.getOptions().setObserve(0);
            observe.setToken(new byte[] {5});
            Response answer = rig.ask(observe);
            rig.push(GOOD, 1024);

            assertThat(answer.getCode()).isEqualTo(ResponseCode.CONTENT);
            assertThat(answer.getOptions().hasObserve()).isEqualTo(!profile.equals(DeviceProfile.POLLED));
            assertThat(rig.sent.stream().anyMatch(Response.class::isInstance))
                    .isEqualTo(profile.equals(DeviceProfile.SPEC));
        }
    }

    @Test
    void a_uri_that_cannot_work_may_never_show_state_1() {
        DeviceRig rig = rig(DeviceProfile.SILENT);
        int moves = rig.transitions.size();

        assertThat(rig.write("5/0/1", "ftp://127.0.0.1/x")).isEqualTo(ResponseCode.CHANGED);

        assertThat(rig.status()).isEqualTo("0/9");
        assertThat(rig.transitions).hasSize(moves + 1);
    }

    @Test
    void a_missing_file_is_result_7_or_4() {
        for (DeviceProfile profile : List.of(DeviceProfile.SPEC, DeviceProfile.NRF)) {
            DeviceRig rig = rig(profile);
            rig.write("5/0/1", URI);
            rig.run(Duration.ofSeconds(1));
            rig.answer(rig.nextGet(), new Response(ResponseCode.NOT_FOUND));
            assertThat(rig.status()).isEqualTo(profile.equals(DeviceProfile.SPEC) ? "0/7" : "0/4");
        }
    }

    @Test
    void firmware_that_does_not_confirm_runs_for_a_while_and_is_gone() {
        for (DeviceProfile profile : List.of(DeviceProfile.SPEC, DeviceProfile.ZEPHYR)) {
            DeviceRig rig = rig(profile);
            rig.push(DeviceRig.image(DeviceRig.good().thatNeverConfirms()), 512);
            rig.execute("5/0/2");
            rig.run(Duration.ofMinutes(2));
            assertThat(rig.text("3/0/3")).isEqualTo("2.0.0");

            rig.run(Duration.ofMinutes(12));

            assertThat(rig.text("3/0/3")).isEqualTo("1.0.0");
            assertThat(rig.status()).isEqualTo(profile.equals(DeviceProfile.SPEC) ? "0/8" : "0/0");
            assertThat(rig.device.report().lastFailure()).contains("not confirmed");
        }
    }

    @Test
    void firmware_that_confirms_when_registered_is_lost_by_a_reset_before() {
        DeviceRig rig = downloaded(DeviceProfile.ZEPHYR);
        rig.serverUp = false;
        rig.execute("5/0/2");
        rig.run(Duration.ofSeconds(60));
        assertThat(rig.device.version()).isEqualTo("2.0.0");
        rig.run(Duration.ofMinutes(15));
        assertThat(rig.device.version()).isEqualTo("1.0.0");
    }

    @Test
    void a_family_says_who_made_it_where_the_module_does_not() {
        assertThat(rig(DeviceProfile.ZEPHYR).text("3/0/0")).isEqualTo("Wavegate Labs");
        ModuleModel unsaid = new ModuleModel("", "WG-100", "rev-b", "1.0.0", "ab-8m", 64 << 10, 2400);
        for (DeviceProfile profile : List.of(DeviceProfile.ZEPHYR, DeviceProfile.ANJAY_2, DeviceProfile.NRF)) {
            DeviceRig rig = DeviceRig.of(profile, unsaid).registered();

            assertThat(rig.text("3/0/0")).isEqualTo(profile.manufacturer()).isNotEqualTo("Wavegate Labs");
        }
    }

    @Test
    void every_family_has_a_name_of_its_own_and_is_found_by_it() {
        assertThat(DeviceProfile.ALL.stream().map(DeviceProfile::name)).doesNotHaveDuplicates();
        for (DeviceProfile profile : DeviceProfile.ALL) {
            assertThat(DeviceProfile.named(profile.name())).contains(profile);
        }
        assertThat(DeviceProfile.MODEM.delivery().method()).isEqualTo(DeliveryMethod.PULL);
    }

    @Test
    void every_family_that_can_be_updated_is_updated() {
        for (DeviceProfile profile : DeviceProfile.ALL) {
            if (profile.has(Quirk.SKELETON) || profile.object5().shape().hasComponents()) {
                continue;
            }
            DeviceRig rig = rig(profile);
            if (profile.delivery().method().canPush()) {
                rig.push(GOOD, profile.delivery().blockBytes());
                rig.run(Duration.ofSeconds(5));
            } else {
                rig.write("5/0/1", URI);
                servePatiently(rig);
            }
            for (int i = 0; i < 3 && !rig.device.version().equals("2.0.0"); i++) {
                rig.device.receive(rig.now, DeviceRig.SERVER, execute(i));
                rig.run(Duration.ofMinutes(8));
            }

            assertThat(rig.device.version()).as(profile.name()).isEqualTo("2.0.0");
            assertThat(rig.device.counters().reverts()).isZero();
        }
    }

    /** Answers what the device asks for whenever it does. */
    private static void servePatiently(DeviceRig rig) {
        for (int i = 0; i < 1000 && rig.device.report().status().stateCode() != 2; i++) {
            rig.run(Duration.ofMillis(500));
            rig.servePull(GOOD);
        }
    }

    private static byte[] execute(int mid) {
        Request request = DeviceRig.request(CoAP.Code.POST, "5/0/2");
        request.setMID(30_000 + mid).setToken(new byte[] {1});
        Message message = request;
        return wavegate.sim.coap.CoapCodec.encode(message);
    }
}
