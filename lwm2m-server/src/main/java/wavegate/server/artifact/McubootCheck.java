package wavegate.server.artifact;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.NamedUuid;
import wavegate.server.artifact.McubootImage.Scheme;
import wavegate.server.artifact.PackageRefused.Code;

/**
 * Checks an MCUboot image as the boot loader will: every digest over header, payload and protected TLVs, and one signature by a key registered
 * for it. Beyond that its version must be the package's, and its vendor and class identifiers those of the manufacturer and model.
 */
final class McubootCheck {
    private static final int CHUNK = 1 << 16;
    /** Ed25519 over the image itself needs all of it in memory. */
    private static final int LONGEST_PURE = 16 << 20;

    private final TrustAnchors anchors;

    McubootCheck(TrustAnchors anchors) {
        this.anchors = anchors;
    }

    ImageFacts check(ImageBytes image, Manifest manifest) throws IOException {
        McubootImage parsed;
        try {
            parsed = McubootImage.parse(image);
        } catch (MalformedImage e) {
            throw new PackageRefused(Code.BAD_IMAGE, "MCUboot image: " + e.getMessage(), e);
        }
        if (parsed.encrypted() && !manifest.imageTerms().encrypted()) {
            throw new PackageRefused(
                    Code.ENCRYPTED_IMAGE, "MCUboot image: encrypted (expected: only if its manifest says so)");
        }
        if (!FirmwareVersion.of(parsed.version()).equals(manifest.version())) {
            throw new PackageRefused(
                    Code.VERSION_MISMATCH,
                    "MCUboot image of version " + parsed.version() + " (expected: " + manifest.version()
                            + ", as its manifest says)");
        }
        if (!NamedUuid.match(manifest, parsed.vendorId(), parsed.classId())) {
            throw new PackageRefused(
                    Code.WRONG_CLASS,
                    "MCUboot image for vendor " + text(parsed.vendorId()) + ", class " + text(parsed.classId())
                            + " (expected: those of manufacturer \"" + manifest.manufacturer() + "\" and model \""
                            + manifest.model() + "\", which make vendor "
                            + NamedUuid.ofVendor(manifest.manufacturer()) + ")");
        }
        if (!parsed.encrypted()) {
            checkDigests(image, parsed);
        }
        String keyId = checkSignature(image, parsed);
        return new ImageFacts(
                ImageFormat.MCUBOOT,
                parsed.version(),
                keyId,
                parsed.securityCounter(),
                parsed.dependencies().stream()
                        .map(each -> "image " + each.imageId() + " >= " + each.version())
                        .toList(),
                parsed.vendorId().map(UUID::toString),
                parsed.classId().map(UUID::toString),
                !parsed.encrypted());
    }

    private static String text(Optional<UUID> id) {
        return id.map(UUID::toString).orElse("unnamed");
    }

    private static void checkDigests(ImageBytes image, McubootImage parsed) throws IOException {
        for (McubootImage.Digest digest : parsed.digests()) {
            byte[] found = digest(image, parsed.signedBytes(), digest.algorithm());
            if (!MessageDigest.isEqual(found, digest.value())) {
                throw new PackageRefused(
                        Code.DIGEST_MISMATCH,
                        "MCUboot image hashes to " + HexFormat.of().formatHex(found) + " by " + digest.algorithm()
                                + " (expected: " + HexFormat.of().formatHex(digest.value()) + ")");
            }
        }
    }

    /** @return id of the key that vouches for the image */
    private String checkSignature(ImageBytes image, McubootImage parsed) throws IOException {
        List<McubootImage.Signed> signatures = parsed.signatures();
        if (signatures.isEmpty()) {
            throw new PackageRefused(Code.BAD_SIGNATURE, "MCUboot image: not signed");
        }
        boolean pure = signatures.stream().allMatch(signed -> signed.scheme() == Scheme.ED25519_PURE);
        if (parsed.digests().isEmpty() && !pure) {
            throw new PackageRefused(Code.BAD_IMAGE, "MCUboot image: no digest");
        }
        List<TrustAnchors.Trusted> keys = keysOf(parsed);
        for (TrustAnchors.Trusted key : keys) {
            for (McubootImage.Signed signed : signatures) {
                if (fits(signed.scheme(), key.key().algorithm()) && verifies(image, parsed, signed, key.key())) {
                    anchors.requireActive(key, anchors.now());
                    return key.key().id();
                }
            }
        }
        throw new PackageRefused(
                Code.BAD_SIGNATURE,
                "MCUboot image: no signature of " + signatures.size() + " holds with any of " + keys.size()
                        + " registered keys");
    }

    private List<TrustAnchors.Trusted> keysOf(McubootImage parsed) throws IOException {
        List<TrustAnchors.Trusted> keys = new ArrayList<>(anchors.of(KeyPurpose.MCUBOOT));
        parsed.keyHash()
                .ifPresent(hash ->
                        keys.removeIf(key -> !Arrays.equals(hash, key.key().imgtoolHash())));
        if (keys.isEmpty()) {
            throw new PackageRefused(
                    Code.UNKNOWN_KEY,
                    "MCUboot image signed with key "
                            + parsed.keyHash()
                                    .map(hash -> HexFormat.of().formatHex(hash))
                                    .orElse("unnamed")
                            + " (expected: one registered for mcuboot)");
        }
        return keys;
    }

    private static boolean fits(Scheme scheme, SignatureAlgorithm algorithm) {
        return switch (scheme) {
            case RSA_PSS -> algorithm == SignatureAlgorithm.RSA_PSS;
            case ECDSA -> algorithm == SignatureAlgorithm.ECDSA_P256;
            case ED25519, ED25519_PURE -> algorithm == SignatureAlgorithm.ED25519;
        };
    }

    private static boolean verifies(
            ImageBytes image, McubootImage parsed, McubootImage.Signed signed, PackageKeys.TrustedKey key)
            throws IOException {
        try {
            return switch (signed.scheme()) {
                case RSA_PSS -> verifiesImage(image, parsed, signed.value(), key);
                case ECDSA -> verifiesDigest(image, parsed, signed.value(), key);
                case ED25519 ->
                    parsed.digests().stream().anyMatch(digest -> verifiesMessage(key, digest.value(), signed.value()));
                case ED25519_PURE -> {
                    requirePlain(parsed, "a signature over the image itself");
                    if (parsed.signedBytes() > LONGEST_PURE) {
                        throw new PackageRefused(
                                Code.TOO_LARGE,
                                "MCUboot image of " + parsed.signedBytes()
                                        + " bytes signed as a whole (expected: at most " + LONGEST_PURE + ")");
                    }
                    yield verifiesMessage(key, image.read(0, (int) parsed.signedBytes()), signed.value());
                }
            };
        } catch (SignatureException e) {
            // Bytes that are no signature at all: the same answer as to a wrong one.
            return false;
        } catch (GeneralSecurityException e) {
            throw new IOException("signature could not be checked: " + e.getMessage(), e);
        }
    }

    private static boolean verifiesMessage(PackageKeys.TrustedKey key, byte[] message, byte[] signature) {
        try {
            return key.algorithm().verifies(key.key(), message, signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that was read cannot be used", e);
        }
    }

    private static boolean verifiesImage(
            ImageBytes image, McubootImage parsed, byte[] signature, PackageKeys.TrustedKey key)
            throws IOException, GeneralSecurityException {
        requirePlain(parsed, "an RSA signature");
        Signature verifier = key.algorithm().verifier(key.key());
        long left = parsed.signedBytes();
        for (long at = 0; left > 0; ) {
            byte[] chunk = image.read(at, (int) Math.min(CHUNK, left));
            verifier.update(chunk);
            at += chunk.length;
            left -= chunk.length;
        }
        return verifier.verify(signature);
    }

    /** Of an encrypted image only the digest is known; it was checked by nobody but the signer. */
    private static boolean verifiesDigest(
            ImageBytes image, McubootImage parsed, byte[] padded, PackageKeys.TrustedKey key)
            throws IOException, GeneralSecurityException {
        Optional<byte[]> said = parsed.digests().stream()
                .filter(digest -> digest.algorithm().equals("SHA-256"))
                .map(McubootImage.Digest::value)
                .findFirst();
        byte[] digest =
                parsed.encrypted() && said.isPresent() ? said.get() : digest(image, parsed.signedBytes(), "SHA-256");
        Signature verifier = Signature.getInstance("NONEwithECDSA");
        verifier.initVerify(key.key());
        verifier.update(digest);
        return verifier.verify(withoutPadding(padded));
    }

    /** {@code imgtool} pads a DER signature with zeros to a fixed length. */
    private static byte[] withoutPadding(byte[] padded) throws SignatureException {
        if (padded.length < 2 || padded[1] < 0 || padded[1] + 2 > padded.length) {
            throw new SignatureException("no DER signature");
        }
        int length = padded[1] + 2;
        for (int i = length; i < padded.length; i++) {
            if (padded[i] != 0) {
                throw new SignatureException("bytes after the signature");
            }
        }
        return Arrays.copyOf(padded, length);
    }

    private static void requirePlain(McubootImage parsed, String what) throws PackageRefused {
        if (parsed.encrypted()) {
            throw new PackageRefused(
                    Code.ENCRYPTED_IMAGE,
                    "MCUboot image: encrypted with " + what
                            + ", which cannot be checked (expected: ECDSA, or Ed25519 over the digest)");
        }
    }

    private static byte[] digest(ImageBytes image, long length, String algorithm) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (long at = 0; at < length; ) {
                byte[] chunk = image.read(at, (int) Math.min(CHUNK, length - at));
                digest.update(chunk);
                at += chunk.length;
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }
}
