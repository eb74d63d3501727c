package wavegate.server.loopback;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** How bytes may be written down: as they are, in hex, and in base64 of both alphabets wherever they stand in what was encoded. */
final class Spellings {
    private Spellings() {}

    static List<byte[]> of(byte[] secret) {
        List<byte[]> all = new ArrayList<>();
        all.add(secret);
        all.add(ascii(HexFormat.of().formatHex(secret)));
        all.add(ascii(HexFormat.of().withUpperCase().formatHex(secret)));
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + secret.length];
            System.arraycopy(secret, 0, shifted, before, secret.length);
            // Characters that hold bits of neighbours too are left out.
            int from = (before * 8 + 5) / 6;
            int to = shifted.length * 8 / 6;
            all.add(ascii(Base64.getEncoder().encodeToString(shifted).substring(from, to)));
            all.add(ascii(Base64.getUrlEncoder().encodeToString(shifted).substring(from, to)));
        }
        return all;
    }

    static boolean contains(byte[] place, byte[] spelling) {
        // One byte is looked for quickly, the rest only where it is found.
        byte first = spelling[0];
        for (int at = 0; at <= place.length - spelling.length; at++) {
            if (place[at] == first && matches(place, at, spelling)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] place, int at, byte[] spelling) {
        for (int i = 1; i < spelling.length; i++) {
            if (place[at + i] != spelling[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
