package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.Sha256;

class ModuleImageTest {
    private static final byte[] PAYLOAD = new byte[700];
    private static final ImageSpec SPEC =
            ImageSpec.good("2.0.0", "ab-8m").forModel("WG-100", "rev-b").crashingTimes(40);

    static {
        new SplittableRandom(2).nextBytes(PAYLOAD);
    }

    private static ImageParser.Finished parse(byte[] image, int chunk) {
        ImageParser parser = new ImageParser();
        for (int from = 0; from < image.length; from += chunk) {
            parser.feed(Arrays.copyOfRange(image, from, Math.min(image.length, from + chunk)));
        }
        return parser.finish();
    }

    @Test
    void an_image_reads_back_the_same_in_blocks_of_any_size() {
        byte[] image = ModuleImage.wrap(PAYLOAD, SPEC);
        for (int chunk = 1; chunk <= image.length; chunk++) {
            Slot slot = parse(image, chunk).slot().orElseThrow();

            assertThat(slot.payloadDigest())
                    .isEqualTo(Sha256.of(PAYLOAD))
                    .isEqualTo(slot.header().innerDigest());
            assertThat(slot.header().version()).isEqualTo("2.0.0");
            assertThat(slot.header().hardware()).isEqualTo("rev-b");
            assertThat(slot.header().crashMultiplier()).isEqualTo(40);
        }
    }

    @Test
    void an_image_cut_anywhere_or_with_more_behind_it_is_refused() {
        byte[] image = ModuleImage.wrap(PAYLOAD, SPEC);
        for (int length = 0; length < image.length; length++) {
            assertThat(parse(Arrays.copyOf(image, length), 64).slot())
                    .as("%d bytes", length)
                    .isEmpty();
        }
        assertThat(parse(Arrays.copyOf(image, image.length + 1), 64).result())
                .isEqualTo(UpdateResult.INTEGRITY_FAILURE);
    }

    @Test
    void every_flipped_bit_is_noticed_when_the_download_ends() {
        byte[] image = ModuleImage.wrap(PAYLOAD, SPEC);
        for (int bit = 0; bit < image.length * 8; bit++) {
            byte[] flipped = image.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));

            ImageParser.Finished finished = parse(flipped, 128);

            assertThat(finished.slot()).as("bit %d", bit).isEmpty();
            assertThat(finished.result()).isIn(UpdateResult.INTEGRITY_FAILURE, UpdateResult.UNSUPPORTED_PACKAGE_TYPE);
        }
    }

    @Test
    void what_is_no_image_at_all_is_of_an_unsupported_type() {
        byte[] noise = new byte[5000];
        new SplittableRandom(4).nextBytes(noise);

        assertThat(parse(noise, 512).result()).isEqualTo(UpdateResult.UNSUPPORTED_PACKAGE_TYPE);
    }

    @Test
    void a_wrong_inner_digest_passes_the_download() {
        Slot slot = parse(ModuleImage.wrap(PAYLOAD, SPEC.withWrongDigest()), 512)
                .slot()
                .orElseThrow();

        assertThat(slot.header().innerDigest()).isNotEqualTo(slot.payloadDigest());
    }

    @Test
    void a_spec_says_what_is_wrong_with_it() {
        assertThatThrownBy(() -> ImageSpec.good(" ", "ab")).hasMessageContaining("image version");
        assertThatThrownBy(() -> SPEC.drainingTimes(Double.NaN)).hasMessageContaining("energy multiplier: NaN");
    }
}
