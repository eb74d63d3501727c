package wavegate.server.artifact;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.ArtifactStore;

/**
 * An open artifact. Hashed as a whole once; the digest of each chunk of 16 KiB, taken in the same pass, is what later reads are checked
 * against. Holds 32 bytes per chunk and no image.
 */
final class CheckedFile implements ArtifactStore.Artifact, Closeable {
    static final int CHUNK = 16 << 10;
    private static final int HASH = 32;

    private final Sha256 digest;
    private final FileChannel channel;
    private final long sizeBytes;
    private final byte[] chunkDigests;
    private final ChunkCache cache;

    private CheckedFile(Sha256 digest, FileChannel channel, ChunkCache cache) throws IOException {
        this.digest = digest;
        this.channel = channel;
        this.cache = cache;
        sizeBytes = channel.size();
        int chunks = Math.toIntExact((sizeBytes + CHUNK - 1) / CHUNK);
        chunkDigests = new byte[Math.multiplyExact(chunks, HASH)];
        MessageDigest whole = Sha256.newDigest();
        MessageDigest part = Sha256.newDigest();
        for (int i = 0; i < chunks; i++) {
            byte[] bytes = fromDisk(i);
            whole.update(bytes);
            System.arraycopy(part.digest(bytes), 0, chunkDigests, i * HASH, HASH);
        }
        Sha256 found = Sha256.ofDigest(whole.digest());
        if (!found.equals(digest)) {
            throw new IOException("artifact " + digest + ": its bytes hash to " + found);
        }
    }

    static CheckedFile open(Path path, Sha256 digest, ChunkCache cache) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new CheckedFile(digest, channel, cache);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public Sha256 digest() {
        return digest;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long position, ByteBuffer into) throws IOException {
        if (position < 0) {
            throw new IllegalArgumentException("artifact position: " + position + " (expected: 0 or more)");
        }
        long at = position;
        while (into.hasRemaining() && at < sizeBytes) {
            byte[] chunk = chunk((int) (at / CHUNK));
            int from = (int) (at % CHUNK);
            int length = Math.min(into.remaining(), chunk.length - from);
            into.put(chunk, from, length);
            at += length;
        }
    }

    @Override
    public boolean readFromMemory(long position, ByteBuffer into) {
        int from = (int) (position % CHUNK);
        int length = (int) Math.min(into.remaining(), sizeBytes - position);
        if (length <= 0 || from + length > CHUNK) {
            return false;
        }
        Optional<byte[]> chunk = cache.get(new ChunkCache.Place(digest, (int) (position / CHUNK)));
        chunk.ifPresent(bytes -> into.put(bytes, from, length));
        return chunk.isPresent();
    }

    private byte[] chunk(int index) throws IOException {
        ChunkCache.Place place = new ChunkCache.Place(digest, index);
        Optional<byte[]> cached = cache.get(place);
        if (cached.isPresent()) {
            return cached.get();
        }
        byte[] bytes = fromDisk(index);
        byte[] found = Sha256.newDigest().digest(bytes);
        if (!Arrays.equals(found, 0, HASH, chunkDigests, index * HASH, (index + 1) * HASH)) {
            throw new IOException("artifact " + digest + ": bytes at offset " + (long) index * CHUNK
                    + " changed since it was opened");
        }
        cache.put(place, bytes);
        return bytes;
    }

    private byte[] fromDisk(int index) throws IOException {
        long at = (long) index * CHUNK;
        byte[] bytes = new byte[(int) Math.min(CHUNK, sizeBytes - at)];
        ByteBuffer into = ByteBuffer.wrap(bytes);
        while (into.hasRemaining()) {
            if (channel.read(into, at + into.position()) < 0) {
                throw new IOException(
                        "artifact " + digest + ": ends at offset " + (at + into.position()) + " of " + sizeBytes);
            }
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        cache.forget(digest);
        channel.close();
    }
}
