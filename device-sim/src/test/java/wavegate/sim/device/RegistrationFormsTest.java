package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;

/** How clients of each release of LwM2M register, and what they can be asked. */
class RegistrationFormsTest {
    private static Request registration(DeviceProfile profile) {
        DeviceRig rig = new DeviceRig(profile).registered();
        return rig.registrations.get(0);
    }

    private static Request composite(String... paths) {
        CborWriter out = new CborWriter();
        out.array(paths.length);
        for (String path : paths) {
            out.map(1);
            out.whole(0);
            out.text(path);
        }
        Request request = new Request(CoAP.Code.FETCH, CoAP.Type.CON);
        request.getOptions().setContentFormat(SenmlCbor.CONTENT_FORMAT).setAccept(SenmlCbor.CONTENT_FORMAT);
        request.setPayload(out.bytes());
        return request;
    }

    private static String latin(Message message) {
        return new String(message.getPayload(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void each_release_registers_in_its_form() {
        Request old = registration(DeviceProfile.SPEC_1_0);
        assertThat(old.getOptions().getUriQuery()).contains("lwm2m=1.0", "b=U").doesNotContain("Q");
        assertThat(old.getPayloadString()).isEqualTo("</>;rt=\"oma.lwm2m\";ct=11542,</1/0>,</3/0>,</5/0>,</27001/0>");

        Request middle = registration(DeviceProfile.SPEC);
        assertThat(middle.getOptions().getUriQuery()).contains("lwm2m=1.1", "b=U");
        assertThat(middle.getPayloadString())
                .isEqualTo("</>;rt=\"oma.lwm2m\";ct=\"11542 112\",</1/0>,</3/0>,</5>;ver=1.1,</5/0>,</27001/0>");

        Request newest = registration(DeviceProfile.SPEC_1_2);
        assertThat(newest.getOptions().getUriQuery()).contains("lwm2m=1.2", "b=UT");
        assertThat(newest.getPayloadString()).contains("</5>;ver=1.2,</5/0>");
    }

    @Test
    void queue_mode_is_a_binding_in_1_0_and_a_flag_since() {
        assertThat(registration(DeviceProfile.QUEUE_MODE_1_0).getOptions().getUriQuery())
                .contains("lwm2m=1.0", "b=UQ")
                .doesNotContain("Q");
        assertThat(registration(DeviceProfile.QUEUE_MODE).getOptions().getUriQuery())
                .contains("lwm2m=1.1", "b=U", "Q");
    }

    @Test
    void versions_are_quoted_hidden_or_plain() {
        assertThat(registration(DeviceProfile.ANJAY_2).getPayloadString()).contains("</27001>;ver=\"1.0\"");
        assertThat(registration(DeviceProfile.ANJAY).getPayloadString()).doesNotContain("ver=");
        assertThat(registration(DeviceProfile.COMPONENTS).getPayloadString())
                .contains("</33629/0>,</33629/1>,</33629/2>")
                .doesNotContain("</5");
        assertThat(registration(DeviceProfile.DELTA).getOptions().getUriQuery()).contains("delta=bsdiff");
    }

    @Test
    void a_client_of_1_0_that_sleeps_comes_back_by_registering() {
        DeviceRig old = new DeviceRig(DeviceProfile.QUEUE_MODE_1_0).registered();
        DeviceRig newer = new DeviceRig(DeviceProfile.QUEUE_MODE).registered();
        old.run(Duration.ofMinutes(10));
        newer.run(Duration.ofMinutes(10));

        assertThat(old.registers).isGreaterThan(1);
        assertThat(old.updates).isZero();
        assertThat(newer.registers).isEqualTo(1);
        assertThat(newer.updates).isPositive();
    }

    @Test
    void only_since_1_1_does_a_client_send() {
        DeviceRig old = new DeviceRig(DeviceProfile.SPEC_1_0).registered();
        DeviceRig newer = new DeviceRig(DeviceProfile.SPEC).registered();
        old.run(Duration.ofMinutes(10));
        newer.run(Duration.ofMinutes(10));

        assertThat(old.sends).isZero();
        assertThat(newer.sends).isPositive();
    }

    @Test
    void some_send_state_and_result_by_themselves() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SENDING).registered();
        rig.run(Duration.ofSeconds(1));
        int before = rig.sends;
        rig.push(DeviceRig.image(DeviceRig.good()), 1024);
        rig.run(Duration.ofSeconds(1));

        assertThat(rig.sends - before).isBetween(1, 2);
        assertThat(latin(rig.statusSends().get(rig.statusSends().size() - 1)))
                .contains("5/0/3", "5/0/5", "3/0/3", "1.0.0");
        rig.execute("5/0/2");
        rig.run(Duration.ofMinutes(1));
        assertThat(latin(rig.statusSends().get(rig.statusSends().size() - 1))).contains("5/0/3", "2.0.0");
    }

    @Test
    void object_5_has_the_resources_of_its_version() {
        for (DeviceProfile profile : List.of(DeviceProfile.SPEC_1_0, DeviceProfile.SPEC, DeviceProfile.SPEC_1_2)) {
            DeviceRig rig = new DeviceRig(profile).registered();
            Request discover = DeviceRig.request(CoAP.Code.GET, "5/0");
            discover.getOptions().setAccept(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
            String links = rig.ask(discover).getPayloadString();
            boolean cancels = !profile.equals(DeviceProfile.SPEC_1_0);

            for (int resource : new int[] {10, 11, 12, 13}) {
                assertThat(links.contains("</5/0/" + resource + ">")).isEqualTo(cancels);
            }
            assertThat(links.contains("</5/0/14>")).isEqualTo(profile.equals(DeviceProfile.SPEC_1_2));
            assertThat(links)
                    .doesNotContain("</5/0/4>")
                    .doesNotContain("</5/0/7>")
                    .doesNotContain("</5/0/15>");
        }
    }

    @Test
    void severity_and_deferral_are_kept_and_nonsense_is_refused() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC).registered();
        assertThat(rig.text("5/0/11")).isEqualTo("1");

        assertThat(rig.write("5/0/11", "0")).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.write("5/0/11", "3")).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(rig.write("5/0/13", "soon")).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(rig.write("5/0/14", "1")).isEqualTo(ResponseCode.NOT_FOUND);
        Request tlv = DeviceRig.request(CoAP.Code.PUT, "5/0/13");
        tlv.getOptions().setContentFormat(TlvWriter.CONTENT_FORMAT);
        TlvWriter value = new TlvWriter();
        value.resource(13, new Value.Whole(86_400));
        tlv.setPayload(value.bytes());
        assertThat(rig.ask(tlv).getCode()).isEqualTo(ResponseCode.CHANGED);

        assertThat(rig.text("5/0/11")).isEqualTo("0");
        assertThat(rig.text("5/0/13")).isEqualTo("86400");
    }

    @Test
    void the_time_of_the_last_state_change_moves_with_the_state() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC).registered();
        rig.push(DeviceRig.image(DeviceRig.good()), 1024);
        long downloaded = rig.now / 1000;
        rig.run(Duration.ofMinutes(1));

        assertThat(rig.text("5/0/12")).isEqualTo(Long.toString(downloaded));
    }

    @Test
    void with_automatic_upgrade_a_download_is_an_update() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC_1_2).registered();
        assertThat(rig.text("5/0/14")).isEqualTo("0");
        assertThat(rig.write("5/0/14", "1")).isEqualTo(ResponseCode.CHANGED);

        rig.push(DeviceRig.image(DeviceRig.good()), 1024);
        assertThat(rig.status()).isEqualTo("3/0");
        rig.run(Duration.ofMinutes(1));

        assertThat(rig.text("3/0/3")).isEqualTo("2.0.0");
        assertThat(rig.device.counters().executes()).isZero();
    }

    @Test
    void several_paths_are_read_at_once_since_1_1() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC).registered();

        Response answer = rig.ask(composite("/5/0/3", "/5/0/5", "/3/0/3", "/77/0"));

        assertThat(answer.getCode()).isEqualTo(ResponseCode.CONTENT);
        assertThat(answer.getOptions().getContentFormat()).isEqualTo(SenmlCbor.CONTENT_FORMAT);
        assertThat(latin(answer)).contains("5/0/3", "5/0/5", "3/0/3", "1.0.0").doesNotContain("77/0");
        DeviceRig old = new DeviceRig(DeviceProfile.SPEC_1_0).registered();
        assertThat(old.ask(composite("/5/0/3")).getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
    }

    @Test
    void several_paths_are_observed_at_once() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC).registered();
        Request observe = composite("/5/0/3", "/5/0/5");
        observe.getOptions().setObserve(0);
        observe.setToken(new byte[] {4});
        assertThat(rig.ask(observe).getOptions().getObserve()).isZero();

        rig.push(DeviceRig.image(DeviceRig.good()), 1024);

        assertThat(rig.sent)
                .anyMatch(message -> message instanceof Response
                        && message.getToken().equals(observe.getToken())
                        && latin(message).contains("5/0/3")
                        && latin(message).contains("5/0/5"));
    }

    @Test
    void a_composite_request_that_cannot_be_read_is_refused() {
        DeviceRig rig = new DeviceRig(DeviceProfile.SPEC).registered();
        Request nonsense = composite("/5/0/3");
        nonsense.setPayload(new byte[] {(byte) 0x9a, 1, 2, 3, 4, 5});
        assertThat(rig.ask(nonsense).getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        Request json = composite("/5/0/3");
        json.getOptions().setContentFormat(110);
        assertThat(rig.ask(json).getCode()).isEqualTo(ResponseCode.UNSUPPORTED_CONTENT_FORMAT);
        byte[] good = composite("/5/0/3", "/3/0/3").getPayload();
        for (int length = 0; length < good.length; length++) {
            assertThat(CborReader.names(java.util.Arrays.copyOf(good, length))).isEmpty();
        }
        assertThat(CborReader.names(good)).contains(List.of("/5/0/3", "/3/0/3"));
    }
}
