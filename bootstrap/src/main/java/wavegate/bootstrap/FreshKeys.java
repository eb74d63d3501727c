package wavegate.bootstrap;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import wavegate.bootstrap.account.Terms.KeyKind;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.plan.Keys;

/**
 * A new credential, as the server of a shard has to know it and as the device has to hold it.
 *
 * @param credential without the private half of a key pair
 */
record FreshKeys(Credential credential, Keys keys) {
    private static final int PSK_BYTES = 16;

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
        };
    }

    static Credential.Psk psk(String endpoint, SecureRandom random) {
        byte[] identity = new byte[IDENTITY_BYTES];
        random.nextBytes(identity);
        byte[] key = new byte[PSK_BYTES];
        random.nextBytes(key);
        return new Credential.Psk(endpoint, HexFormat.of().formatHex(identity), key);
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
