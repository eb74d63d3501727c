package wavegate.sim.device;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The few CBOR items a SenML pack needs, in their shortest form. */
final class CborWriter {
    private static final int UNSIGNED = 0;
    private static final int NEGATIVE = 1;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;
    private static final int FALSE = 0xf4;
    private static final int TRUE = 0xf5;
    private static final int DOUBLE = 0xfb;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(160);

    void array(int items) {
        head(ARRAY, items);
    }

    void map(int pairs) {
        head(MAP, pairs);
    }

    void whole(long value) {
        if (value >= 0) {
            head(UNSIGNED, value);
        } else {
            head(NEGATIVE, -1 - value);
        }
    }

    void decimal(double value) {
        out.write(DOUBLE);
        bigEndian(Double.doubleToLongBits(value), 8);
    }

    void flag(boolean value) {
        out.write(value ? TRUE : FALSE);
    }

    void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        head(TEXT, utf8.length);
        out.writeBytes(utf8);
    }

    private void head(int major, long value) {
        int type = major << 5;
        if (value < 24) {
            out.write(type | (int) value);
        } else if (value < 1L << 8) {
            out.write(type | 24);
            bigEndian(value, 1);
        } else if (value < 1L << 16) {
            out.write(type | 25);
            bigEndian(value, 2);
        } else if (value < 1L << 32) {
            out.write(type | 26);
            bigEndian(value, 4);
        } else {
            out.write(type | 27);
            bigEndian(value, 8);
        }
    }

    private void bigEndian(long value, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            out.write((int) (value >> (8 * i)));
        }
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
