package wavegate.server.ledger;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * One record, all numbers big-endian:
 *
 * <pre>
 *   0  magic            4  "WGf1" a fact, "WGc1" the end of a batch
 *   4  payload length   4
 *   8  sequence         8  a fact's own; in a commit record, that of the last fact of its batch
 *  16  header CRC32C    4  over bytes 0..15
 *  20  body CRC32C      4  over bytes 24 to the end
 *  24  previous hash   32  SHA-256 over the whole record before, header and all
 *  56  payload             a fact as JSON, or of a commit record: number of facts (4), sequence of the first (8)
 * </pre>
 *
 * A length stays below 2^24, so a header always holds a zero byte; JSON never does. A payload can therefore not pass for a header.
 */
final class RecordFormat {
    static final int FACT = 0x57476631;
    static final int COMMIT = 0x57476331;
    static final int HEADER = 20;
    static final int PAYLOAD_AT = 56;
    static final int HASH = 32;
    static final int COMMIT_PAYLOAD = 12;
    static final int COMMIT_RECORD = PAYLOAD_AT + COMMIT_PAYLOAD;
    /** Most bytes of one batch, its commit record included. */
    static final int MAX_BATCH = 16 << 20;

    private RecordFormat() {}

    /** Completes a record whose payload is already in place at {@code at + PAYLOAD_AT}. Returns its whole length. */
    static int frame(byte[] into, int at, int magic, long sequence, byte[] previousHash, int payloadLength) {
        ByteBuffer buffer = ByteBuffer.wrap(into);
        buffer.putInt(at, magic).putInt(at + 4, payloadLength).putLong(at + 8, sequence);
        buffer.putInt(at + 16, crc(into, at, 16));
        System.arraycopy(previousHash, 0, into, at + 24, HASH);
        buffer.putInt(at + 20, crc(into, at + 24, HASH + payloadLength));
        return PAYLOAD_AT + payloadLength;
    }

    /** Whether 20 bytes are the header of some record. */
    static boolean isHeader(byte[] bytes, int at) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int magic = buffer.getInt(at);
        if (magic != FACT && magic != COMMIT) {
            return false;
        }
        int length = buffer.getInt(at + 4);
        return length >= 0 && length <= MAX_BATCH && buffer.getInt(at + 16) == crc(bytes, at, 16);
    }

    static int crc(byte[] bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, at, length);
        return (int) crc.getValue();
    }
}
