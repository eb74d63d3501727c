package wavegate.server.registration;

import java.util.HexFormat;
import wavegate.firmware.device.Endpoint;

/** The pre-shared key of one device: it proves {@code endpoint} and no other. {@code pskIdentity} is what the device names in the handshake, 1 to 128 characters. */
public record Credential(Endpoint endpoint, String pskIdentity, byte[] key) {
    public Credential {
        if (pskIdentity.isEmpty()
                || pskIdentity.length() > 128
                || !pskIdentity.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != ',')) {
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

    String toLine() {
        return endpoint + "," + pskIdentity + "," + HexFormat.of().formatHex(key);
    }

    /** @throws IllegalArgumentException without the line's text, which holds a key */
    static Credential parse(String line) {
        String[] fields = line.split(",", -1);
        if (fields.length != 3) {
            throw new IllegalArgumentException(fields.length + " fields (expected: endpoint,psk-identity,key-in-hex)");
        }
        byte[] key;
        try {
            key = HexFormat.of().parseHex(fields[2].strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("psk of " + fields[0] + ": (expected: an even number of hex digits)");
        }
        return new Credential(new Endpoint(fields[0].strip()), fields[1].strip(), key);
    }

    @Override
    public String toString() {
        return "Credential[endpoint=" + endpoint + "]";
    }
}
