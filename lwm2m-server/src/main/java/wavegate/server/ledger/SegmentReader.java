package wavegate.server.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;

/** Reads one segment from its start, record by record, through a buffer that grows only for a larger record. Never writes. */
final class SegmentReader implements Closeable {
    /** What {@link #next} came upon. */
    enum Found {
        RECORD,
        /** The file ends where a record ended. */
        END,
        /** Not a whole record, or not what was written: see {@link #fault}. */
        BROKEN
    }

    private static final int BUFFER = 1 << 20;

    private final FileChannel channel;
    private byte[] buffer;
    private int position;
    private int limit;
    private long bufferAt;
    private int recordAt;
    private int recordLength;
    private String fault = "";

    SegmentReader(Path segment) throws IOException {
        channel = FileChannel.open(segment, StandardOpenOption.READ);
        buffer = new byte[(int) Math.min(BUFFER, Math.max(SegmentHeader.SIZE, channel.size()))];
    }

    /** The first bytes of the segment, fewer than a header if it is shorter. To be called once, first. */
    byte[] header() throws IOException {
        int there = available(SegmentHeader.SIZE) ? SegmentHeader.SIZE : limit;
        byte[] header = Arrays.copyOf(buffer, there);
        position = there;
        return header;
    }

    Found next() throws IOException {
        if (!available(RecordFormat.HEADER)) {
            fault = "record header cut short";
            return position == limit ? Found.END : Found.BROKEN;
        }
        if (!RecordFormat.isHeader(buffer, position)) {
            fault = "no valid record header";
            return Found.BROKEN;
        }
        int length = RecordFormat.PAYLOAD_AT + word(position + 4);
        if (!available(length)) {
            fault = "record of " + length + " bytes cut short";
            return Found.BROKEN;
        }
        if (word(position + 20) != RecordFormat.crc(buffer, position + 24, length - 24)) {
            fault = "checksum of record " + ByteBuffer.wrap(buffer).getLong(position + 8) + " does not match";
            return Found.BROKEN;
        }
        recordAt = position;
        recordLength = length;
        position += length;
        return Found.RECORD;
    }

    String fault() {
        return fault;
    }

    /** Where the next record begins, or the broken one that was found. */
    long offset() {
        return bufferAt + position;
    }

    long size() throws IOException {
        return channel.size();
    }

    boolean isCommit() {
        return word(recordAt) == RecordFormat.COMMIT;
    }

    long sequence() {
        return ByteBuffer.wrap(buffer).getLong(recordAt + 8);
    }

    int recordLength() {
        return recordLength;
    }

    byte[] record() {
        return Arrays.copyOfRange(buffer, recordAt, recordAt + recordLength);
    }

    byte[] payload() {
        return Arrays.copyOfRange(buffer, recordAt + RecordFormat.PAYLOAD_AT, recordAt + recordLength);
    }

    boolean payloadBegins(byte[] with) {
        int from = recordAt + RecordFormat.PAYLOAD_AT;
        return recordLength - RecordFormat.PAYLOAD_AT >= with.length
                && Arrays.equals(buffer, from, from + with.length, with, 0, with.length);
    }

    /** Whether these bytes occur in the payload. */
    boolean payloadHolds(byte[] wanted) {
        int last = recordAt + recordLength - wanted.length;
        for (int at = recordAt + RecordFormat.PAYLOAD_AT; at <= last; at++) {
            if (buffer[at] == wanted[0] && Arrays.equals(buffer, at, at + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    boolean follows(byte[] previousHash) {
        int at = recordAt + 24;
        return Arrays.equals(buffer, at, at + RecordFormat.HASH, previousHash, 0, RecordFormat.HASH);
    }

    void hashRecord(MessageDigest digest) {
        digest.update(buffer, recordAt, recordLength);
    }

    /** Whether a valid record header begins anywhere after {@code from}. */
    boolean headerAfter(long from) throws IOException {
        byte[] tail = new byte[Math.toIntExact(channel.size() - from)];
        ByteBuffer into = ByteBuffer.wrap(tail);
        int read = 0;
        while (into.hasRemaining() && read >= 0) {
            read = channel.read(into, from + into.position());
        }
        for (int at = 1; at + RecordFormat.HEADER <= into.position(); at++) {
            if (RecordFormat.isHeader(tail, at)) {
                return true;
            }
        }
        return false;
    }

    private int word(int at) {
        return ByteBuffer.wrap(buffer).getInt(at);
    }

    /** Whether that many bytes from {@code position} are in the buffer, after reading what can be read. */
    private boolean available(int wanted) throws IOException {
        if (limit - position >= wanted) {
            return true;
        }
        byte[] target = wanted > buffer.length ? new byte[wanted + BUFFER] : buffer;
        System.arraycopy(buffer, position, target, 0, limit - position);
        buffer = target;
        bufferAt += position;
        limit -= position;
        position = 0;
        while (limit < wanted) {
            int read = channel.read(ByteBuffer.wrap(buffer, limit, buffer.length - limit), bufferAt + limit);
            if (read < 0) {
                return false;
            }
            limit += read;
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
