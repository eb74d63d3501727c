package wavegate.bootstrap;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import java.util.Optional;
import wavegate.bootstrap.account.Terms.KeyKind;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.plan.Keys;
import wavegate.bootstrap.plan.ServerAccount.OscoreKeys;

/**
 * A new credential, as the server of a shard has to know it and as the device has to hold it.
 *
 * @param credential without the private half of a key pair
 * @param oscore as the device has it; empty for another kind
 */
record FreshKeys(Credential credential, Keys keys, Optional<OscoreKeys> oscore) {
    private static final int PSK_BYTES = 16;

    private static final int SALT_BYTES = 8;

    /** The longest there is: 56 random bits are no other device's. */
    private static final int RECIPIENT_ID_BYTES = 7;

    private static final byte[] SERVER_ID = {1};

    /** 96 random bits say nothing of the device to those who listen to its handshakes, and are no other device's. */
    private static final int IDENTITY_BYTES = 12;

    /**
     * @param serverPublicKey what a device checks its server by, DER; empty for PSK
     * @param tenant whose certificates speak for the device, for X.509
     */
    static FreshKeys make(KeyKind kind, String endpoint, byte[] serverPublicKey, String tenant, SecureRandom random) {
        return switch (kind) {
            case PSK -> {
                Credential.Psk psk = psk(endpoint, random);
                yield new FreshKeys(psk, new Keys.Psk(psk.identity(), psk.key()));
            }
            case RPK -> {
                KeyPair pair = pair(random);
                yield new FreshKeys(
                        new Credential.Rpk(endpoint, pair.getPublic()),
                        new Keys.Rpk(
                                pair.getPublic().getEncoded(), pair.getPrivate().getEncoded(), serverPublicKey));
            }
            case X509 ->
                new FreshKeys(
                        new Credential.X509(endpoint, tenant),
                        new Keys.X509(new byte[0], new byte[0], serverPublicKey));
            case OSCORE -> oscore(endpoint, random);
        };
    }

    private FreshKeys(Credential credential, Keys keys) {
        this(credential, keys, Optional.empty());
    }

    private static FreshKeys oscore(String endpoint, SecureRandom random) {
        Credential.Oscore made = new Credential.Oscore(
                endpoint,
                SERVER_ID,
                bytes(RECIPIENT_ID_BYTES, random),
                bytes(PSK_BYTES, random),
                bytes(SALT_BYTES, random));
        byte[] ofDevice = made.recipientId();
        byte[] ofServer = made.senderId();
        return new FreshKeys(
                made,
                new Keys.NoSec(),
                Optional.of(new OscoreKeys(made.masterSecret(), made.masterSalt(), ofDevice, ofServer)));
    }

    private static byte[] bytes(int count, SecureRandom random) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    static Credential.Psk psk(String endpoint, SecureRandom random) {
        return new Credential.Psk(
                endpoint, HexFormat.of().formatHex(bytes(IDENTITY_BYTES, random)), bytes(PSK_BYTES, random));
    }

    private static KeyPair pair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    @Override
    public String toString() {
        return "FreshKeys[" + credential + "]";
    }
}
