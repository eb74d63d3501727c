package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sigpipe.jbsdiff.Diff;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Packages that are deltas: bsdiff between two whole images. */
class DeltaTest {
    private static final byte[] BASE = image("1.0.0", 1);
    private static final byte[] NEXT = image("2.0.0", 2);
    private static final byte[] OTHER = image("1.5.0", 3);

    private static byte[] image(String version, int seed) {
        byte[] payload = new byte[20_000];
        new SplittableRandom(9).nextBytes(payload);
        payload[seed * 1000] ^= 1;
        return ModuleImage.wrap(payload, ImageSpec.good(version, DeviceRig.MODEL.partitionLayout()));
    }

    private static byte[] delta(byte[] from, byte[] to) throws Exception {
        ByteArrayOutputStream delta = new ByteArrayOutputStream();
        Diff.diff(from, to, delta);
        return delta.toByteArray();
    }

    private static DeviceRig rig(DeviceProfile profile) {
        return DeviceRig.withBase(profile, BASE).registered();
    }

    private static DeviceRig executed(DeviceRig rig) {
        rig.execute("5/0/2");
        rig.run(Duration.ofMinutes(1));
        return rig;
    }

    @Test
    void a_delta_for_what_runs_becomes_the_whole_image() throws Exception {
        byte[] delta = delta(BASE, NEXT);
        assertThat(delta.length).isLessThan(NEXT.length / 10);
        for (DeviceProfile profile : new DeviceProfile[] {DeviceProfile.DELTA, DeviceProfile.DELTA_AT_BOOT}) {
            DeviceRig rig = rig(profile);

            rig.push(delta, 128);

            assertThat(rig.status()).isEqualTo("2/0");
            assertThat(rig.text("5/0/7")).isEqualTo("2.0.0");
            assertThat(executed(rig).text("3/0/3")).isEqualTo("2.0.0");
            assertThat(rig.status()).isEqualTo("0/1");
            assertThat(rig.device.counters().bytes()).isEqualTo(delta.length);
        }
    }

    @Test
    void a_delta_for_another_base_is_result_5_at_once_or_8_at_boot() throws Exception {
        byte[] delta = delta(OTHER, NEXT);
        DeviceRig atOnce = rig(DeviceProfile.DELTA);
        atOnce.push(delta, 128);
        assertThat(atOnce.status()).isEqualTo("0/5");
        DeviceRig atBoot = rig(DeviceProfile.DELTA_AT_BOOT);
        atBoot.push(delta, 128);
        assertThat(atBoot.status()).isEqualTo("2/0");

        assertThat(executed(atBoot).status()).isEqualTo("0/8");

        assertThat(atBoot.text("3/0/3")).isEqualTo("1.0.0");
        assertThat(atBoot.device.report().lastFailure()).contains("another base");
        assertThat(atBoot.device.report().userDataIntact()).isTrue();
    }

    @Test
    void the_whole_image_still_works_after_a_delta_failed_and_may_be_a_base_itself() throws Exception {
        DeviceRig rig = rig(DeviceProfile.DELTA);
        rig.push(delta(OTHER, NEXT), 128);
        rig.push(NEXT, 1024);
        assertThat(executed(rig).text("3/0/3")).isEqualTo("2.0.0");
        byte[] third = image("3.0.0", 5);

        rig.push(delta(NEXT, third), 128);

        assertThat(executed(rig).text("3/0/3")).isEqualTo("3.0.0");
    }

    @Test
    void a_module_whose_base_nobody_knows_cannot_use_a_delta() throws Exception {
        DeviceRig rig = new DeviceRig(DeviceProfile.DELTA).registered();

        rig.push(delta(BASE, NEXT), 128);

        assertThat(rig.status()).isEqualTo("0/5");
    }

    @Test
    void a_client_that_knows_no_deltas_takes_one_for_a_wrong_type() throws Exception {
        DeviceRig rig = rig(DeviceProfile.SPEC);

        rig.push(delta(BASE, NEXT), 128);

        assertThat(rig.status()).isEqualTo("0/6");
    }

    @Test
    void a_delta_that_is_torn_spoilt_or_too_much_ends_with_a_result() throws Exception {
        byte[] delta = delta(BASE, NEXT);
        for (int at = 8; at < delta.length; at += 7) {
            byte[] spoilt = delta.clone();
            spoilt[at] ^= 0x11;
            DeviceRig rig = rig(DeviceProfile.DELTA);
            rig.push(spoilt, 128);
            assertThat(rig.status()).as("byte %d", at).isIn("0/5", "0/2", "2/0");
        }
        byte[] large = delta.clone();
        large[24 + 3] = 1;
        DeviceRig rig = rig(DeviceProfile.DELTA);
        rig.push(large, 128);
        assertThat(rig.status()).isEqualTo("0/2");
    }

    @Test
    void what_is_no_image_is_no_base() {
        assertThatThrownBy(() -> new SharedImages().provide(new byte[10])).hasMessageContaining("base image: 10 bytes");
    }
}
