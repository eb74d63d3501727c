package wavegate.server.ledger;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * A snapshot: of each thing its latest fact as of some place in the ledger, enough to rebuild every state from. All numbers big-endian:
 *
 * <pre>
 *   header   magic "WGSNAPSH" (8), format (4), chain id (16)
 *   blocks   deflated entries of one kind each, up to about 1 MiB before
 *   footer   sequence (8), hash of the commit record there (32), tree size (8) and peaks (32 each), number of facts (8),
 *            number of blocks (4), per block: kind (1), offset (8), length (4), inflated length (4), CRC32C of the deflated bytes (4)
 *   end      SHA-256 over header, blocks and footer (32), length of the footer (4), CRC32C over those 36 bytes (4), magic "WGSNPEND" (8)
 *
 *   entry    sequence (8), flags (1), key (16, zero for none), length (4), the fact as it lies in the ledger
 * </pre>
 */
final class SnapshotFormat {
    static final int FORMAT = 1;
    static final byte[] MAGIC = {'W', 'G', 'S', 'N', 'A', 'P', 'S', 'H'};
    static final byte[] END_MAGIC = {'W', 'G', 'S', 'N', 'P', 'E', 'N', 'D'};
    static final int HEADER = 28;
    static final int END = 48;
    static final int INDEX_ENTRY = 21;
    static final int ENTRY = 29;
    static final int BLOCK = 1 << 20;
    /** Kept also when a later fact hides it: see {@link FactKeys#leavesMark}. */
    static final int MARKED = 1;
    /** It leaves a mark itself, so that the one after it is kept too. */
    static final int MARKS_NEXT = 2;

    /** Where a block lies. */
    record Block(int kind, long offset, int length, int inflated, int crc) {
        void write(ByteBuffer to) {
            to.put((byte) kind).putLong(offset).putInt(length).putInt(inflated).putInt(crc);
        }

        static Block read(ByteBuffer from) {
            return new Block(from.get(), from.getLong(), from.getInt(), from.getInt(), from.getInt());
        }
    }

    /** One fact of a snapshot. */
    record Item(int kind, long sequence, int flags, long keyHigh, long keyLow, byte[] payload) {
        boolean hasKey() {
            return keyHigh != 0 || keyLow != 0;
        }

        boolean is(int flag) {
            return (flags & flag) != 0;
        }

        /** As it stays behind when a later fact has its key. */
        Item hidden() {
            return new Item(kind, sequence, flags, 0, 0, payload);
        }

        Item marked() {
            return new Item(kind, sequence, flags | MARKED, keyHigh, keyLow, payload);
        }

        int length() {
            return ENTRY + payload.length;
        }

        void write(ByteBuffer to) {
            to.putLong(sequence)
                    .put((byte) flags)
                    .putLong(keyHigh)
                    .putLong(keyLow)
                    .putInt(payload.length)
                    .put(payload);
        }

        static Item read(int kind, ByteBuffer from) {
            long sequence = from.getLong();
            int flags = from.get();
            long high = from.getLong();
            long low = from.getLong();
            byte[] payload = new byte[from.getInt()];
            from.get(payload);
            return new Item(kind, sequence, flags, high, low, payload);
        }
    }

    private SnapshotFormat() {}

    static String fileName(long sequence) {
        return String.format(Locale.ROOT, "%020d.wgs", sequence);
    }
}
