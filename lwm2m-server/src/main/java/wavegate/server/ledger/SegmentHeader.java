package wavegate.server.ledger;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * What a segment begins with, 80 bytes: magic (8), format version (4), chain id (16), first sequence (8), hash of the last record of the
 * segment before (32, zero in the first), reserved zeros (8), CRC32C of all that (4).
 */
record SegmentHeader(UUID chain, long firstSequence, byte[] previousHash) {
    static final int SIZE = 80;
    static final int FORMAT = 1;
    private static final byte[] MAGIC = {'W', 'G', 'L', 'E', 'D', 'G', 'E', 'R'};
    private static final int CRC_AT = SIZE - 4;

    static String fileName(long firstSequence) {
        return String.format(Locale.ROOT, "%020d.wgl", firstSequence);
    }

    byte[] bytes() {
        ByteBuffer buffer = ByteBuffer.allocate(SIZE);
        buffer.put(MAGIC)
                .putInt(FORMAT)
                .putLong(chain.getMostSignificantBits())
                .putLong(chain.getLeastSignificantBits())
                .putLong(firstSequence)
                .put(previousHash);
        buffer.putInt(CRC_AT, RecordFormat.crc(buffer.array(), 0, CRC_AT));
        return buffer.array();
    }

    /** Empty if the bytes are not a header of this format, whole and unchanged. */
    static Optional<SegmentHeader> of(byte[] bytes) {
        if (bytes.length < SIZE) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        byte[] magic = Arrays.copyOf(bytes, MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)
                || buffer.getInt(CRC_AT) != RecordFormat.crc(bytes, 0, CRC_AT)
                || buffer.getInt(MAGIC.length) != FORMAT) {
            return Optional.empty();
        }
        buffer.position(MAGIC.length + 4);
        UUID chain = new UUID(buffer.getLong(), buffer.getLong());
        long first = buffer.getLong();
        byte[] hash = new byte[RecordFormat.HASH];
        buffer.get(hash);
        return Optional.of(new SegmentHeader(chain, first, hash));
    }
}
