package wavegate.server.store.mapdb;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A value as it lies in a file: CRC32C (4), sequence (8), payload. The checksum covers the key too, so that a value under the wrong key is
 * found out.
 */
record Entry(long sequence, byte[] payload) {
    private static final int PAYLOAD_AT = 12;

    static byte[] encode(byte[] key, long sequence, byte[] payload) {
        byte[] value = new byte[PAYLOAD_AT + payload.length];
        System.arraycopy(payload, 0, value, PAYLOAD_AT, payload.length);
        ByteBuffer buffer = ByteBuffer.wrap(value).putLong(4, sequence);
        buffer.putInt(0, crc(key, value));
        return value;
    }

    static boolean isWhole(byte[] key, byte[] value) {
        return value.length >= PAYLOAD_AT && ByteBuffer.wrap(value).getInt(0) == crc(key, value);
    }

    /** @throws ViewCorrupt if it is not what was written under this key */
    static Entry decode(byte[] key, byte[] value) {
        if (!isWhole(key, value)) {
            throw new ViewCorrupt("checksum of the entry " + Keys.printable(key) + " does not match");
        }
        return new Entry(ByteBuffer.wrap(value).getLong(4), Arrays.copyOfRange(value, PAYLOAD_AT, value.length));
    }

    private static int crc(byte[] key, byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(key, 0, key.length);
        crc.update(value, 4, value.length - 4);
        return (int) crc.getValue();
    }
}
