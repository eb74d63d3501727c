package wavegate.sim.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads OMA TLV entries one level deep. */
final class TlvReader {
    static final int TYPE_INSTANCE = 0b00;
    static final int TYPE_RESOURCE = 0b11;

    /** One entry: where its value starts and how long it claims to be, which may be more than has arrived. */
    record Entry(int type, int id, int from, int length) {
        int end() {
            return from + length;
        }
    }

    private TlvReader() {}

    /** The entry that starts at {@code at}; empty if its header is incomplete. */
    static Optional<Entry> entryAt(byte[] bytes, int at) {
        if (at >= bytes.length) {
            return Optional.empty();
        }
        int head = bytes[at] & 0xff;
        int idBytes = (head & 0x20) == 0 ? 1 : 2;
        int lengthBytes = (head >> 3) & 0b11;
        int from = at + 1 + idBytes + lengthBytes;
        if (from > bytes.length) {
            return Optional.empty();
        }
        int id = number(bytes, at + 1, idBytes);
        int length = lengthBytes == 0 ? head & 0b111 : number(bytes, at + 1 + idBytes, lengthBytes);
        return Optional.of(new Entry(head >> 6, id, from, length));
    }

    /** All entries, in order; empty if the bytes are not whole TLV. */
    static Optional<List<Entry>> entries(byte[] bytes, int from, int end) {
        List<Entry> entries = new ArrayList<>();
        int at = from;
        while (at < end) {
            Optional<Entry> entry = entryAt(bytes, at);
            if (entry.isEmpty() || entry.get().end() > end) {
                return Optional.empty();
            }
            entries.add(entry.get());
            at = entry.get().end();
        }
        return Optional.of(entries);
    }

    private static int number(byte[] bytes, int at, int count) {
        int value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | (bytes[at + i] & 0xff);
        }
        return value;
    }
}
