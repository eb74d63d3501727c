package wavegate.server.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import wavegate.firmware.pkg.Sha256;

/** A finished snapshot, checked as a whole when it is opened and block by block when it is read. */
final class SnapshotFile {
    /** Takes facts. */
    interface Visitor {
        void item(SnapshotFormat.Item item) throws IOException;
    }

    /** Why a file cannot be used as a snapshot. */
    static final class Damaged extends IOException {
        Damaged(Path file, String reason) {
            super("snapshot " + file + ": " + reason);
        }
    }

    private final Path path;
    private final UUID chain;
    private final Position position;
    private final long facts;
    private final List<SnapshotFormat.Block> blocks;

    private SnapshotFile(Path path, UUID chain, Position position, long facts, List<SnapshotFormat.Block> blocks) {
        this.path = path;
        this.chain = chain;
        this.position = position;
        this.facts = facts;
        this.blocks = List.copyOf(blocks);
    }

    /** @throws Damaged if it is not, to the last bit, what was written */
    static SnapshotFile open(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < SnapshotFormat.HEADER + SnapshotFormat.END) {
                throw new Damaged(path, size + " bytes (expected: a whole snapshot)");
            }
            byte[] end = read(channel, size - SnapshotFormat.END, SnapshotFormat.END, path);
            ByteBuffer numbers = ByteBuffer.wrap(end);
            int footerLength = numbers.getInt(32);
            long footerAt = size - SnapshotFormat.END - footerLength;
            if (numbers.getInt(36) != RecordFormat.crc(end, 0, 36)
                    || !Arrays.equals(end, 40, 48, SnapshotFormat.END_MAGIC, 0, 8)
                    || footerLength < 0
                    || footerAt < SnapshotFormat.HEADER) {
                throw new Damaged(path, "has no valid end");
            }
            byte[] content = digest(channel, size - SnapshotFormat.END, path);
            if (!Arrays.equals(content, 0, content.length, end, 0, content.length)) {
                throw new Damaged(path, "its content is not what was written");
            }
            ByteBuffer header = ByteBuffer.wrap(read(channel, 0, SnapshotFormat.HEADER, path));
            byte[] magic = new byte[SnapshotFormat.MAGIC.length];
            header.get(magic);
            if (!Arrays.equals(magic, SnapshotFormat.MAGIC) || header.getInt() != SnapshotFormat.FORMAT) {
                throw new Damaged(path, "not of format " + SnapshotFormat.FORMAT);
            }
            return read(
                    path,
                    new UUID(header.getLong(), header.getLong()),
                    ByteBuffer.wrap(read(channel, footerAt, footerLength, path)));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new Damaged(path, "has no valid footer");
        }
    }

    private static SnapshotFile read(Path path, UUID chain, ByteBuffer footer) {
        long sequence = footer.getLong();
        byte[] hash = new byte[RecordFormat.HASH];
        footer.get(hash);
        MerkleTree.Peaks tree = MerkleTree.Peaks.read(footer);
        long facts = footer.getLong();
        List<SnapshotFormat.Block> blocks = new ArrayList<>();
        for (int left = footer.getInt(); left > 0; left--) {
            blocks.add(SnapshotFormat.Block.read(footer));
        }
        return new SnapshotFile(path, chain, new Position(sequence, hash, tree), facts, blocks);
    }

    private static byte[] digest(FileChannel channel, long until, Path path) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        for (long at = 0; at < until; at += SnapshotFormat.BLOCK) {
            digest.update(read(channel, at, (int) Math.min(SnapshotFormat.BLOCK, until - at), path));
        }
        return digest.digest();
    }

    private static byte[] read(FileChannel channel, long offset, int length, Path path) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        while (into.hasRemaining()) {
            if (channel.read(into, offset + into.position()) < 0) {
                throw new Damaged(path, "ends early");
            }
        }
        return into.array();
    }

    Path path() {
        return path;
    }

    UUID chain() {
        return chain;
    }

    Position position() {
        return position;
    }

    long facts() {
        return facts;
    }

    /** Gives every fact, kind by kind, those of a kind in the order of their sequences. */
    void read(Visitor visitor) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
                Inflating inflating = new Inflating()) {
            for (int kind = 0; kind < FactKeys.KINDS; kind++) {
                for (SnapshotFormat.Block block : blocks) {
                    if (block.kind() == kind) {
                        ByteBuffer items = inflating.block(channel, block);
                        while (items.hasRemaining()) {
                            visitor.item(SnapshotFormat.Item.read(kind, items));
                        }
                    }
                }
            }
        }
    }

    private final class Inflating implements Closeable {
        private final Inflater inflater = new Inflater();

        ByteBuffer block(FileChannel channel, SnapshotFormat.Block block) throws IOException {
            byte[] deflated = SnapshotFile.read(channel, block.offset(), block.length(), path);
            if (RecordFormat.crc(deflated, 0, deflated.length) != block.crc()) {
                throw new Damaged(path, "checksum of the block at offset " + block.offset() + " does not match");
            }
            byte[] plain = new byte[block.inflated()];
            inflater.reset();
            inflater.setInput(deflated);
            try {
                int length = 0;
                while (length < plain.length && !inflater.finished()) {
                    length += inflater.inflate(plain, length, plain.length - length);
                }
                if (length != plain.length) {
                    throw new Damaged(path, "the block at offset " + block.offset() + " is shorter than it was");
                }
            } catch (DataFormatException e) {
                throw new Damaged(path, "the block at offset " + block.offset() + " does not inflate");
            }
            return ByteBuffer.wrap(plain);
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
