package wavegate.bootstrap.credential;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** What a device proves itself with. It proves {@link #endpoint} and no other. No text of it shows a secret. */
public sealed interface Credential {
    /** Endpoint client name: 1 to 64 of letters, digits, {@code : . _ -}. */
    String endpoint();

    /**
     * A pre-shared key.
     *
     * @param identity what the device names in the handshake: 1 to 128 printable ASCII characters without blank and comma
     * @param key 8 to 64 bytes
     */
    record Psk(String endpoint, String identity, byte[] key) implements Credential {
        private static final Pattern IDENTITY = Pattern.compile("[\\x21-\\x2b\\x2d-\\x7e]{1,128}");

        public Psk {
            Names.requireEndpoint(endpoint);
            if (!IDENTITY.matcher(identity).matches()) {
                throw new IllegalArgumentException("psk identity of " + endpoint
                        + ": (expected: 1 to 128 printable ASCII characters without blank and comma)");
            }
            if (key.length < 8 || key.length > 64) {
                throw new IllegalArgumentException(
                        "psk of " + endpoint + ": " + key.length + " bytes (expected: 8 to 64 bytes)");
            }
            key = key.clone();
        }

        @Override
        public byte[] key() {
            return key.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Psk psk
                    && endpoint.equals(psk.endpoint)
                    && identity.equals(psk.identity)
                    && MessageDigest.isEqual(key, psk.key);
        }

        @Override
        public int hashCode() {
            return 31 * endpoint.hashCode() + identity.hashCode();
        }

        @Override
        public String toString() {
            return "Psk[endpoint=" + endpoint + ", identity=" + identity + "]";
        }
    }

    /** A raw public key, on curve P-256. */
    record Rpk(String endpoint, PublicKey key) implements Credential {
        public Rpk {
            Names.requireEndpoint(endpoint);
            if (!(key instanceof ECPublicKey ec)
                    || ec.getParams().getCurve().getField().getFieldSize() != 256) {
                throw new IllegalArgumentException(
                        "public key of " + endpoint + ": " + key.getAlgorithm() + " (expected: EC on P-256)");
            }
        }

        /** @param spki a SubjectPublicKeyInfo, DER */
        public static Rpk ofDer(String endpoint, byte[] spki) {
            try {
                return new Rpk(endpoint, KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki)));
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException(
                        "public key of " + endpoint + ": unreadable (expected: SubjectPublicKeyInfo of an EC key)", e);
            }
        }

        /** SHA-256 of the SubjectPublicKeyInfo in hex. */
        public static String fingerprint(PublicKey key) {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("no SHA-256", e);
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Rpk rpk
                    && endpoint.equals(rpk.endpoint)
                    && Arrays.equals(key.getEncoded(), rpk.key.getEncoded());
        }

        @Override
        public int hashCode() {
            return 31 * endpoint.hashCode() + Arrays.hashCode(key.getEncoded());
        }

        @Override
        public String toString() {
            return "Rpk[endpoint=" + endpoint + ", sha256=" + fingerprint(key) + "]";
        }
    }

    /**
     * A security context for OSCORE (RFC 8613) with AES-CCM-16-64-128 and HKDF-SHA-256, as the server has it: the device's sender id is its
     * recipient id.
     *
     * @param senderId of what the server sends, 0 to 7 bytes; another than the recipient id
     * @param recipientId of what the device sends, 1 to 7 bytes; no other device's
     * @param masterSecret 16 to 64 bytes
     * @param masterSalt 0 to 64 bytes
     */
    record Oscore(String endpoint, byte[] senderId, byte[] recipientId, byte[] masterSecret, byte[] masterSalt)
            implements Credential {
        public Oscore {
            Names.requireEndpoint(endpoint);
            require(senderId.length <= 7, "sender id", endpoint, senderId, "at most 7 bytes");
            require(
                    recipientId.length >= 1 && recipientId.length <= 7,
                    "recipient id",
                    endpoint,
                    recipientId,
                    "1 to 7 bytes");
            require(
                    !Arrays.equals(senderId, recipientId),
                    "sender id",
                    endpoint,
                    senderId,
                    "another than the recipient id");
            require(
                    masterSecret.length >= 16 && masterSecret.length <= 64,
                    "master secret",
                    endpoint,
                    masterSecret,
                    "16 to 64 bytes");
            require(masterSalt.length <= 64, "master salt", endpoint, masterSalt, "at most 64 bytes");
            senderId = senderId.clone();
            recipientId = recipientId.clone();
            masterSecret = masterSecret.clone();
            masterSalt = masterSalt.clone();
        }

        private static void require(boolean holds, String what, String endpoint, byte[] value, String expected) {
            if (!holds) {
                throw new IllegalArgumentException(
                        what + " of " + endpoint + ": " + value.length + " bytes (expected: " + expected + ")");
            }
        }

        @Override
        public byte[] senderId() {
            return senderId.clone();
        }

        @Override
        public byte[] recipientId() {
            return recipientId.clone();
        }

        @Override
        public byte[] masterSecret() {
            return masterSecret.clone();
        }

        @Override
        public byte[] masterSalt() {
            return masterSalt.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Oscore oscore
                    && endpoint.equals(oscore.endpoint)
                    && Arrays.equals(senderId, oscore.senderId)
                    && Arrays.equals(recipientId, oscore.recipientId)
                    && MessageDigest.isEqual(masterSecret, oscore.masterSecret)
                    && MessageDigest.isEqual(masterSalt, oscore.masterSalt);
        }

        @Override
        public int hashCode() {
            return 31 * endpoint.hashCode() + Arrays.hashCode(recipientId);
        }

        @Override
        public String toString() {
            return "Oscore[endpoint=" + endpoint + ", recipientId="
                    + HexFormat.of().formatHex(recipientId) + "]";
        }
    }

    /**
     * A certificate of a tenant's own authority, with the endpoint as CN or as a subject alternative name.
     *
     * @param tenant name of the tenant, 1 to 64 of letters, digits, {@code : . _ -}
     */
    record X509(String endpoint, String tenant) implements Credential {
        public X509 {
            Names.requireEndpoint(endpoint);
            if (!Names.isName(tenant)) {
                throw new IllegalArgumentException(
                        "tenant of " + endpoint + ": (expected: 1 to 64 of A-Z a-z 0-9 : . _ -)");
            }
        }
    }
}
