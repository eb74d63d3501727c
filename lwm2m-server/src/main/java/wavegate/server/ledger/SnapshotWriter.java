package wavegate.server.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.Deflater;
import wavegate.firmware.pkg.Sha256;

/** Writes one snapshot under an unfinished name; {@link #finish} gives it its own. Forces as it goes, so that no write-back of gigabytes piles up before a commit. */
final class SnapshotWriter implements Closeable {
    static final String UNFINISHED = ".new";
    private static final long FORCE_EACH = 8L << 20;

    private final Disk disk;
    private final Path directory;
    private final Path unfinished;
    private final Disk.OpenFile file;
    private final MessageDigest digest = Sha256.newDigest();
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    private final List<ByteBuffer> open = new ArrayList<>();
    private final List<SnapshotFormat.Block> blocks = new ArrayList<>();
    private byte[] deflated = new byte[SnapshotFormat.BLOCK + (SnapshotFormat.BLOCK >> 4)];
    private long position;
    private long forced;
    private long facts;

    SnapshotWriter(Disk disk, Path directory, long sequence, UUID chain) throws IOException {
        this.disk = disk;
        this.directory = directory;
        unfinished = directory.resolve(SnapshotFormat.fileName(sequence) + UNFINISHED);
        if (Files.exists(unfinished)) {
            disk.delete(unfinished);
        }
        file = disk.open(unfinished, true);
        for (int kind = 0; kind < FactKeys.KINDS; kind++) {
            open.add(ByteBuffer.allocate(SnapshotFormat.BLOCK));
        }
        ByteBuffer header = ByteBuffer.allocate(SnapshotFormat.HEADER);
        header.put(SnapshotFormat.MAGIC)
                .putInt(SnapshotFormat.FORMAT)
                .putLong(chain.getMostSignificantBits())
                .putLong(chain.getLeastSignificantBits());
        write(header.array(), header.capacity());
    }

    void put(SnapshotFormat.Item item) throws IOException {
        ByteBuffer block = open.get(item.kind());
        if (block.remaining() < item.length()) {
            flush(item.kind());
            block = open.get(item.kind());
            if (block.capacity() < item.length()) {
                block = ByteBuffer.allocate(item.length());
                open.set(item.kind(), block);
            }
        }
        item.write(block);
        facts++;
    }

    private void flush(int kind) throws IOException {
        ByteBuffer block = open.get(kind);
        if (block.position() == 0) {
            return;
        }
        deflater.reset();
        int inflated = block.flip().limit();
        deflater.setInput(block);
        deflater.finish();
        int length = 0;
        while (!deflater.finished()) {
            if (length == deflated.length) {
                deflated = Arrays.copyOf(deflated, 2 * length);
            }
            length += deflater.deflate(deflated, length, deflated.length - length);
        }
        blocks.add(new SnapshotFormat.Block(kind, position, length, inflated, RecordFormat.crc(deflated, 0, length)));
        write(deflated, length);
        block.clear();
        if (block.capacity() > SnapshotFormat.BLOCK) {
            open.set(kind, ByteBuffer.allocate(SnapshotFormat.BLOCK));
        }
    }

    private void write(byte[] bytes, int length) throws IOException {
        digest.update(bytes, 0, length);
        file.writeFully(ByteBuffer.wrap(bytes, 0, length), position);
        position += length;
        if (position - forced >= FORCE_EACH) {
            file.force(false);
            forced = position;
        }
    }

    /** Completes it, durably. @return the finished file */
    Path finish(Position at) throws IOException {
        for (int kind = 0; kind < open.size(); kind++) {
            flush(kind);
        }
        ByteBuffer footer =
                ByteBuffer.allocate(52 + at.tree().byteLength() + blocks.size() * SnapshotFormat.INDEX_ENTRY);
        footer.putLong(at.sequence()).put(at.hash());
        at.tree().write(footer);
        footer.putLong(facts).putInt(blocks.size());
        blocks.forEach(block -> block.write(footer));
        write(footer.array(), footer.position());
        ByteBuffer end = ByteBuffer.allocate(SnapshotFormat.END);
        end.put(digest.digest()).putInt(footer.position());
        end.putInt(RecordFormat.crc(end.array(), 0, 36))
                .put(SnapshotFormat.END_MAGIC)
                .flip();
        file.writeFully(end, position);
        file.force(true);
        file.close();
        Path finished = directory.resolve(SnapshotFormat.fileName(at.sequence()));
        disk.rename(unfinished, finished);
        disk.forceDirectory(directory);
        return finished;
    }

    /** Without {@link #finish}, what was written is deleted. */
    @Override
    public void close() throws IOException {
        deflater.end();
        file.close();
        if (Files.exists(unfinished)) {
            disk.delete(unfinished);
        }
    }
}
