package wavegate.firmware.pkg;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final Sha256 DIGEST = Sha256.of("image".getBytes(UTF_8));
    private static final FirmwareVersion VERSION = FirmwareVersion.of("2.0");

    private static Manifest manifest(String name, FirmwareVersion version, long sizeBytes, long sequence) {
        return new Manifest(name, version, "Acme", "P100", "rev-b", sizeBytes, DIGEST, sequence);
    }

    @Test
    void a_package_for_several_components_names_each_once_and_is_as_large_as_they_are() {
        Manifest plain = new Manifest("n", VERSION, "", "", "", 30, DIGEST, 0);
        ComponentImage modem = new ComponentImage("modem", VERSION, 10, DIGEST);
        ComponentImage application = new ComponentImage("application", VERSION, 20, DIGEST);

        assertThat(plain.ofComponents(List.of(modem, application)).componentNames())
                .containsExactly("application", "modem");
        assertThatThrownBy(() -> plain.ofComponents(List.of(modem))).hasMessage("components: 1 (expected: 2 to 8)");
        assertThatThrownBy(() -> plain.ofComponents(List.of(modem, modem, modem)))
                .hasMessage("component modem: there twice (expected: one image for each)");
        assertThatThrownBy(() ->
                        plain.ofComponents(List.of(modem, new ComponentImage("application", VERSION, 21, DIGEST))))
                .hasMessage("components of 31 bytes together (expected: 30, the size of the package)");
        assertThatThrownBy(() -> plain.forComponent("modem").ofComponents(List.of(modem, application)))
                .hasMessage("package of several components with a component of its own (expected: none)");
        assertThatThrownBy(() -> new ComponentImage("", VERSION, 1, DIGEST))
                .hasMessageContaining("component name of 0 characters");
        assertThatThrownBy(() -> new ComponentImage("modem", FirmwareVersion.UNKNOWN, 1, DIGEST))
                .hasMessageContaining("version of component modem");
    }

    @Test
    void the_smallest_manifest_names_an_image_of_one_byte_for_any_device() {
        Manifest manifest = new Manifest("n", VERSION, "", "", "", 1, DIGEST, 0);

        assertThat(manifest.sizeBytes()).isEqualTo(1);
        assertThat(manifest.sequence()).isZero();
    }

    @Test
    void a_manifest_without_a_name_is_refused() {
        for (String name : new String[] {"", "  ", "x".repeat(256)}) {
            assertThatThrownBy(() -> manifest(name, VERSION, 1, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("package name: \"" + name + "\"");
        }
        assertThat(manifest("x".repeat(255), VERSION, 1, 0).name()).hasSize(255);
    }

    @Test
    void a_manifest_without_a_version_is_refused() {
        assertThatThrownBy(() -> manifest("pump", FirmwareVersion.UNKNOWN, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("package version: \"\"");
    }

    @Test
    void an_empty_image_is_refused() {
        for (long size : new long[] {0, -1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> manifest("pump", VERSION, size, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("package size: " + size);
        }
    }

    @Test
    void a_negative_sequence_is_refused() {
        assertThatThrownBy(() -> manifest("pump", VERSION, 1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("package sequence: -1");
    }

    @Test
    void what_a_manifest_does_not_say_is_the_same_as_saying_nothing() {
        Manifest plain = manifest("pump", VERSION, 1, 0);

        assertThat(plain.requiring(Requirements.NONE).handledAs(Handling.NONE).declaring(ImageTerms.NONE))
                .isEqualTo(plain);
        assertThat(plain.requirements()).isEqualTo(Requirements.NONE);
        assertThat(plain.handling()).isEqualTo(Handling.NONE);
        assertThat(plain.imageTerms()).isEqualTo(ImageTerms.NONE);
        assertThat(plain.component()).isEmpty();
    }

    @Test
    void terms_out_of_range_are_refused() {
        assertThatThrownBy(() -> new ImageTerms(Optional.empty(), false, Optional.of(1L << 32)))
                .hasMessageStartingWith("security counter: 4294967296");
        assertThatThrownBy(() -> new Handling(Optional.empty(), Optional.empty(), Optional.of(Duration.ofMillis(1))))
                .hasMessageStartingWith("max defer period: PT0.001S");
        assertThatThrownBy(() -> new Handling(Optional.empty(), Optional.empty(), Optional.of(Duration.ofDays(400))))
                .hasMessageStartingWith("max defer period: PT9600H");
        assertThatThrownBy(() -> manifest("pump", VERSION, 1, 0).forComponent(" "))
                .hasMessageStartingWith("package component of 1 characters");
    }

    @Test
    void a_package_is_named_by_its_manifests_digest() {
        byte[] bytes = "abc".getBytes(UTF_8);

        assertThat(Sha256.of(bytes).hex())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(PackageId.ofManifest(bytes)).isEqualTo(new PackageId("ba7816bf8f01cfea"));
        assertThat(Sha256.ofDigest(Sha256.of(bytes).bytes())).isEqualTo(Sha256.of(bytes));
    }

    @Test
    void a_package_id_or_digest_that_is_none_is_refused() {
        for (String id :
                new String[] {"", "ba7816bf8f01cfe", "ba7816bf8f01cfea0", "BA7816BF8F01CFEA", "../../etc/passwd"}) {
            assertThatThrownBy(() -> new PackageId(id))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("package id: \"" + id + "\"");
        }
        for (String hex : new String[] {"", "0".repeat(63), "0".repeat(65), "A".repeat(64), "g".repeat(64)}) {
            assertThatThrownBy(() -> new Sha256(hex))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("sha256: \"" + hex + "\"");
        }
    }
}
