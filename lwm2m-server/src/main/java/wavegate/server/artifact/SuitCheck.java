package wavegate.server.artifact;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.NamedUuid;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.artifact.PackageRefused.Code;

/**
 * Checks a SUIT envelope: the manifest's digest, one COSE_Sign1 over it by a key registered for SUIT, vendor and class conditions that are those
 * of manufacturer and model, and every payload that it brings along. The signed bytes are put together here and checked with Java's own
 * signatures: the COSE libraries that could do it bring an Ed25519 that takes altered signatures for good.
 */
final class SuitCheck {
    private static final int ES256 = -7;
    private static final int EDDSA = -8;
    private static final int ESP256 = -9;
    private static final int ED25519 = -19;
    private static final int PS256 = -37;

    private final TrustAnchors anchors;

    SuitCheck(TrustAnchors anchors) {
        this.anchors = anchors;
    }

    ImageFacts check(ImageBytes image, Manifest manifest) throws IOException {
        SuitEnvelope envelope;
        try {
            envelope = SuitEnvelope.parse(image);
        } catch (MalformedImage e) {
            throw new PackageRefused(Code.BAD_IMAGE, "SUIT envelope: " + e.getMessage(), e);
        }
        if (envelope.sequence() < 0) {
            throw new PackageRefused(
                    Code.BAD_IMAGE, "SUIT envelope: sequence number " + envelope.sequence() + " (expected: 0 or more)");
        }
        if (envelope.vendorId().isEmpty() || envelope.classId().isEmpty()) {
            throw new PackageRefused(
                    Code.WRONG_CLASS,
                    "SUIT envelope: no vendor and class condition (expected: both, for every device)");
        }
        if (!NamedUuid.match(manifest, envelope.vendorId(), envelope.classId())) {
            throw new PackageRefused(
                    Code.WRONG_CLASS,
                    "SUIT envelope for vendor " + text(envelope.vendorId()) + ", class " + text(envelope.classId())
                            + " (expected: those of manufacturer \"" + manifest.manufacturer() + "\" and model \""
                            + manifest.model() + "\")");
        }
        boolean brought = checkPayloads(envelope);
        return new ImageFacts(
                ImageFormat.SUIT,
                "sequence " + envelope.sequence(),
                checkSignature(envelope),
                Optional.of(envelope.sequence()),
                List.of(),
                envelope.vendorId().map(UUID::toString),
                envelope.classId().map(UUID::toString),
                brought);
    }

    private static String text(Optional<UUID> id) {
        return id.map(UUID::toString).orElse("unnamed");
    }

    /** @return whether every image came along */
    private static boolean checkPayloads(SuitEnvelope envelope) throws PackageRefused {
        if (envelope.images().isEmpty()) {
            throw new PackageRefused(Code.BAD_IMAGE, "SUIT envelope: no image digest (expected: one with its size)");
        }
        int used = 0;
        for (SuitEnvelope.Image image : envelope.images()) {
            byte[] payload = envelope.payloads().get(image.uri());
            if (payload == null && image.uri().startsWith("#")) {
                throw new PackageRefused(Code.BAD_IMAGE, "SUIT envelope: payload " + image.uri() + " is missing");
            }
            if (payload != null) {
                used++;
                Sha256 found = Sha256.of(payload);
                if (payload.length != image.sizeBytes() || !found.equals(image.sha256())) {
                    throw new PackageRefused(
                            Code.DIGEST_MISMATCH,
                            "SUIT payload of " + payload.length + " bytes hashes to " + found + " (expected: "
                                    + image.sizeBytes() + " bytes, " + image.sha256() + ")");
                }
            }
        }
        if (used < envelope.payloads().size()) {
            throw new PackageRefused(
                    Code.BAD_IMAGE, "SUIT envelope: payloads that no digest vouches for (expected: none)");
        }
        return used == envelope.images().size();
    }

    /** @return id of the key that vouches for the manifest */
    private String checkSignature(SuitEnvelope envelope) throws IOException {
        List<TrustAnchors.Trusted> keys = anchors.of(KeyPurpose.SUIT);
        if (keys.isEmpty()) {
            throw new PackageRefused(Code.UNKNOWN_KEY, "SUIT envelope: no key is registered for suit");
        }
        for (TrustAnchors.Trusted key : keys) {
            for (SuitEnvelope.Signed signed : envelope.signatures()) {
                if (verifies(signed, envelope.digest(), key.key())) {
                    anchors.requireActive(key, anchors.now());
                    return key.key().id();
                }
            }
        }
        throw new PackageRefused(
                Code.BAD_SIGNATURE,
                "SUIT envelope: no signature of " + envelope.signatures().size() + " holds with any of " + keys.size()
                        + " registered keys");
    }

    /** The algorithm is the key's; one that names another is no signature of it. */
    private static boolean verifies(SuitEnvelope.Signed signed, byte[] digest, PackageKeys.TrustedKey key)
            throws IOException {
        byte[] message = signed.message(digest);
        try {
            return switch (signed.algorithm()) {
                case ES256, ESP256 ->
                    key.algorithm() == SignatureAlgorithm.ECDSA_P256 && verifiesFixed(key, message, signed.signature());
                case EDDSA, ED25519 ->
                    key.algorithm() == SignatureAlgorithm.ED25519
                            && key.algorithm().verifies(key.key(), message, signed.signature());
                case PS256 ->
                    key.algorithm() == SignatureAlgorithm.RSA_PSS
                            && key.algorithm().verifies(key.key(), message, signed.signature());
                default -> false;
            };
        } catch (GeneralSecurityException e) {
            throw new IOException("signature could not be checked: " + e.getMessage(), e);
        }
    }

    /** COSE has both numbers of an ECDSA signature one after the other, each of 32 bytes. */
    private static boolean verifiesFixed(PackageKeys.TrustedKey key, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
        verifier.initVerify(key.key());
        verifier.update(message);
        try {
            return verifier.verify(signature);
        } catch (SignatureException e) {
            // Bytes that are no signature at all: the same answer as to a wrong one.
            return false;
        }
    }
}
