package wavegate.server.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.ReleaseClass;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Severity;
import wavegate.firmware.pkg.Sha256;

class PackageVerifierTest {
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final int MAX = 1 << 20;

    @TempDir
    Path directory;

    private final byte[] image = new byte[50_000];
    private FileArtifactStore artifacts;
    private PackageVerifier verifier;

    @BeforeEach
    void open() throws IOException {
        new SplittableRandom(8).nextBytes(image);
        Files.write(directory.resolve("image.bin"), image);
        Files.createDirectories(trusted());
        artifacts = new FileArtifactStore(directory.resolve("artifacts"));
        verifier = new PackageVerifier(
                trusted(), directory.resolve("packages"), artifacts, MAX, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() throws IOException {
        artifacts.close();
    }

    private Path trusted() {
        return directory.resolve("trusted");
    }

    @ParameterizedTest
    @EnumSource
    void a_package_signed_with_a_trusted_key_is_let_in_and_passes_a_recheck(SignatureAlgorithm algorithm)
            throws IOException {
        PackageSigner.Signed signed = sign(trustedKey("release", algorithm), "2.0");
        FirmwarePackage accepted = accept(Files.readAllBytes(signed.file()));
        assertThat(accepted).isEqualTo(new FirmwarePackage(signed.id(), signed.manifest(), signed.keyId(), NOW, false));
        assertThat(accepted.manifest().sha256()).isEqualTo(Sha256.of(image));
        ByteBuffer stored = ByteBuffer.allocate(image.length);
        artifacts.open(Sha256.of(image)).orElseThrow().read(0, stored);
        assertThat(stored.array()).isEqualTo(image);
        verifier.recheck(accepted);
        assertThat(accept(Files.readAllBytes(signed.file())).id()).isEqualTo(accepted.id());
    }

    @Test
    void a_key_that_is_not_trusted_or_no_longer_is_refused() throws IOException {
        PackageSigner.NewKeys keys = PackageSigner.keygen(directory, "stranger", SignatureAlgorithm.ED25519);
        byte[] bytes = Files.readAllBytes(sign(keys, "2.0").file());
        refused(bytes, PackageRefused.Code.UNKNOWN_KEY);
        trust(keys);
        FirmwarePackage accepted = accept(bytes);
        Files.delete(trusted().resolve("stranger.pub.pem"));
        assertThatThrownBy(() -> verifier.recheck(accepted))
                .isInstanceOfSatisfying(
                        PackageRefused.class, e -> assertThat(e.code()).isEqualTo(PackageRefused.Code.UNKNOWN_KEY));
    }

    @Test
    void a_manifest_signed_by_another_trusted_key_than_it_names_is_refused() throws IOException {
        PackageSigner.NewKeys one = trustedKey("one", SignatureAlgorithm.ED25519);
        PackageSigner.NewKeys two = trustedKey("two", SignatureAlgorithm.ECDSA_P256);
        PackageEnvelope envelope = envelope(Files.readAllBytes(sign(one, "2.0").file()));
        refused(
                file(new PackageEnvelope(envelope.manifest(), two.keyId(), envelope.signature()), image),
                PackageRefused.Code.BAD_SIGNATURE);
    }

    @Test
    void an_image_of_other_bytes_or_size_is_refused_and_not_kept() throws IOException {
        PackageEnvelope envelope = envelope(Files.readAllBytes(
                sign(trustedKey("release", SignatureAlgorithm.ED25519), "2.0").file()));
        byte[] other = image.clone();
        other[40_000] ^= 1;
        refused(file(envelope, other), PackageRefused.Code.DIGEST_MISMATCH);
        refused(file(envelope, Arrays.copyOf(image, image.length - 1)), PackageRefused.Code.SIZE_MISMATCH);
        refused(file(envelope, Arrays.copyOf(image, image.length + 1)), PackageRefused.Code.SIZE_MISMATCH);
        refused(file(envelope, new byte[0]), PackageRefused.Code.SIZE_MISMATCH);
        assertThat(artifacts.open(Sha256.of(other))).isEmpty();
        assertThat(directory.resolve("packages")).doesNotExist();
    }

    @Test
    void an_image_larger_than_the_server_takes_is_refused_before_it_is_read() throws IOException {
        Files.write(directory.resolve("image.bin"), new byte[MAX + 1]);
        refused(
                Files.readAllBytes(sign(trustedKey("release", SignatureAlgorithm.ED25519), "2.0")
                        .file()),
                PackageRefused.Code.TOO_LARGE);
    }

    @Test
    void a_manifest_that_is_signed_but_not_canonical_is_refused() throws IOException {
        PackageSigner.NewKeys keys = trustedKey("release", SignatureAlgorithm.ED25519);
        PackageKeys.SigningKey key = PackageKeys.readPrivate(keys.privateKey());
        Manifest manifest = new Manifest("m", FirmwareVersion.of("2"), "", "", "", image.length, Sha256.of(image), 1);
        String canonical = new String(ManifestJson.encode(manifest), UTF_8);
        for (String text : new String[] {
            canonical.replace(",", ", "),
            canonical.replace("\"model\":\"\",", ""),
            canonical.replace("{", "{\"after\":\"2027\","),
            canonical.replace("\"sequence\":1", "\"sequence\":1,\"sequence\":2"),
            canonical.replace("\"sequence\":1", "\"sequence\":\"one\""),
            canonical.replace("\"m\"", "{}"),
            "null",
            "[]"
        }) {
            byte[] bytes = text.getBytes(UTF_8);
            byte[] signature = signature(key, bytes);
            refused(file(new PackageEnvelope(bytes, keys.keyId(), signature), image), PackageRefused.Code.MALFORMED);
        }
        byte[] good = canonical.getBytes(UTF_8);
        assertThat(accept(file(new PackageEnvelope(good, keys.keyId(), signature(key, good)), image))
                        .id())
                .isEqualTo(PackageId.ofManifest(good));
    }

    @Test
    void a_manifest_that_says_everything_comes_back_as_it_was_signed() throws IOException {
        Manifest plain = new Manifest("m", FirmwareVersion.of("2"), "", "", "", 1, Sha256.of(image), 1);
        Manifest whole = plain.requiring(new Requirements(
                        new TreeSet<>(List.of("a", "b")),
                        new TreeSet<>(List.of("eu")),
                        Optional.empty(),
                        Optional.empty(),
                        new TreeSet<>(List.of(FirmwareVersion.of("1.9"), FirmwareVersion.of("1.10"))),
                        Optional.of(512L)))
                .handledAs(new Handling(
                        Optional.of(ReleaseClass.SECURITY_PATCH),
                        Optional.of(Severity.CRITICAL),
                        Optional.of(Duration.ofHours(1))))
                .declaring(new ImageTerms(Optional.of(ImageFormat.MCUBOOT), true, Optional.of(7L)))
                .forComponent("modem:nrf9160");
        assertThat(new String(ManifestJson.encode(whole), UTF_8))
                .startsWith("{\"carriers\":[\"a\",\"b\"],\"class\":\"security-patch\",\"component\":\"modem:nrf9160\","
                        + "\"encrypted\":true,\"format\":\"mcuboot\",\"freeMemoryKb\":512,\"fromVersions\":[\"1.9\",\"1.10\"],"
                        + "\"hardware\":\"\",\"manufacturer\":\"\",\"maxDefer\":3600,");
        Manifest ranged = plain.requiring(new Requirements(
                new TreeSet<>(),
                new TreeSet<>(),
                Optional.of(FirmwareVersion.of("1.0")),
                Optional.of(FirmwareVersion.of("1.9")),
                new TreeSet<>(),
                Optional.empty()));
        for (Manifest manifest : List.of(plain, whole, ranged)) {
            assertThat(ManifestJson.decode(ManifestJson.encode(manifest))).isEqualTo(manifest);
        }
    }

    @Test
    void images_of_several_components_are_kept_each_by_itself_and_must_be_those_that_were_signed() throws IOException {
        PackageSigner.NewKeys keys = trustedKey("release", SignatureAlgorithm.ED25519);
        PackageKeys.SigningKey key = PackageKeys.readPrivate(keys.privateKey());
        byte[] modem = Arrays.copyOfRange(image, 0, image.length / 3);
        byte[] application = Arrays.copyOfRange(image, image.length / 3, image.length);
        Manifest plain = new Manifest("m", FirmwareVersion.of("7"), "", "", "", image.length, Sha256.of(image), 1);
        Manifest set = plain.ofComponents(List.of(
                new ComponentImage("modem", FirmwareVersion.of("1.4"), modem.length, Sha256.of(modem)),
                new ComponentImage(
                        "application", FirmwareVersion.of("2.0"), application.length, Sha256.of(application))));
        byte[] bytes = ManifestJson.encode(set);
        assertThat(ManifestJson.decode(bytes)).isEqualTo(set);

        FirmwarePackage taken = accept(file(new PackageEnvelope(bytes, keys.keyId(), signature(key, bytes)), image));

        assertThat(taken.manifest()).isEqualTo(set);
        for (byte[] each : List.of(modem, application, image)) {
            assertThat(artifacts.open(Sha256.of(each)).orElseThrow().sizeBytes())
                    .isEqualTo(each.length);
        }
        Manifest swapped = plain.ofComponents(List.of(
                new ComponentImage("modem", FirmwareVersion.of("1.4"), modem.length, Sha256.of(application)),
                new ComponentImage(
                        "application", FirmwareVersion.of("2.0"), application.length, Sha256.of(application))));
        byte[] wrong = ManifestJson.encode(swapped);
        assertThatThrownBy(() -> accept(file(new PackageEnvelope(wrong, keys.keyId(), signature(key, wrong)), image)))
                .isInstanceOf(PackageRefused.class)
                .hasMessageContaining("image of component modem has sha256 " + Sha256.of(modem));
        String canonical = new String(bytes, UTF_8);
        byte[] fewer = canonical
                .replace("\"componentVersions\":[\"1.4\",", "\"componentVersions\":[")
                .getBytes(UTF_8);
        assertThatThrownBy(() -> ManifestJson.decode(fewer))
                .hasMessageContaining("components: 2 names, 1 versions, 2 sizes, 2 digests");
    }

    @Test
    void a_manifest_without_the_later_members_keeps_the_bytes_and_the_id_it_always_had() {
        Manifest plain = new Manifest("m", FirmwareVersion.of("2"), "a", "b", "c", 1, Sha256.of(new byte[0]), 1);
        assertThat(new String(ManifestJson.encode(plain), UTF_8))
                .isEqualTo(
                        "{\"hardware\":\"c\",\"manufacturer\":\"a\",\"model\":\"b\",\"name\":\"m\",\"sequence\":1,\"sha256\":\""
                                + Sha256.of(new byte[0]) + "\",\"size\":1,\"version\":\"2\"}");
    }

    @Test
    void a_condition_that_is_not_spelled_canonically_is_refused() {
        Manifest plain = new Manifest("m", FirmwareVersion.of("2"), "", "", "", 1, Sha256.of(image), 1);
        String canonical = new String(ManifestJson.encode(plain), UTF_8);
        for (String member : new String[] {
            "\"carriers\":[]",
            "\"carriers\":\"a\"",
            "\"carriers\":[\"b\",\"a\"]",
            "\"carriers\":[\"a\",\"a\"]",
            "\"carriers\":[1]",
            "\"carriers\":[[\"a\"]]",
            "\"carriers\":[\"a",
            "\"class\":\"urgent\"",
            "\"encrypted\":false",
            "\"encrypted\":\"true\"",
            "\"fromAtLeast\":\"\"",
            "\"freeMemoryKb\":-1",
            "\"freeMemoryKb\":99999999999999999999"
        }) {
            byte[] bytes = canonical.replace("{", "{" + member + ",").getBytes(UTF_8);
            assertThatThrownBy(() -> ManifestJson.decode(bytes))
                    .as(member)
                    .isInstanceOfSatisfying(
                            PackageRefused.class, e -> assertThat(e.code()).isEqualTo(PackageRefused.Code.MALFORMED));
        }
    }

    /** Every bit of the head flipped, every truncation of it, and noise: always a refusal with a code, never another exception, never a package. */
    @ParameterizedTest
    @EnumSource
    void whatever_is_done_to_an_envelope_it_is_refused(SignatureAlgorithm algorithm) throws IOException {
        byte[] whole =
                Files.readAllBytes(sign(trustedKey("release", algorithm), "2.0").file());
        int head = whole.length - image.length;
        Map<PackageRefused.Code, Integer> codes = new EnumMap<>(PackageRefused.Code.class);
        for (int bit = 0; bit < head * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            codes.merge(refusal(flipped), 1, Integer::sum);
        }
        for (int length = 0; length < head; length++) {
            codes.merge(refusal(Arrays.copyOf(whole, length)), 1, Integer::sum);
        }
        assertThat(codes)
                .containsKeys(
                        PackageRefused.Code.MALFORMED,
                        PackageRefused.Code.UNKNOWN_KEY,
                        PackageRefused.Code.BAD_SIGNATURE);
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 2000; i++) {
            byte[] noise = whole.clone();
            int from = random.nextInt(head);
            byte[] patch = new byte[1 + random.nextInt(head - from)];
            random.nextBytes(patch);
            System.arraycopy(patch, 0, noise, from, patch.length);
            refusal(Arrays.copyOf(noise, random.nextInt(8, whole.length + 1)));
        }
    }

    @Test
    void a_recheck_finds_a_changed_image_a_changed_envelope_and_their_absence() throws IOException {
        PackageSigner.Signed signed = sign(trustedKey("release", SignatureAlgorithm.ED25519), "2.0");
        FirmwarePackage known = accept(Files.readAllBytes(signed.file()));
        Path head = directory.resolve("packages").resolve(known.id() + ".head");
        byte[] envelope = Files.readAllBytes(head);
        byte[] changed = envelope.clone();
        changed[envelope.length - 1] ^= 1;
        Files.write(head, changed);
        recheckFails(known, PackageRefused.Code.BAD_SIGNATURE);
        Files.delete(head);
        recheckFails(known, PackageRefused.Code.NOT_STORED);
        Files.write(head, envelope);
        verifier.recheck(known);
        String hex = known.manifest().sha256().hex();
        Path stored =
                directory.resolve("artifacts").resolve(hex.substring(0, 2)).resolve(hex);
        Files.write(stored, new byte[image.length]);
        recheckFails(known, PackageRefused.Code.DIGEST_MISMATCH);
        Files.delete(stored);
        recheckFails(known, PackageRefused.Code.NOT_STORED);
    }

    @Test
    void the_private_key_is_readable_by_its_owner_alone_and_no_key_is_overwritten() throws IOException {
        PackageSigner.NewKeys keys = PackageSigner.keygen(directory, "release", SignatureAlgorithm.ED25519);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.privateKey())))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> PackageSigner.keygen(directory, "release", SignatureAlgorithm.ED25519))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> PackageSigner.keygen(directory, "../x", SignatureAlgorithm.ED25519))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keys_that_are_no_pair_sign_nothing() throws IOException {
        PackageSigner.NewKeys one = PackageSigner.keygen(directory, "one", SignatureAlgorithm.ED25519);
        PackageSigner.NewKeys two = PackageSigner.keygen(directory, "two", SignatureAlgorithm.ED25519);
        Path out = directory.resolve("x.wgp");
        assertThatThrownBy(() -> PackageSigner.sign(
                        directory.resolve("image.bin"), release("1"), one.privateKey(), two.publicKey(), out))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("are not a pair");
        assertThat(out).doesNotExist();
    }

    @Test
    void a_private_key_among_the_trusted_ones_is_an_error_that_names_it() throws IOException {
        PackageSigner.NewKeys keys = trustedKey("release", SignatureAlgorithm.ED25519);
        byte[] bytes = Files.readAllBytes(sign(keys, "2.0").file());
        Files.copy(keys.privateKey(), trusted().resolve("a.pem"));
        assertThatThrownBy(() -> accept(bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a.pem: not one PEM block of a public key");
    }

    private PackageSigner.NewKeys trustedKey(String name, SignatureAlgorithm algorithm) throws IOException {
        PackageSigner.NewKeys keys = PackageSigner.keygen(directory, name, algorithm);
        trust(keys);
        return keys;
    }

    private void trust(PackageSigner.NewKeys keys) throws IOException {
        Files.copy(
                keys.publicKey(),
                trusted().resolve(keys.publicKey().getFileName()),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private PackageSigner.Signed sign(PackageSigner.NewKeys keys, String version) throws IOException {
        return PackageSigner.sign(
                directory.resolve("image.bin"),
                release(version),
                keys.privateKey(),
                keys.publicKey(),
                directory.resolve("image-" + version + ".wgp"));
    }

    private static PackageSigner.Release release(String version) {
        return new PackageSigner.Release(
                "modem \"app\" ü", FirmwareVersion.of(version), "Wavegate", "WG-1", "", 7, Optional.empty());
    }

    private FirmwarePackage accept(byte[] bytes) throws IOException {
        return verifier.accept(new ByteArrayInputStream(bytes));
    }

    private void refused(byte[] bytes, PackageRefused.Code code) {
        assertThat(refusal(bytes)).isEqualTo(code);
    }

    private PackageRefused.Code refusal(byte[] bytes) {
        try {
            throw new AssertionError("let in: " + accept(bytes));
        } catch (PackageRefused e) {
            return e.code();
        } catch (IOException e) {
            throw new AssertionError("refused without a code", e);
        }
    }

    private void recheckFails(FirmwarePackage known, PackageRefused.Code code) {
        assertThatThrownBy(() -> verifier.recheck(known))
                .isInstanceOfSatisfying(
                        PackageRefused.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static PackageEnvelope envelope(byte[] file) throws IOException {
        return PackageEnvelope.readFrom(new ByteArrayInputStream(file));
    }

    private static byte[] file(PackageEnvelope envelope, byte[] image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        envelope.writeTo(bytes);
        bytes.write(image);
        return bytes.toByteArray();
    }

    private static byte[] signature(PackageKeys.SigningKey key, byte[] message) {
        try {
            return key.algorithm().sign(key.key(), message);
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
