package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.junit.jupiter.api.Test;

/** Object 33629: several components, updated together or not at all. */
class ComponentsTest {
    private static final String OBJECT = "33629";

    private static DeviceRig rig(Failures failures) {
        return new DeviceRig(DeviceProfile.COMPONENTS, failures).registered();
    }

    private static ResponseCode push(DeviceRig rig, int instance, byte[] image) {
        ResponseCode last = ResponseCode.CONTINUE;
        for (int num = 0; num * 1024 < image.length; num++) {
            Request request = DeviceRig.request(CoAP.Code.PUT, OBJECT + "/" + instance + "/0");
            int to = Math.min(image.length, (num + 1) * 1024);
            request.getOptions()
                    .setContentFormat(MediaTypeRegistry.APPLICATION_OCTET_STREAM)
                    .setBlock1(BlockOption.size2Szx(1024), to < image.length, num);
            request.setPayload(Arrays.copyOfRange(image, num * 1024, to));
            last = rig.ask(request).getCode();
        }
        return last;
    }

    private static byte[] image(String component) {
        return DeviceRig.image(DeviceRig.good().forComponent(component));
    }

    private static ResponseCode execute(DeviceRig rig, int instance, String arguments) {
        Request request = DeviceRig.request(CoAP.Code.POST, OBJECT + "/" + instance + "/2");
        request.setPayload(arguments);
        return rig.ask(request).getCode();
    }

    private static String status(DeviceRig rig, int instance) {
        String path = OBJECT + "/" + instance + "/";
        return rig.text(path + 3) + "/" + rig.text(path + 5) + " " + rig.text(path + 15);
    }

    @Test
    void each_component_says_what_it_is_and_what_it_runs() {
        DeviceRig rig = rig(Failures.NONE);
        assertThat(rig.text("33629/0/14")).isEqualTo("application");
        assertThat(rig.text("33629/1/14")).isEqualTo("modem");
        assertThat(status(rig, 1)).isEqualTo("0/0 1.0.0");
        assertThat(rig.get("33629/3/14").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(rig.get("5/0/3").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(rig.get("33629/0/16").getPayload()).endsWith(0x83, 0x5d, 0, 1);
        Request discover = DeviceRig.request(CoAP.Code.GET, OBJECT);
        discover.getOptions().setAccept(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
        assertThat(rig.ask(discover).getPayloadString()).contains("</33629/0/14>", "</33629/1/17>", "</33629/2/15>");
    }

    @Test
    void linked_components_are_updated_in_one_batch() {
        DeviceRig rig = rig(Failures.NONE);
        assertThat(push(rig, 0, image("application"))).isEqualTo(ResponseCode.CHANGED);
        assertThat(push(rig, 1, image("modem"))).isEqualTo(ResponseCode.CHANGED);

        assertThat(execute(rig, 0, "")).isEqualTo(ResponseCode.CHANGED);
        assertThat(List.of(status(rig, 0), status(rig, 1))).containsExactly("3/0 1.0.0", "3/0 1.0.0");
        rig.run(Duration.ofMinutes(1));

        assertThat(List.of(status(rig, 0), status(rig, 1), status(rig, 2)))
                .containsExactly("0/1 2.0.0", "0/1 2.0.0", "0/0 1.0.0");
    }

    @Test
    void argument_0_alone_leaves_the_linked_ones_out() {
        DeviceRig rig = rig(Failures.NONE);
        push(rig, 0, image("application"));
        push(rig, 1, image("modem"));

        assertThat(execute(rig, 0, "0")).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofMinutes(1));

        assertThat(List.of(status(rig, 0), status(rig, 1))).containsExactly("0/1 2.0.0", "2/0 1.0.0");
    }

    @Test
    void a_component_named_that_holds_no_image_is_a_dependency_error() {
        DeviceRig rig = rig(Failures.NONE);
        push(rig, 0, image("application"));

        assertThat(execute(rig, 0, "0='</33629/1>'")).isEqualTo(ResponseCode.CHANGED);

        assertThat(status(rig, 0)).isEqualTo("2/13 1.0.0");
        push(rig, 1, image("modem"));
        execute(rig, 0, "0='</33629/1>'");
        rig.run(Duration.ofMinutes(1));
        assertThat(List.of(status(rig, 0), status(rig, 1))).containsExactly("0/1 2.0.0", "0/1 2.0.0");
        assertThat(execute(rig, 0, "1=x")).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
    }

    @Test
    void if_one_of_a_batch_fails_all_go_back() {
        for (ImageSpec bad : List.of(
                DeviceRig.good().forComponent("modem").thatFailsToBoot(),
                DeviceRig.good().forComponent("modem").withWrongDigest(),
                DeviceRig.good().forComponent("modem").forLayout("other"))) {
            DeviceRig rig = rig(Failures.NONE);
            push(rig, 0, image("application"));
            push(rig, 1, DeviceRig.image(bad));

            execute(rig, 0, "");
            rig.run(Duration.ofMinutes(1));

            assertThat(status(rig, 0)).isEqualTo("0/8 1.0.0");
            assertThat(status(rig, 1)).isEqualTo(bad.wrongDigest() ? "0/5 1.0.0" : "0/8 1.0.0");
            assertThat(rig.device.report().lastFailure()).contains("together");
            assertThat(rig.device.report().userDataIntact()).isTrue();
        }
    }

    @Test
    void components_that_must_not_be_together_conflict() {
        DeviceRig rig = rig(Failures.NONE);
        push(rig, 0, image("application"));

        push(rig, 2, image("bootloader"));

        assertThat(status(rig, 2)).isEqualTo("0/12 1.0.0");
        rig.write("33629/0/1", "");
        push(rig, 2, image("bootloader"));
        assertThat(status(rig, 2)).isEqualTo("2/0 1.0.0");
    }

    @Test
    void an_image_for_another_component_is_of_a_wrong_type() {
        DeviceRig rig = rig(Failures.NONE);

        push(rig, 0, image("modem"));

        assertThat(status(rig, 0)).isEqualTo("0/6 1.0.0");
    }

    @Test
    void the_results_of_this_object_alone_can_be_asked_for() {
        DeviceRig conflict = rig(Failures.always(12));
        push(conflict, 0, image("application"));
        assertThat(status(conflict, 0)).isEqualTo("0/12 1.0.0");
        DeviceRig dependency = rig(Failures.always(13));
        push(dependency, 0, image("application"));
        execute(dependency, 0, "");
        assertThat(status(dependency, 0)).isEqualTo("2/13 1.0.0");
    }
}
