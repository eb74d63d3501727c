package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import wavegate.firmware.pkg.Sha256;

/**
 * The public half of a {@link CheckpointKey}, written as C2SP signed-note writes verifier keys: {@code wavegate+<key id>+<base64>}. Immutable; any
 * thread.
 */
public final class CheckpointVerifier {
    /** Name of the key in a note. */
    static final String NAME = "wavegate";

    private static final byte ED25519 = 1;
    /** What Java puts before the 32 bytes of an Ed25519 key: an X.509 SubjectPublicKeyInfo. */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int RAW = 32;
    private static final int SIGNATURE = 64;

    private final PublicKey key;
    private final byte[] raw;

    private CheckpointVerifier(PublicKey key, byte[] raw) {
        this.key = key;
        this.raw = raw;
    }

    static CheckpointVerifier of(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return new CheckpointVerifier(key, Arrays.copyOfRange(encoded, encoded.length - RAW, encoded.length));
    }

    /** @throws IllegalArgumentException if it is not the text of a verifier key */
    public static CheckpointVerifier parse(String text) {
        String[] parts = text.strip().split("\\+", 3);
        try {
            byte[] typed = parts.length == 3 ? Base64.getDecoder().decode(parts[2]) : new byte[0];
            if (typed.length != 1 + RAW || typed[0] != ED25519) {
                throw new IllegalArgumentException("no Ed25519 key");
            }
            byte[] raw = Arrays.copyOfRange(typed, 1, typed.length);
            byte[] encoded = ByteBuffer.allocate(X509_PREFIX.length + RAW)
                    .put(X509_PREFIX)
                    .put(raw)
                    .array();
            CheckpointVerifier verifier = new CheckpointVerifier(
                    KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)), raw);
            if (!verifier.text().equals(text.strip())) {
                throw new IllegalArgumentException("name or key id do not belong to the key");
            }
            return verifier;
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "verifier key: \"" + text.strip() + "\": " + e.getMessage()
                            + " (expected: wavegate+<key id>+<base64>)",
                    e);
        }
    }

    /** As others keep it. */
    public String text() {
        return NAME + "+" + HexFormat.of().formatHex(id()) + "+"
                + Base64.getEncoder()
                        .encodeToString(ByteBuffer.allocate(1 + RAW)
                                .put(ED25519)
                                .put(raw)
                                .array());
    }

    /** First four bytes of the digest of name and key. */
    byte[] id() {
        MessageDigest digest = Sha256.newDigest();
        digest.update((NAME + "\n").getBytes(UTF_8));
        digest.update(ED25519);
        return Arrays.copyOf(digest.digest(raw), 4);
    }

    boolean verifies(String body, byte[] signed) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initVerify(key);
            signature.update(body.getBytes(UTF_8));
            // Java takes a signature with bytes behind its end.
            return signed.length == SIGNATURE && signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
