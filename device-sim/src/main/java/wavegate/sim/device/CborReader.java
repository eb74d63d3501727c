package wavegate.sim.device;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the names out of a SenML-CBOR pack: which paths a composite request is about. Values in it are passed over. */
final class CborReader {
    private static final int UNSIGNED = 0;
    private static final int NEGATIVE = 1;
    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;
    private static final int SIMPLE = 7;
    private static final int MOST_RECORDS = 64;

    private final byte[] bytes;
    private int at;
    private boolean bad;

    private CborReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The names, base name included; empty if the bytes are no pack, or one with more records than a module takes. */
    static Optional<List<String>> names(byte[] pack) {
        CborReader reader = new CborReader(pack);
        List<String> names = new ArrayList<>();
        int records = reader.opens(ARRAY);
        String base = "";
        for (int i = 0; i < records && !reader.bad; i++) {
            int pairs = reader.opens(MAP);
            String name = "";
            for (int pair = 0; pair < pairs && !reader.bad; pair++) {
                long label = reader.whole();
                if (label == SenmlCbor.BASE_NAME) {
                    base = reader.text();
                } else if (label == SenmlCbor.NAME) {
                    name = reader.text();
                } else {
                    reader.skip();
                }
            }
            names.add(base + name);
        }
        return reader.bad || reader.at != pack.length ? Optional.empty() : Optional.of(names);
    }

    private int opens(int major) {
        int head = next();
        long length = argument(head);
        if (head >> 5 != major || length > MOST_RECORDS) {
            bad = true;
            return 0;
        }
        return (int) length;
    }

    private int next() {
        if (at >= bytes.length) {
            bad = true;
            return 0;
        }
        return bytes[at++] & 0xff;
    }

    private long argument(int head) {
        int small = head & 0x1f;
        if (small < 24) {
            return small;
        }
        if (small > 27) {
            bad = true;
            return 0;
        }
        long value = 0;
        for (int i = 0; i < 1 << (small - 24); i++) {
            value = value << 8 | next();
        }
        return value;
    }

    private long whole() {
        int head = next();
        long argument = argument(head);
        if (head >> 5 != UNSIGNED && head >> 5 != NEGATIVE) {
            bad = true;
        }
        return head >> 5 == NEGATIVE ? -1 - argument : argument;
    }

    private String text() {
        int head = next();
        long length = argument(head);
        if (head >> 5 != TEXT || length < 0 || length > bytes.length - at) {
            bad = true;
            return "";
        }
        String text = new String(bytes, at, (int) length, StandardCharsets.UTF_8);
        at += (int) length;
        return text;
    }

    private void skip() {
        int head = next();
        long argument = argument(head);
        int major = head >> 5;
        if (major == BYTES || major == TEXT) {
            if (argument < 0 || argument > bytes.length - at) {
                bad = true;
            } else {
                at += (int) argument;
            }
        } else if (major != UNSIGNED && major != NEGATIVE && major != SIMPLE) {
            bad = true;
        }
    }
}
