package wavegate.server.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.upokecenter.cbor.CBORObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.NamedUuid;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.artifact.PackageRefused.Code;

class SuitPackagesTest {
    private static final UUID VENDOR = NamedUuid.ofVendor("acme.example");
    private static final UUID CLASS = NamedUuid.ofClass(VENDOR, "M1");

    @TempDir
    Path directory;

    private final byte[] payload = new byte[2000];
    private ImageInspection inspection;

    @BeforeEach
    void open() throws IOException {
        new SplittableRandom(2).nextBytes(payload);
        Files.createDirectories(directory.resolve("keys/suit"));
        inspection = new ImageInspection(new TrustAnchors(
                directory.resolve("keys"), Clock.fixed(Instant.parse("2026-11-23T10:00:00Z"), ZoneOffset.UTC)));
    }

    private PackageSigner.NewKeys key(String name, SignatureAlgorithm algorithm) throws IOException {
        PackageSigner.NewKeys keys = PackageSigner.keygen(directory.resolve("desk"), name, algorithm);
        Files.copy(
                keys.publicKey(),
                directory.resolve("keys/suit").resolve(keys.publicKey().getFileName()));
        return keys;
    }

    /** What an author puts together, with the ways it can be wrong. */
    private final class Author {
        private UUID vendor = VENDOR;
        private UUID classId = CLASS;
        private long sequence = 5;
        private String uri = "#app";
        private byte[] brought = payload;
        private byte[] digested = payload;
        private boolean attached;
        private boolean crit;

        byte[] write(PackageSigner.NewKeys keys) throws Exception {
            CBORObject parameters = CBORObject.NewMap()
                    .Add(1, bytes(vendor))
                    .Add(2, bytes(classId))
                    .Add(3, digest(digested))
                    .Add(14, digested.length);
            CBORObject shared = CBORObject.NewArray()
                    .Add(20)
                    .Add(parameters)
                    .Add(1)
                    .Add(15)
                    .Add(2)
                    .Add(15);
            CBORObject common = CBORObject.NewMap()
                    .Add(2, CBORObject.NewArray().Add(CBORObject.NewArray().Add(new byte[] {0})))
                    .Add(4, shared.EncodeToBytes());
            CBORObject install = CBORObject.NewArray()
                    .Add(20)
                    .Add(CBORObject.NewMap().Add(21, uri))
                    .Add(21)
                    .Add(2)
                    .Add(3)
                    .Add(15);
            byte[] manifest = CBORObject.NewMap()
                    .Add(1, 1)
                    .Add(2, sequence)
                    .Add(3, common.EncodeToBytes())
                    .Add(20, install.EncodeToBytes())
                    .EncodeToBytes();
            byte[] wrapped = digest(CBORObject.FromObject(manifest).EncodeToBytes());
            CBORObject authentication =
                    CBORObject.NewArray().Add(wrapped).Add(sign1(keys, wrapped).EncodeToBytes());
            CBORObject envelope =
                    CBORObject.NewMap().Add(2, authentication.EncodeToBytes()).Add(3, manifest);
            if (brought.length > 0) {
                envelope.Add("#app", brought);
            }
            return envelope.WithTag(107).EncodeToBytes();
        }

        private CBORObject sign1(PackageSigner.NewKeys keys, byte[] wrapped) throws Exception {
            PackageKeys.SigningKey key = PackageKeys.readPrivate(keys.privateKey());
            int algorithm =
                    switch (key.algorithm()) {
                        case ED25519 -> -8;
                        case ECDSA_P256 -> -7;
                        case RSA_PSS -> -37;
                    };
            CBORObject header = CBORObject.NewMap().Add(1, algorithm);
            if (crit) {
                header.Add(2, CBORObject.NewArray().Add(99));
            }
            byte[] head = header.EncodeToBytes();
            byte[] message = CBORObject.NewArray()
                    .Add("Signature1")
                    .Add(head)
                    .Add(new byte[0])
                    .Add(wrapped)
                    .EncodeToBytes();
            byte[] signature = key.algorithm() == SignatureAlgorithm.ECDSA_P256
                    ? fixed(key, message)
                    : key.algorithm().sign(key.key(), message);
            return CBORObject.NewArray()
                    .Add(head)
                    .Add(CBORObject.NewMap())
                    .Add(attached ? CBORObject.FromObject(wrapped) : CBORObject.Null)
                    .Add(signature)
                    .WithTag(18);
        }
    }

    private static byte[] fixed(PackageKeys.SigningKey key, byte[] message) throws Exception {
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(key.key());
        signer.update(message);
        return signer.sign();
    }

    private static byte[] digest(byte[] of) {
        return CBORObject.NewArray().Add(-16).Add(Sha256.of(of).bytes()).EncodeToBytes();
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private static Manifest manifest(byte[] envelope) {
        return new Manifest(
                        "app",
                        FirmwareVersion.of("2.0"),
                        "acme.example",
                        "M1",
                        "",
                        envelope.length,
                        Sha256.of(envelope),
                        1)
                .declaring(new ImageTerms(Optional.of(ImageFormat.SUIT), false, Optional.empty()));
    }

    private ImageFacts inspect(byte[] envelope) throws IOException {
        return inspection.inspect(new HeapBytes(envelope), manifest(envelope)).orElseThrow();
    }

    private void refused(byte[] envelope, Code code, String message) {
        assertThatThrownBy(() -> inspect(envelope)).isInstanceOfSatisfying(PackageRefused.class, e -> {
            assertThat(e).hasMessageContaining(message);
            assertThat(e.code()).isEqualTo(code);
        });
    }

    @ParameterizedTest
    @EnumSource
    void an_envelope_signed_with_a_registered_key_is_let_in(SignatureAlgorithm algorithm) throws Exception {
        PackageSigner.NewKeys author = key("author", algorithm);
        ImageFacts facts = inspect(new Author().write(author));
        assertThat(facts.format()).isEqualTo(ImageFormat.SUIT);
        assertThat(facts.version()).isEqualTo("sequence 5");
        assertThat(facts.securityCounter()).contains(5L);
        assertThat(facts.keyId()).isEqualTo(author.keyId());
        assertThat(facts.classId()).contains(CLASS.toString());
        assertThat(facts.payloadChecked()).isTrue();
    }

    @Test
    void an_envelope_shows_what_it_is_without_being_declared() throws Exception {
        byte[] envelope = new Author().write(key("author", SignatureAlgorithm.ED25519));
        Manifest silent = new Manifest(
                "app", FirmwareVersion.of("2.0"), "acme.example", "M1", "", envelope.length, Sha256.of(envelope), 1);
        assertThat(inspection.inspect(new HeapBytes(envelope), silent)).isPresent();
    }

    @Test
    void an_image_that_is_fetched_is_known_by_digest_and_size_alone() throws Exception {
        Author author = new Author();
        author.uri = "coap://elsewhere/app";
        author.brought = new byte[0];
        assertThat(inspect(author.write(key("author", SignatureAlgorithm.ED25519)))
                        .payloadChecked())
                .isFalse();
    }

    @Test
    void a_stranger_and_a_changed_manifest_or_payload_are_refused() throws Exception {
        PackageSigner.NewKeys stranger =
                PackageSigner.keygen(directory.resolve("desk"), "stranger", SignatureAlgorithm.ED25519);
        refused(new Author().write(stranger), Code.UNKNOWN_KEY, "no key is registered for suit");
        PackageSigner.NewKeys key = key("author", SignatureAlgorithm.ED25519);
        refused(new Author().write(stranger), Code.BAD_SIGNATURE, "no signature of 1 holds");
        Author other = new Author();
        other.brought = new byte[2000];
        refused(other.write(key), Code.DIGEST_MISMATCH, "SUIT payload of 2000 bytes");
        Author missing = new Author();
        missing.brought = new byte[0];
        refused(missing.write(key), Code.BAD_IMAGE, "payload #app is missing");
        Author unused = new Author();
        unused.uri = "coap://elsewhere/app";
        refused(unused.write(key), Code.BAD_IMAGE, "payloads that no digest vouches for");
        byte[] longer = new Author().write(key);
        refused(Arrays.copyOf(longer, longer.length + 1), Code.BAD_IMAGE, "not as the draft has it");
    }

    @Test
    void another_vendor_or_class_and_unusual_signatures_are_refused() throws Exception {
        PackageSigner.NewKeys key = key("author", SignatureAlgorithm.ED25519);
        Author vendor = new Author();
        vendor.vendor = NamedUuid.ofVendor("other.example");
        refused(vendor.write(key), Code.WRONG_CLASS, "SUIT envelope for vendor");
        Author model = new Author();
        model.classId = NamedUuid.ofClass(VENDOR, "M2");
        refused(model.write(key), Code.WRONG_CLASS, "model \"M1\"");
        Author attached = new Author();
        attached.attached = true;
        refused(attached.write(key), Code.BAD_IMAGE, "expected: detached");
        Author critical = new Author();
        critical.crit = true;
        refused(critical.write(key), Code.BAD_IMAGE, "critical headers");
        Author negative = new Author();
        negative.sequence = -1;
        refused(negative.write(key), Code.BAD_IMAGE, "sequence number -1");
    }

    @Test
    void whatever_is_done_to_an_envelope_it_is_refused() throws Exception {
        byte[] good = new Author().write(key("author", SignatureAlgorithm.ED25519));
        SplittableRandom random = new SplittableRandom(4);
        Map<Code, Integer> codes = new EnumMap<>(Code.class);
        int rounds = Boolean.getBoolean("wavegate.test.full") ? 200_000 : 3_000;
        for (int i = 0; i < rounds; i++) {
            byte[] mutant = random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int k = 0; mutant.length > 0 && k < 1 + random.nextInt(3); k++) {
                int at = random.nextInt(3) == 0
                        ? random.nextInt(mutant.length)
                        : random.nextInt(Math.min(400, mutant.length));
                mutant[at] = (byte) random.nextInt(256);
            }
            if (Arrays.equals(mutant, good)) {
                continue;
            }
            try {
                ImageFacts facts = inspect(mutant);
                // The unprotected header and the order of keys are covered by nothing, and say nothing.
                assertThat(facts.securityCounter()).contains(5L);
                assertThat(facts.payloadChecked()).isTrue();
            } catch (PackageRefused e) {
                codes.merge(e.code(), 1, Integer::sum);
            }
        }
        assertThat(codes).containsKeys(Code.BAD_IMAGE, Code.BAD_SIGNATURE, Code.DIGEST_MISMATCH);
    }
}
