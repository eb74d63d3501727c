package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.StoredCredential;

/** Credentials in JSON. What is written holds no secret. */
final class CredentialJson {
    private static final Pattern PEM =
            Pattern.compile("\\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----\\s*");

    /** For who must bring a key. */
    static final Supplier<byte[]> NO_KEY = () -> {
        throw new IllegalArgumentException("key: missing (expected: hex)");
    };

    private enum Kind {
        PSK,
        RPK,
        X509,
        OSCORE
    }

    /** @param made whether its key was made for this request */
    record Given(Credential credential, boolean made) {}

    private CredentialJson() {}

    static ObjectNode stored(StoredCredential stored) {
        ObjectNode json = ApiJson.object();
        json.put("endpoint", stored.credential().endpoint());
        json.put("use", stored.use().name().toLowerCase(Locale.ROOT));
        if (stored.credential() instanceof Credential.Psk psk) {
            json.put("kind", "psk").put("identity", psk.identity());
        } else if (stored.credential() instanceof Credential.Rpk rpk) {
            json.put("kind", "rpk").put("sha256", Credential.Rpk.fingerprint(rpk.key()));
        } else if (stored.credential() instanceof Credential.X509 x509) {
            json.put("kind", "x509").put("tenant", x509.tenant());
        } else if (stored.credential() instanceof Credential.Oscore oscore) {
            json.put("kind", "oscore").put("identity", HexFormat.of().formatHex(oscore.recipientId()));
        }
        json.put("state", stored.state().name());
        json.put("since", stored.since().toString());
        json.put("until", stored.until().map(Instant::toString).orElse(null));
        return json;
    }

    /**
     * Reads kind, identity, key, publicKey, tenant, senderId and salt.
     *
     * @param newKey makes a key where a PSK or OSCORE has none
     */
    static Given read(Fields fields, String endpoint, Supplier<byte[]> newKey) {
        Kind kind = fields.constant("kind", Kind.class, Kind.PSK);
        Credential otherwise = new Credential.Psk("none", "none", new byte[16]);
        return switch (kind) {
            case PSK -> {
                String hex = fields.secret("key");
                String identity = fields.text("identity", endpoint);
                yield new Given(
                        fields.made(
                                () -> new Credential.Psk(endpoint, identity, hex.isEmpty() ? newKey.get() : bytes(hex)),
                                otherwise),
                        hex.isEmpty());
            }
            case RPK -> {
                String key = fields.text("publicKey");
                yield new Given(fields.made(() -> rpk(endpoint, key), otherwise), false);
            }
            case X509 -> {
                String tenant = fields.text("tenant");
                yield new Given(fields.made(() -> new Credential.X509(endpoint, tenant), otherwise), false);
            }
            case OSCORE -> {
                String secret = fields.secret("key");
                String salt = fields.secret("salt");
                String recipientId = fields.text("identity");
                String senderId = fields.text("senderId", "");
                yield new Given(
                        fields.made(
                                () -> new Credential.Oscore(
                                        endpoint,
                                        bytes(senderId),
                                        bytes(recipientId),
                                        secret.isEmpty() ? newKey.get() : bytes(secret),
                                        bytes(salt)),
                                otherwise),
                        secret.isEmpty());
            }
        };
    }

    static byte[] bytes(String hex) {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("key: (expected: an even number of hex digits)");
        }
    }

    /** @param key a SubjectPublicKeyInfo as PEM, or its DER in base64 */
    static Credential.Rpk rpk(String endpoint, String key) {
        Matcher pem = PEM.matcher(key);
        String base64 = pem.matches() ? pem.group(1).replaceAll("\\s", "") : key.strip();
        try {
            return Credential.Rpk.ofDer(endpoint, Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "publicKey: (expected: SubjectPublicKeyInfo of an EC key on P-256, as PEM or in base64)", e);
        }
    }
}
