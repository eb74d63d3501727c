package wavegate.server.artifact;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.NamedUuid;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.artifact.PackageRefused.Code;

class McubootPackagesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final int HEADER = 64;

    @TempDir
    Path directory;

    private final byte[] payload = new byte[3000];
    private FileArtifactStore artifacts;
    private PackageSigner.NewKeys envelopeKey;
    private int count;

    @BeforeEach
    void open() throws IOException {
        new SplittableRandom(3).nextBytes(payload);
        artifacts = new FileArtifactStore(directory.resolve("artifacts"));
        Files.createDirectories(trusted().resolve("mcuboot"));
        envelopeKey = key("release", SignatureAlgorithm.ED25519, "");
    }

    @AfterEach
    void close() throws IOException {
        artifacts.close();
    }

    private Path trusted() {
        return directory.resolve("trusted");
    }

    private PackageVerifier verifier(Instant now) {
        return new PackageVerifier(
                trusted(), directory.resolve("packages"), artifacts, 1 << 20, Clock.fixed(now, ZoneOffset.UTC));
    }

    private PackageSigner.NewKeys key(String name, SignatureAlgorithm algorithm, String folder) throws IOException {
        PackageSigner.NewKeys keys = PackageSigner.keygen(directory.resolve("desk"), name, algorithm);
        Files.copy(
                keys.publicKey(),
                trusted().resolve(folder).resolve(keys.publicKey().getFileName()));
        return keys;
    }

    private McubootWriter image() {
        return new McubootWriter(payload);
    }

    private Path signed(byte[] image, ImageTerms terms) throws IOException {
        Path file = directory.resolve("image-" + count++);
        Files.write(file, image);
        return PackageSigner.sign(
                        file,
                        new PackageSigner.Release(
                                "app",
                                FirmwareVersion.of("2.0.0"),
                                "acme.example",
                                "M1",
                                "",
                                7,
                                Optional.empty(),
                                Requirements.NONE,
                                Handling.NONE,
                                terms,
                                Optional.empty()),
                        envelopeKey.privateKey(),
                        envelopeKey.publicKey(),
                        directory.resolve("image-" + count + ".wgp"))
                .file();
    }

    private FirmwarePackage accept(byte[] image, ImageTerms terms) throws IOException {
        return verifier(NOW).accept(Files.newInputStream(signed(image, terms)));
    }

    private void refused(byte[] image, ImageTerms terms, Code code, String message) {
        assertThatThrownBy(() -> accept(image, terms)).isInstanceOfSatisfying(PackageRefused.class, e -> {
            assertThat(e).hasMessageContaining(message);
            assertThat(e.code()).isEqualTo(code);
        });
        assertThat(Files.exists(directory.resolve("packages"))).isFalse();
        assertThat(open(image)).isEmpty();
    }

    private Optional<?> open(byte[] image) {
        try {
            return artifacts.open(Sha256.of(image));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_image_signed_with_a_registered_key_is_let_in_and_what_it_says_is_kept(SignatureAlgorithm algorithm)
            throws Exception {
        PackageSigner.NewKeys boot = key("boot", algorithm, "mcuboot");
        UUID vendor = NamedUuid.ofVendor("acme.example");
        byte[] image = image().counter(9)
                .dependingOn(1, 3)
                .ids(vendor, NamedUuid.ofClass(vendor, "M1"))
                .signedWith(boot);
        FirmwarePackage accepted = accept(image, ImageTerms.NONE);
        assertThat(accepted.image())
                .contains(new ImageFacts(
                        ImageFormat.MCUBOOT,
                        "2.0.0",
                        boot.keyId(),
                        Optional.of(9L),
                        List.of("image 1 >= 3.1.7"),
                        Optional.of(vendor.toString()),
                        Optional.of(NamedUuid.ofClass(vendor, "M1").toString()),
                        true));
        assertThat(accepted.securityCounter()).contains(9L);
        verifier(NOW).recheck(accepted);
        Files.delete(trusted().resolve("mcuboot/boot.pub.pem"));
        assertThatThrownBy(() -> verifier(NOW).recheck(accepted))
                .isInstanceOfSatisfying(
                        PackageRefused.class, e -> assertThat(e.code()).isEqualTo(Code.UNKNOWN_KEY));
    }

    @Test
    void vendor_and_class_identifiers_are_those_of_the_published_derivation() {
        assertThat(NamedUuid.ofVendor("nordicsemi.com"))
                .isEqualTo(UUID.fromString("7617daa5-71fd-5a85-8f94-e28d735ce9f4"));
        assertThat(NamedUuid.ofClass(NamedUuid.ofVendor("nordicsemi.com"), "nRF9160")
                        .version())
                .isEqualTo(5);
    }

    @Test
    void signatures_over_the_bytes_themselves_and_other_digests_hold_too() throws Exception {
        PackageSigner.NewKeys boot = key("boot", SignatureAlgorithm.ED25519, "mcuboot");
        accept(image().pure().signedWith(boot), ImageTerms.NONE);
        accept(image().hashedBy("SHA-512").signedWith(boot), ImageTerms.NONE);
        accept(image().hashedBy("SHA-384").withoutKeyHash().signedWith(boot), ImageTerms.NONE);
        assertThat(directory.resolve("packages").toFile().list()).hasSize(3);
    }

    @Test
    void an_image_that_is_changed_or_signed_by_another_is_refused() throws Exception {
        PackageSigner.NewKeys boot = key("boot", SignatureAlgorithm.ECDSA_P256, "mcuboot");
        PackageSigner.NewKeys stranger =
                PackageSigner.keygen(directory.resolve("desk"), "stranger", SignatureAlgorithm.ECDSA_P256);
        byte[] changed = image().signedWith(boot);
        changed[HEADER + 100] ^= 1;
        refused(changed, ImageTerms.NONE, Code.DIGEST_MISMATCH, "hashes to");
        refused(
                image().signedWith(stranger),
                ImageTerms.NONE,
                Code.UNKNOWN_KEY,
                "expected: one registered for mcuboot");
        refused(
                image().withoutKeyHash().signedWith(stranger),
                ImageTerms.NONE,
                Code.BAD_SIGNATURE,
                "no signature of 1 holds");
        refused(
                image().unprotected(0x10, Sha256.of(new byte[0]).bytes()).unsigned(),
                ImageTerms.NONE,
                Code.DIGEST_MISMATCH,
                "hashes to");
        refused(image().unsigned(), ImageTerms.NONE, Code.BAD_SIGNATURE, "not signed");
        refused(
                image().signedWith(envelopeKey),
                ImageTerms.NONE,
                Code.UNKNOWN_KEY,
                "expected: one registered for mcuboot");
    }

    @Test
    void each_image_of_a_package_for_several_components_is_looked_into() throws Exception {
        PackageSigner.NewKeys boot = key("boot", SignatureAlgorithm.ED25519, "mcuboot");
        byte[] good = image().signedWith(boot);
        verifier(NOW).accept(Files.newInputStream(set(good, "2.0.0")));
        assertThat(open(good)).isPresent();

        PackageSigner.NewKeys stranger =
                PackageSigner.keygen(directory.resolve("desk"), "stranger", SignatureAlgorithm.ED25519);
        byte[] bad = image().signedWith(stranger);
        assertThatThrownBy(() -> verifier(NOW).accept(Files.newInputStream(set(bad, "2.0.0"))))
                .isInstanceOfSatisfying(
                        PackageRefused.class, e -> assertThat(e.code()).isEqualTo(Code.UNKNOWN_KEY));
        assertThat(open(bad)).isEmpty();
        assertThatThrownBy(() -> verifier(NOW).accept(Files.newInputStream(set(good, "3.0.0"))))
                .isInstanceOfSatisfying(
                        PackageRefused.class, e -> assertThat(e.code()).isEqualTo(Code.VERSION_MISMATCH));
    }

    /** A modem's image that nothing is known of, and behind it one of an application that shows what it is. */
    private Path set(byte[] image, String version) throws IOException {
        Path modem = Files.write(directory.resolve("modem-" + count++), new byte[] {1, 2, 3, 4, 5});
        Path application = Files.write(directory.resolve("application-" + count), image);
        return PackageSigner.sign(
                        List.of(
                                new PackageSigner.ComponentFile("modem", FirmwareVersion.of("1.4"), modem),
                                new PackageSigner.ComponentFile(
                                        "application", FirmwareVersion.of(version), application)),
                        new PackageSigner.Release(
                                "set", FirmwareVersion.of("7"), "acme.example", "M1", "", 7, Optional.empty()),
                        envelopeKey.privateKey(),
                        envelopeKey.publicKey(),
                        directory.resolve("set-" + count + ".wgp"))
                .file();
    }

    @Test
    void an_image_of_another_version_counter_or_model_is_refused() throws Exception {
        PackageSigner.NewKeys boot = key("boot", SignatureAlgorithm.ED25519, "mcuboot");
        refused(
                image().major(3).signedWith(boot),
                ImageTerms.NONE,
                Code.VERSION_MISMATCH,
                "version 3.0.0 (expected: 2.0.0");
        ImageTerms counted = new ImageTerms(Optional.empty(), false, Optional.of(8L));
        refused(image().counter(7).signedWith(boot), counted, Code.COUNTER_MISMATCH, "security counter 7 (expected: 8");
        refused(image().signedWith(boot), counted, Code.COUNTER_MISMATCH, "security counter none");
        UUID vendor = NamedUuid.ofVendor("acme.example");
        refused(
                image().ids(vendor, NamedUuid.ofClass(vendor, "M2")).signedWith(boot),
                ImageTerms.NONE,
                Code.WRONG_CLASS,
                "manufacturer \"acme.example\" and model \"M1\"");
        refused(
                image().ids(NamedUuid.ofVendor("other.example"), NamedUuid.ofClass(vendor, "M1"))
                        .signedWith(boot),
                ImageTerms.NONE,
                Code.WRONG_CLASS,
                "which make vendor " + vendor);
    }

    @Test
    void bytes_after_the_image_and_what_nothing_vouches_for_are_refused() throws Exception {
        PackageSigner.NewKeys boot = key("boot", SignatureAlgorithm.ED25519, "mcuboot");
        byte[] good = image().signedWith(boot);
        refused(Arrays.copyOf(good, good.length + 1), ImageTerms.NONE, Code.BAD_IMAGE, "where its last TLV ends");
        refused(Arrays.copyOf(good, good.length - 1), ImageTerms.NONE, Code.BAD_IMAGE, "TLVs at");
        refused(
                image().unprotected(0x50, new byte[4]).signedWith(boot),
                ImageTerms.NONE,
                Code.BAD_IMAGE,
                "TLV 0x50 is not protected");
        refused(image().counter(1).counter(2).signedWith(boot), ImageTerms.NONE, Code.BAD_IMAGE, "TLV 0x50 twice");
        refused(
                image().shielded(0x50, new byte[3]).signedWith(boot),
                ImageTerms.NONE,
                Code.BAD_IMAGE,
                "of 3 bytes (expected: 4)");
        refused(
                new byte[] {1, 2, 3, 4},
                new ImageTerms(Optional.of(ImageFormat.MCUBOOT), false, Optional.empty()),
                Code.BAD_IMAGE,
                "expected: a header of 32");
    }

    @Test
    void an_encrypted_image_is_taken_only_if_its_manifest_says_so_and_its_signature_can_be_checked() throws Exception {
        PackageSigner.NewKeys boot = key("boot", SignatureAlgorithm.ED25519, "mcuboot");
        PackageSigner.NewKeys rsa = key("rsa", SignatureAlgorithm.RSA_PSS, "mcuboot");
        ImageTerms encrypted = new ImageTerms(Optional.empty(), true, Optional.empty());
        byte[] image = image().flags(4).signedWith(boot);
        image[HEADER] ^= 0x55;
        refused(image, ImageTerms.NONE, Code.ENCRYPTED_IMAGE, "only if its manifest says so");
        refused(image().flags(4).signedWith(rsa), encrypted, Code.ENCRYPTED_IMAGE, "an RSA signature");
        FirmwarePackage accepted = accept(image, encrypted);
        assertThat(accepted.image().orElseThrow().payloadChecked()).isFalse();
    }

    @Test
    void an_image_said_to_be_raw_is_not_looked_into() throws Exception {
        byte[] odd = image().unsigned();
        ImageTerms raw = new ImageTerms(Optional.of(ImageFormat.RAW), false, Optional.empty());
        assertThat(accept(odd, raw).image()).isEmpty();
    }

    @Test
    void a_retired_key_vouches_for_what_was_uploaded_before_and_nothing_after() throws Exception {
        PackageSigner.NewKeys boot = key("boot", SignatureAlgorithm.ED25519, "mcuboot");
        byte[] image = image().signedWith(boot);
        FirmwarePackage before = accept(image, ImageTerms.NONE);
        TrustAnchors anchors = new TrustAnchors(trusted(), Clock.fixed(NOW, ZoneOffset.UTC));
        anchors.retire(boot.keyId(), NOW.plusSeconds(60));
        verifier(NOW.plusSeconds(3600)).recheck(before);
        Path again = signed(image, ImageTerms.NONE);
        assertThat(verifier(NOW.plusSeconds(59))
                        .accept(Files.newInputStream(again))
                        .id())
                .isNotNull();
        assertThatThrownBy(() -> verifier(NOW.plusSeconds(60)).accept(Files.newInputStream(again)))
                .isInstanceOfSatisfying(PackageRefused.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.RETIRED_KEY);
                    assertThat(e).hasMessageContaining("retired 2026-11-23T10:01:00Z");
                });
        anchors.retire(boot.keyId(), NOW.minusSeconds(60));
        assertThatThrownBy(() -> verifier(NOW).recheck(before)).isInstanceOf(PackageRefused.class);
        anchors.retire(envelopeKey.keyId(), NOW);
        assertThat(anchors.all())
                .extracting(anchor -> anchor.purpose() + " " + anchor.retires().orElseThrow())
                .containsExactly("ENVELOPE " + NOW, "MCUBOOT " + NOW.minusSeconds(60));
        try (var files = Files.list(trusted())) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".part"));
        }
        // Whoever may read the key may read when it retires: the server may be another user.
        assertThat(Files.getPosixFilePermissions(trusted().resolve("mcuboot/boot.pub.pem.retired")))
                .isEqualTo(Files.getPosixFilePermissions(
                        Files.writeString(trusted().resolve("by-umask"), "", US_ASCII)));
        assertThatThrownBy(() -> anchors.retire("0000000000000000", NOW))
                .hasMessageContaining("no key 0000000000000000");
        Files.writeString(trusted().resolve("mcuboot/boot.pub.pem.retired"), "soon", US_ASCII);
        assertThatThrownBy(anchors::all).hasMessageContaining("\"soon\" (expected: like 2027-06-30");
    }

    /**
     * Flips, cuts, splices and noise: a refusal with a code, never another exception. No signature covers the unprotected TLVs, so one that only
     * renames the hint at its key there is let in, with the very bytes that were signed.
     */
    @Test
    void whatever_is_done_to_the_signed_bytes_of_an_image_it_is_refused() throws Exception {
        PackageSigner.NewKeys boot = key("boot", SignatureAlgorithm.ED25519, "mcuboot");
        UUID vendor = NamedUuid.ofVendor("acme.example");
        byte[] good = image().counter(9)
                .dependingOn(1, 3)
                .ids(vendor, NamedUuid.ofClass(vendor, "M1"))
                .signedWith(boot);
        ImageInspection inspection = new ImageInspection(new TrustAnchors(trusted(), Clock.fixed(NOW, ZoneOffset.UTC)));
        FirmwarePackage accepted =
                accept(good, new ImageTerms(Optional.of(ImageFormat.MCUBOOT), false, Optional.empty()));
        SplittableRandom random = new SplittableRandom(11);
        byte[] signed = Arrays.copyOf(
                good, (int) McubootImage.parse(new HeapBytes(good)).signedBytes());
        Map<Code, Integer> codes = new EnumMap<>(Code.class);
        int letIn = 0;
        int rounds = Boolean.getBoolean("wavegate.test.full") ? 200_000 : 4_000;
        for (int i = 0; i < rounds; i++) {
            byte[] mutant = mutated(good, random);
            if (Arrays.equals(mutant, good)) {
                continue;
            }
            try {
                assertThat(inspection.inspect(new HeapBytes(mutant), accepted.manifest()))
                        .as("round " + i)
                        .isEqualTo(accepted.image());
                assertThat(mutant).as("round " + i).startsWith(signed);
                letIn++;
            } catch (PackageRefused e) {
                codes.merge(e.code(), 1, Integer::sum);
            }
        }
        assertThat(letIn).isLessThan(rounds / 50);
        assertThat(codes)
                .containsKeys(
                        Code.BAD_IMAGE,
                        Code.DIGEST_MISMATCH,
                        Code.BAD_SIGNATURE,
                        Code.UNKNOWN_KEY,
                        Code.VERSION_MISMATCH);
    }

    private static byte[] mutated(byte[] good, SplittableRandom random) {
        byte[] mutant = good.clone();
        int tail = good.length - 400;
        switch (random.nextInt(6)) {
            case 0 -> mutant[random.nextInt(HEADER / 2)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> mutant[tail + random.nextInt(400)] ^= (byte) (1 << random.nextInt(8));
            case 2 -> mutant = Arrays.copyOf(mutant, random.nextInt(good.length));
            case 3 -> mutant = Arrays.copyOf(mutant, good.length + 1 + random.nextInt(64));
            case 4 -> {
                for (int i = 0; i < 1 + random.nextInt(8); i++) {
                    mutant[random.nextInt(good.length)] = (byte) random.nextInt(256);
                }
            }
            default -> {
                int from = tail + random.nextInt(300);
                System.arraycopy(good, tail + random.nextInt(300), mutant, from, random.nextInt(100));
            }
        }
        return mutant;
    }
}
