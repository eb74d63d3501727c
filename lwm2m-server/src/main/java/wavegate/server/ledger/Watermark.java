package wavegate.server.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * How far the ledger is known to have been durable: written after each fsync and not forced itself. It can fall behind after a power cut but
 * never be ahead of what was forced, so a ledger that ends before it has lost acknowledged facts. A kill of the process does not take it back.
 * Two slots of 64 bytes, written in turn: magic (4), chain id (16), sequence (8), hash of the last record (32), CRC32C (4).
 */
final class Watermark implements Closeable {
    static final String FILE = "watermark";
    static final int SLOT = 64;
    private static final int MAGIC = 0x5747776D;
    private static final int CRC_AT = SLOT - 4;

    /** What a slot says. */
    record Mark(UUID chain, long sequence, byte[] hash) {}

    private final Disk.OpenFile file;
    private final UUID chain;
    private final ByteBuffer slot = ByteBuffer.allocate(SLOT);
    private int turn;

    private Watermark(Disk.OpenFile file, UUID chain) {
        this.file = file;
        this.chain = chain;
    }

    static Watermark open(Disk disk, Path directory, UUID chain) throws IOException {
        Path path = directory.resolve(FILE);
        return new Watermark(disk.open(path, !Files.exists(path)), chain);
    }

    void write(long sequence, byte[] hash) throws IOException {
        slot.clear();
        slot.putInt(MAGIC)
                .putLong(chain.getMostSignificantBits())
                .putLong(chain.getLeastSignificantBits())
                .putLong(sequence)
                .put(hash);
        slot.putInt(RecordFormat.crc(slot.array(), 0, CRC_AT)).flip();
        file.writeFully(slot, (long) turn * SLOT);
        turn = 1 - turn;
    }

    /** The highest mark in the directory's file; empty if there is none that is whole. */
    static Optional<Mark> read(Path directory) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(directory.resolve(FILE));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Optional<Mark> best = Optional.empty();
        for (int at = 0; at + SLOT <= bytes.length; at += SLOT) {
            byte[] slot = Arrays.copyOfRange(bytes, at, at + SLOT);
            ByteBuffer buffer = ByteBuffer.wrap(slot);
            if (buffer.getInt(0) != MAGIC || buffer.getInt(CRC_AT) != RecordFormat.crc(slot, 0, CRC_AT)) {
                continue;
            }
            Mark mark = new Mark(
                    new UUID(buffer.getLong(4), buffer.getLong(12)),
                    buffer.getLong(20),
                    Arrays.copyOfRange(slot, 28, 28 + RecordFormat.HASH));
            if (best.isEmpty() || mark.sequence() > best.get().sequence()) {
                best = Optional.of(mark);
            }
        }
        return best;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
