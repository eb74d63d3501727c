package wavegate.sim;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import wavegate.sim.coap.Psk;

/**
 * A key for every endpoint without a list of them: the identity is the endpoint, the key the first 16 bytes of HMAC-SHA256 of the endpoint
 * under a master secret. For tests, whose server can compute the same.
 */
public final class DerivedPsks implements PskSource {
    private static final String HMAC = "HmacSHA256";
    private static final int KEY_BYTES = 16;
    private static final int LEAST_MASTER_BYTES = 16;

    private final SecretKeySpec master;

    /** @param master 16 bytes or more */
    public DerivedPsks(byte[] master) {
        if (master.length < LEAST_MASTER_BYTES) {
            throw new IllegalArgumentException(
                    "master secret: " + master.length + " bytes (expected: at least " + LEAST_MASTER_BYTES + ")");
        }
        this.master = new SecretKeySpec(master, HMAC);
    }

    @Override
    public Optional<Psk> of(String endpoint) {
        return Optional.of(new Psk(endpoint, key(endpoint)));
    }

    /** What the server has to know for an endpoint. */
    public byte[] key(String endpoint) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(master);
            return Arrays.copyOf(mac.doFinal(endpoint.getBytes(StandardCharsets.UTF_8)), KEY_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + HMAC, e);
        }
    }
}
