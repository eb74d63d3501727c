package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.EmptyMessage;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.junit.jupiter.api.Test;
import wavegate.sim.coap.CoapCodec;

class VirtualDeviceTest {
    private static final byte[] GOOD = DeviceRig.image(DeviceRig.good());

    private static DeviceRig spec() {
        return new DeviceRig(DeviceProfile.SPEC).registered();
    }

    private static DeviceRig with(DeviceSettings.Health health, DeviceSettings.Faults faults) {
        return new DeviceRig(DeviceProfile.SPEC, health, faults, 1).registered();
    }

    private static List<String> notifications(DeviceRig rig, Token token) {
        return rig.sent.stream()
                .filter(message -> message instanceof Response && token.equals(message.getToken()))
                .map(Message::getPayloadString)
                .toList();
    }

    private static Token observe(DeviceRig rig, String path) {
        Request request = DeviceRig.request(CoAP.Code.GET, path);
        request.getOptions().setObserve(0);
        request.setToken(path.substring(0, Math.min(8, path.length())).getBytes(StandardCharsets.UTF_8));
        assertThat(rig.ask(request).getOptions().hasObserve()).isTrue();
        return request.getToken();
    }

    @Test
    void a_registration_names_the_device_and_its_objects() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC);
        rig.device.start(rig.now);
        rig.device.wake(rig.now);

        Request register = (Request) rig.sent.remove();

        assertThat(register.getOptions().getUriPathString()).isEqualTo("rd");
        assertThat(register.getOptions().getUriQuery())
                .contains(
                        "ep=" + rig.device.identity().endpoint(),
                        "lt=300",
                        "lwm2m=1.1",
                        "b=U",
                        "region=north",
                        "carrier=aurora");
        assertThat(register.getPayloadString()).contains("</1/0>", "</3/0>", "</5/0>", "</27001/0>");
    }

    @Test
    void a_register_without_an_answer_is_repeated_with_a_growing_pause_and_then_begun_anew() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC);
        rig.device.start(rig.now);
        rig.device.wake(rig.now);
        long first = rig.device.wakeAt() - rig.now;
        int mid = rig.sent.remove().getMID();
        rig.now = rig.device.wakeAt();
        rig.device.wake(rig.now);
        long second = rig.device.wakeAt() - rig.now;
        assertThat(rig.sent.remove().getMID()).isEqualTo(mid);
        assertThat(first).isBetween(2000L, 3000L);
        assertThat(second).isEqualTo(2 * first);

        rig.serverUp = false;
        rig.run(Duration.ofMinutes(2));
        assertThat(rig.device.registered()).isFalse();

        rig.serverUp = true;
        rig.run(Duration.ofMinutes(5));
        assertThat(rig.device.registered()).isTrue();
    }

    @Test
    void an_update_keeps_the_registration_alive_before_its_lifetime_ends() {
        DeviceRig rig = spec();

        rig.run(Duration.ofMinutes(30));

        assertThat(rig.updates).isBetween(12, 14);
        assertThat(rig.registers).isEqualTo(1);
    }

    @Test
    void a_device_the_server_has_forgotten_registers_again() {
        DeviceRig rig = spec();
        rig.registrationKnown = false;

        rig.run(Duration.ofMinutes(6));

        assertThat(rig.registers).isEqualTo(2);
        assertThat(rig.device.registered()).isTrue();
    }

    @Test
    void the_registration_update_trigger_wakes_an_update() {
        DeviceRig rig = spec();

        assertThat(rig.execute("1/0/8")).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofMillis(10));

        assertThat(rig.updates).isEqualTo(1);
    }

    @Test
    void a_register_may_be_refused_and_is_tried_again_later() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC);
        rig.device.start(rig.now);
        rig.device.wake(rig.now);

        rig.answer((Request) rig.sent.remove(), new Response(ResponseCode.FORBIDDEN));

        assertThat(rig.device.registered()).isFalse();
        assertThat(rig.device.wakeAt() - rig.now).isBetween(30_000L, 90_000L);
        rig.run(Duration.ofMinutes(2));
        assertThat(rig.device.registered()).isTrue();
    }

    @Test
    void an_offline_device_comes_back_and_goes_on() {
        DeviceSettings.Faults offline =
                new DeviceSettings.Faults(0, 0, 0, Duration.ofHours(1), Duration.ofMinutes(20), Duration.ZERO);
        DeviceRig rig = with(DeviceRig.STEADY, offline);

        rig.run(Duration.ofDays(2));

        assertThat(rig.registers).isGreaterThan(5);
        assertThat(rig.sends).isBetween(12, 48 * 12 - 50);
    }

    @Test
    void a_sleeping_queue_mode_device_hears_nothing_until_it_wakes_by_itself() {
        DeviceRig rig = new DeviceRig(DeviceProfile.QUEUE_MODE).registered();
        rig.run(Duration.ofSeconds(100));
        int before = rig.sent.size();
        Request read = DeviceRig.request(CoAP.Code.GET, "3/0/3");
        read.setMID(9).setToken(new byte[] {1});

        rig.receive(read);

        assertThat(rig.sent).hasSize(before);
        int messages = rig.sends + rig.updates;
        while (rig.sends + rig.updates == messages) {
            rig.run(Duration.ofSeconds(1));
        }
        assertThat(rig.text("3/0/3")).isEqualTo("1.0.0");
    }

    @Test
    void crashes_come_as_often_as_the_firmware_makes_them_and_are_told_at_once() {
        DeviceSettings.Health fragile = new DeviceSettings.Health(0.1, 0.1, 4, 0);
        DeviceRig before = with(fragile, DeviceSettings.Faults.NONE);
        before.run(Duration.ofHours(400));

        DeviceRig after = with(fragile, DeviceSettings.Faults.NONE);
        after.push(DeviceRig.image(DeviceRig.good().crashingTimes(30)), 1024);
        after.execute("5/0/2");
        after.run(Duration.ofHours(400));

        long crashes = after.device.counters().crashes();
        assertThat(before.device.counters().crashes()).isBetween(20L, 65L);
        assertThat(crashes).isBetween(1000L, 1400L);
        assertThat(after.sends).isGreaterThan((int) crashes);
        assertThat(after.registers).isGreaterThanOrEqualTo((int) crashes);
    }

    @Test
    void crashes_after_the_first_come_at_the_repeat_rate() {
        DeviceRig never = with(new DeviceSettings.Health(0, 100, 4, 0), DeviceSettings.Faults.NONE);
        DeviceRig often = with(new DeviceSettings.Health(1, 20, 4, 0), DeviceSettings.Faults.NONE);

        never.run(Duration.ofHours(100));
        often.run(Duration.ofHours(100));

        assertThat(never.device.counters().crashes()).isZero();
        assertThat(often.device.counters().crashes()).isGreaterThan(1200);
    }

    @Test
    void a_draining_firmware_shows_in_the_energy_and_nowhere_else() {
        DeviceRig usual = spec();
        DeviceRig drained = spec();
        usual.push(GOOD, 1024);
        drained.push(DeviceRig.image(DeviceRig.good().drainingTimes(3)), 1024);
        List.of(usual, drained).forEach(rig -> {
            rig.execute("5/0/2");
            rig.run(Duration.ofHours(10));
        });

        double ratio =
                drained.device.report().energyUsedMah() / usual.device.report().energyUsedMah();
        assertThat(ratio).isBetween(2.9, 3.1);
        assertThat(usual.device.report().energyUsedMah()).isBetween(40 * 0.7, 40 * 1.4);
        assertThat(drained.device.counters().crashes()).isZero();
    }

    @Test
    void time_runs_as_fast_as_the_factor_says() {
        DeviceRig rig =
                new DeviceRig(DeviceProfile.SPEC, DeviceRig.STEADY, DeviceSettings.Faults.NONE, 60).registered();

        rig.run(Duration.ofSeconds(60));

        assertThat(rig.sends).isBetween(11, 15);
        assertThat(Double.parseDouble(rig.text("27001/0/4"))).isBetween(4 * 0.7, 4 * 1.4);
    }

    @Test
    void telemetry_can_be_mute_or_wait_for_an_observer() {
        DeviceRig silent =
                with(DeviceRig.STEADY, new DeviceSettings.Faults(0, 0, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        DeviceRig observed = new DeviceRig(DeviceProfile.OBSERVED).registered();
        Token health = observe(observed, "27001/0");

        silent.run(Duration.ofHours(1));
        observed.run(Duration.ofHours(1));

        assertThat(silent.sends).isZero();
        assertThat(observed.sends).isZero();
        assertThat(notifications(observed, health)).hasSizeBetween(11, 13);
    }

    @Test
    void minimum_and_maximum_periods_are_honoured() {
        DeviceRig rig = new DeviceRig(DeviceProfile.OBSERVED).registered();
        Token health = observe(rig, "27001/0");
        Token state = observe(rig, "5/0/3");
        Request slower = DeviceRig.request(CoAP.Code.PUT, "27001/0");
        slower.getOptions().addUriQuery("pmin=1200");
        Request yearning = DeviceRig.request(CoAP.Code.PUT, "5/0/3");
        yearning.getOptions().addUriQuery("pmin=0").addUriQuery("pmax=600");
        assertThat(rig.ask(slower).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.ask(yearning).getCode()).isEqualTo(ResponseCode.CHANGED);

        rig.run(Duration.ofHours(1));

        assertThat(notifications(rig, health)).hasSizeBetween(2, 3);
        assertThat(notifications(rig, state)).hasSizeBetween(5, 6).containsOnly("0");
    }

    @Test
    void a_reset_ends_the_observation() {
        DeviceRig rig = new DeviceRig(DeviceProfile.ZEPHYR).registered();
        Token state = observe(rig, "5/0/3");
        rig.block(GOOD, 0, 512);
        Message notification = rig.sent.stream()
                .filter(message -> state.equals(message.getToken()))
                .findFirst()
                .orElseThrow();
        assertThat(notification.getType()).isEqualTo(CoAP.Type.NON);

        rig.receive(new EmptyMessage(CoAP.Type.RST).setMID(notification.getMID()));
        rig.sent.clear();
        rig.push(GOOD, 512);

        assertThat(notifications(rig, state)).isEmpty();
    }

    @Test
    void wrong_paths_methods_and_formats_have_their_codes() {
        DeviceRig rig = spec();

        assertThat(rig.get("3/0/99").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(rig.get("99/0").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(rig.get("3/1/0").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(rig.get("3/0/x").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(rig.get("5/0/7").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(rig.get("5/0/0").getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(rig.write("3/0/3", "9")).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(rig.execute("5/0/3")).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(rig.execute("5/0/2")).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        Request json = DeviceRig.request(CoAP.Code.GET, "3/0");
        json.getOptions().setAccept(11543);
        assertThat(rig.ask(json).getCode()).isEqualTo(ResponseCode.NOT_ACCEPTABLE);
        Request emptyPackage = DeviceRig.request(CoAP.Code.PUT, "5/0/0");
        emptyPackage.getOptions().setContentFormat(42);
        assertThat(rig.ask(emptyPackage).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(rig.ask(DeviceRig.request(CoAP.Code.DELETE, "3/0")).getCode())
                .isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
    }

    @Test
    void reads_come_as_text_tlv_senml_or_links() {
        DeviceRig rig = spec();

        assertThat(rig.get("3/0/1").getOptions().getContentFormat()).isZero();
        Response protocols = rig.get("5/0/8");
        assertThat(protocols.getOptions().getContentFormat()).isEqualTo(TlvWriter.CONTENT_FORMAT);
        assertThat(protocols.getPayload()).containsExactly(0b1000_0011, 8, 0b0100_0001, 0, 0);
        Response object = rig.get("5");
        assertThat(object.getPayload()[0] >> 6 & 0b11).isEqualTo(TlvReader.TYPE_INSTANCE);
        Request senml = DeviceRig.request(CoAP.Code.GET, "5/0/3");
        senml.getOptions().setAccept(SenmlCbor.CONTENT_FORMAT);
        assertThat(rig.ask(senml).getPayload())
                .containsExactly(0x81, 0xa3, 0x21, 0x61, '/', 0x00, 0x65, '5', '/', '0', '/', '3', 0x02, 0x00);
        Request discover = DeviceRig.request(CoAP.Code.GET, "5");
        discover.getOptions().setAccept(40);
        assertThat(rig.ask(discover).getPayloadString())
                .startsWith("</5>,</5/0>,</5/0/0>")
                .endsWith("</5/0/13>");
    }

    @Test
    void a_package_and_a_uri_may_come_as_tlv() {
        DeviceRig rig = spec();
        byte[] tlv = new byte[4 + GOOD.length];
        tlv[0] = (byte) 0b1101_0000;
        tlv[2] = (byte) (GOOD.length >> 8);
        tlv[3] = (byte) GOOD.length;
        System.arraycopy(GOOD, 0, tlv, 4, GOOD.length);
        for (int num = 0; num * 512 < tlv.length; num++) {
            Request request = DeviceRig.request(CoAP.Code.PUT, "5/0/0");
            int to = Math.min(tlv.length, (num + 1) * 512);
            request.getOptions()
                    .setContentFormat(TlvWriter.CONTENT_FORMAT)
                    .setBlock1(BlockOption.size2Szx(512), to < tlv.length, num);
            request.setPayload(Arrays.copyOfRange(tlv, num * 512, to));
            rig.ask(request);
        }
        assertThat(rig.status()).isEqualTo("2/0");

        Request reset = DeviceRig.request(CoAP.Code.PUT, "5/0");
        reset.getOptions().setContentFormat(TlvWriter.CONTENT_FORMAT);
        reset.setPayload(new byte[] {(byte) 0b1100_0000, 1});
        assertThat(rig.ask(reset).getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.status()).isEqualTo("0/0");
    }

    @Test
    void a_repeated_request_is_answered_again_and_not_obeyed_again() {
        DeviceRig rig = spec();
        rig.push(GOOD, 1024);
        Request execute = DeviceRig.request(CoAP.Code.POST, "5/0/2");
        Response first = rig.ask(execute);

        Response second = rig.askAgain(execute);

        assertThat(second.getCode()).isEqualTo(first.getCode()).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.device.counters().executes()).isEqualTo(1);
    }

    @Test
    void no_datagram_whatsoever_throws_or_wedges() {
        DeviceRig rig = spec();
        SplittableRandom random = new SplittableRandom(11);
        Request block = DeviceRig.request(CoAP.Code.PUT, "5/0/0");
        block.getOptions().setBlock1(5, true, 0).setContentFormat(42);
        block.setType(CoAP.Type.CON).setMID(5).setToken(new byte[] {1});
        byte[] template = CoapCodec.encode(block.setPayload(new byte[512]));
        for (int i = 0; i < 20_000; i++) {
            byte[] datagram = template.clone();
            if (random.nextBoolean()) {
                datagram = new byte[random.nextInt(40)];
                random.nextBytes(datagram);
            }
            for (int flips = random.nextInt(4); flips > 0 && datagram.length > 0; flips--) {
                datagram[random.nextInt(Math.min(24, datagram.length))] ^= (byte) (1 << random.nextInt(8));
            }
            rig.device.receive(rig.now, DeviceRig.SERVER, datagram);
        }
        rig.sent.clear();

        rig.run(Duration.ofMinutes(30));

        assertThat(rig.device.registered()).isTrue();
        rig.write("5/0/1", "");
        rig.push(GOOD, 1024);
        assertThat(rig.status()).isEqualTo("2/0");
    }

    @Test
    void equal_seeds_live_equal_lives() {
        DeviceSettings.Health fragile = new DeviceSettings.Health(1, 2, 4, 0.1);
        DeviceRig one = with(fragile, DeviceSettings.Faults.NONE);
        DeviceRig other = with(fragile, DeviceSettings.Faults.NONE);

        one.run(Duration.ofHours(24));
        other.run(Duration.ofHours(24));

        assertThat(one.device.report()).isEqualTo(other.device.report());
        assertThat(one.device.counters().crashes()).isPositive();
    }
}
