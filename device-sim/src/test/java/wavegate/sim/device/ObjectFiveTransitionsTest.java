package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.StateTransitions;
import wavegate.firmware.object.StateTransitions.Trigger;
import wavegate.firmware.object.UpdateState;

/** Drives devices through everything that can happen to Object 5 and compares with OMA's table. */
class ObjectFiveTransitionsTest {
    private static final String URI = "coap://127.0.0.1/fw";
    private static final byte[] GOOD = DeviceRig.image(DeviceRig.good());

    private final List<DeviceRig.Taken> taken = new ArrayList<>();

    private static DeviceRig rig(DeviceProfile profile) {
        return new DeviceRig(profile).registered();
    }

    private void done(DeviceRig rig) {
        taken.addAll(rig.transitions);
    }

    private void resetsAndCancels() {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        rig.push(GOOD, 512);
        rig.write("5/0/1", "");
        rig.push(GOOD, 512);
        rig.execute("5/0/10");
        rig.block(GOOD, 0, 512);
        rig.execute("5/0/10");
        done(rig);
    }

    private void pullAnsweredWith(ResponseCode code) {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        rig.write("5/0/1", URI);
        rig.run(Duration.ofSeconds(1));
        rig.answer(rig.nextGet(), new Response(code));
        done(rig);
    }

    private void badUri(String uri) {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        assertThat(rig.write("5/0/1", uri)).isEqualTo(ResponseCode.CHANGED);
        done(rig);
    }

    private void pushOf(byte[] image) {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        rig.push(image, 512);
        done(rig);
    }

    private void tooLargeAPush() {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        Request request = DeviceRig.request(CoAP.Code.PUT, "5/0/0");
        request.getOptions().setBlock1(5, true, 0).setSize1(1 << 20).setContentFormat(42);
        request.setPayload(new byte[512]);
        assertThat(rig.ask(request).getCode()).isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        done(rig);
    }

    private void applyOf(ImageSpec spec, DeviceProfile profile) {
        DeviceRig rig = rig(profile);
        rig.push(DeviceRig.image(spec), 512);
        rig.execute("5/0/2");
        rig.run(Duration.ofMinutes(1));
        done(rig);
    }

    @Test
    void every_row_of_the_table_is_taken_and_no_other() {
        resetsAndCancels();
        pullAnsweredWith(ResponseCode.NOT_FOUND);
        pullAnsweredWith(ResponseCode.FORBIDDEN);
        List.of("ftp://127.0.0.1/fw", "coap://nowhere.invalid/fw", "not a uri").forEach(this::badUri);
        byte[] spoilt = GOOD.clone();
        spoilt[spoilt.length - 1] ^= 1;
        pushOf(spoilt);
        pushOf(new byte[2000]);
        tooLargeAPush();
        applyOf(DeviceRig.good(), DeviceProfile.SPEC);
        applyOf(DeviceRig.good().withWrongDigest(), DeviceProfile.SPEC);
        applyOf(DeviceRig.good().thatFailsToBoot(), DeviceProfile.SPEC);
        applyOf(DeviceRig.good().forLayout("other"), DeviceProfile.ANJAY);
        applyOf(DeviceRig.good(), DeviceProfile.DEFERRING);

        Set<String> rows = new TreeSet<>();
        for (DeviceRig.Taken step : taken) {
            List<StateTransitions.Row> legal = StateTransitions.from(step.from(), step.trigger()).stream()
                    .filter(row -> row.to() == step.to() && row.results().contains(step.result()))
                    .toList();
            assertThat(legal).as("%s", step).isNotEmpty();
            legal.forEach(row -> rows.add(row.id()));
        }
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(StateTransitions.ROWS.stream()
                        .map(StateTransitions.Row::id)
                        .toList());
    }

    @Test
    void a_reset_while_downloading_obeys_the_text_that_the_figure_leaves_out() {
        DeviceRig rig = rig(DeviceProfile.SPEC);
        rig.block(GOOD, 0, 512);

        ResponseCode answer = rig.write("5/0/1", "");

        assertThat(answer).isEqualTo(ResponseCode.CHANGED);
        assertThat(rig.transitions)
                .last()
                .isEqualTo(new DeviceRig.Taken(UpdateState.DOWNLOADING, Trigger.RESET_WRITTEN, UpdateState.IDLE, 0));
        assertThat(rig.status()).isEqualTo("0/0");
    }
}
