package wavegate.sim.coap;

import java.util.Arrays;

/** A pre-shared key and the identity it goes by. Compared by value; shows no key. */
public record Psk(String identity, byte[] key) {
    public Psk {
        if (identity.isEmpty() || identity.length() > 128) {
            throw new IllegalArgumentException("psk identity: " + identity.length() + " characters (expected: 1..128)");
        }
        if (key.length < 1 || key.length > 64) {
            throw new IllegalArgumentException("psk: " + key.length + " bytes (expected: 1..64)");
        }
        key = key.clone();
    }

    @Override
    public byte[] key() {
        return key.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Psk that && identity.equals(that.identity) && Arrays.equals(key, that.key);
    }

    @Override
    public int hashCode() {
        return identity.hashCode();
    }

    @Override
    public String toString() {
        return "Psk[identity=" + identity + "]";
    }
}
