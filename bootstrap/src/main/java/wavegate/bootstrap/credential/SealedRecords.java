package wavegate.bootstrap.credential;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only file of encrypted records:
 *
 * <pre>
 * header  magic 8 | file id 16 | HMAC of both, 32
 * record  length u32 | nonce 12 | AES-256-GCM of the content, with its tag
 * </pre>
 *
 * A record is bound to the file, to its number and to the tag of the one before it, so none can be changed, swapped, left out or taken from
 * elsewhere. What is unreadable beyond the {@link HighWaterMark} was never acknowledged: a torn tail, which is cut. Anything else refuses to
 * open. After a failed write nothing more is written. Not thread-safe.
 */
final class SealedRecords implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SealedRecords.class);
    private static final byte[] MAGIC = "WGSEAL1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 8 + 16 + 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int PREFIX_BYTES = 4 + NONCE_BYTES;
    private static final int MAX_CONTENT_BYTES = 1 << 20;

    private final Path path;
    private final StoreKey key;
    private final SecureRandom random;
    private final HighWaterMark mark;
    private @Nullable String cut;
    private FileChannel channel;
    private UUID id;
    private byte[] fileKey;
    private byte[] lastTag = new byte[TAG_BYTES];
    private long count;
    private boolean failed;

    private SealedRecords(Path path, StoreKey key, SecureRandom random) throws IOException {
        this.path = path;
        this.key = key;
        this.random = random;
        this.mark = new HighWaterMark(key, path);
        this.id = randomId();
        if (!Files.exists(path)) {
            if (mark.read()
                    .map(known -> known.values().stream().anyMatch(n -> n > 0))
                    .orElse(false)) {
                throw new IOException(path + ": missing, though " + mark.file()
                        + " says it was there (expected: the file; delete the mark to begin without credentials)");
            }
            OwnedFiles.replace(path, header(id));
        }
        OwnedFiles.refuseIfOpenToOthers(path);
        this.channel = locked(path);
        this.fileKey = key.subkey("records " + id);
    }

    /**
     * Opens or makes the file and shows each record in order.
     *
     * @throws IOException if it cannot be read, is in use, was sealed with another key, or is damaged; says where
     */
    static SealedRecords open(Path path, StoreKey key, SecureRandom random, Consumer<byte[]> reader)
            throws IOException {
        SealedRecords records = new SealedRecords(path, key, random);
        try {
            records.read(reader);
            return records;
        } catch (IOException | RuntimeException e) {
            records.close();
            throw e;
        }
    }

    private static FileChannel locked(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Open in this process already; said below.
        }
        channel.close();
        throw new IOException(path + ": in use by another server");
    }

    /** By the channel that holds the lock: closing any other one of this file would let go of it (fcntl). */
    private ByteBuffer whole() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (all.hasRemaining() && channel.read(all, all.position()) >= 0) {
            // Until it is full.
        }
        return all.flip();
    }

    private void read(Consumer<byte[]> reader) throws IOException {
        ByteBuffer all = whole();
        readHeader(all);
        Optional<Map<UUID, Long>> marks = mark.read();
        long acknowledged = marks.map(known -> known.getOrDefault(id, -1L)).orElse(0L);
        if (acknowledged < 0) {
            throw new IOException(
                    path + ": not the file that " + mark.file()
                            + " was made for, so it may be an older one (delete the mark to accept it, and look at what was revoked)");
        }
        while (all.hasRemaining()) {
            int at = all.position();
            Optional<byte[]> content = next(all);
            if (content.isEmpty()) {
                boolean last = all.position() == all.limit();
                if (count < acknowledged || (marks.isEmpty() && !last)) {
                    throw new IOException(path + ": record " + count + " at byte " + at + " is damaged");
                }
                cut = "from byte " + at + ", " + (all.limit() - at) + " bytes after record " + count;
                channel.truncate(at);
                channel.force(true);
                break;
            }
            reader.accept(content.get());
        }
        if (count < acknowledged) {
            throw new IOException(path + ": " + count + " records (expected: at least " + acknowledged + ", as "
                    + mark.file() + " says; its end is missing)");
        }
        if (marks.isEmpty() && count > 0) {
            LOG.warn("credentials file={} has no mark {}; whether it is the newest cannot be told", path, mark.file());
        }
        channel.position(channel.size());
        mark.write(Map.of(id, count));
    }

    private void readHeader(ByteBuffer all) throws IOException {
        byte[] magic = new byte[MAGIC.length];
        if (all.remaining() < HEADER_BYTES) {
            throw new IOException(path + ": " + all.remaining() + " bytes (expected: a credential store)");
        }
        all.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new IOException(path + ": not a credential store");
        }
        id = new UUID(all.getLong(), all.getLong());
        byte[] check = new byte[32];
        all.get(check);
        if (!MessageDigest.isEqual(check, check(id))) {
            throw new IOException(path + ": sealed with another key than " + key.file()
                    + (key.isFresh() ? ", which was made just now: the one it was sealed with is missing" : "")
                    + " (expected: the key file it was made with)");
        }
        fileKey = key.subkey("records " + id);
    }

    /** The content of the record at the position, which moves behind it; empty, and the position at a guess of its end, if it is not one. */
    private Optional<byte[]> next(ByteBuffer all) {
        if (all.remaining() < PREFIX_BYTES + TAG_BYTES) {
            all.position(all.limit());
            return Optional.empty();
        }
        int length = all.getInt();
        byte[] nonce = new byte[NONCE_BYTES];
        all.get(nonce);
        if (length < TAG_BYTES || length > MAX_CONTENT_BYTES + TAG_BYTES || length > all.remaining()) {
            all.position(all.limit());
            return Optional.empty();
        }
        byte[] sealed = new byte[length];
        all.get(sealed);
        try {
            byte[] content = StoreKey.cipher(Cipher.DECRYPT_MODE, fileKey, nonce, bound())
                    .doFinal(sealed);
            lastTag = Arrays.copyOfRange(sealed, length - TAG_BYTES, length);
            count++;
            return Optional.of(content);
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** What a record is sealed together with: its file, its number, the one before it. */
    private byte[] bound() {
        return ByteBuffer.allocate(24 + TAG_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putLong(count)
                .put(lastTag)
                .array();
    }

    /** Writes records with one force; they are durable when this returns. */
    void append(List<byte[]> contents) throws IOException {
        write(() -> {
            OwnedFiles.writeAll(channel, sealed(contents));
            channel.force(false);
            mark.write(Map.of(id, count));
        });
    }

    /** Puts a new file with these records alone in place of this one. */
    void rewrite(List<byte[]> contents) throws IOException {
        write(() -> {
            UUID before = id;
            long countBefore = count;
            Path unfinished = path.resolveSibling(path.getFileName() + ".new");
            id = randomId();
            fileKey = key.subkey("records " + id);
            count = 0;
            lastTag = new byte[TAG_BYTES];
            try (FileChannel fresh = OwnedFiles.create(unfinished)) {
                OwnedFiles.writeAll(fresh, ByteBuffer.wrap(header(id)));
                OwnedFiles.writeAll(fresh, sealed(contents));
                fresh.force(true);
            }
            mark.write(Map.of(before, countBefore, id, count));
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            OwnedFiles.forceDirectoryOf(path);
            FileChannel old = channel;
            channel = locked(path);
            channel.position(channel.size());
            old.close();
            mark.write(Map.of(id, count));
        });
    }

    private interface Write {
        void run() throws IOException;
    }

    private void write(Write write) throws IOException {
        if (failed) {
            throw new IOException(path + ": an earlier write failed, nothing more is written until the next start");
        }
        failed = true;
        write.run();
        failed = false;
    }

    private ByteBuffer sealed(List<byte[]> contents) {
        int size = contents.stream()
                .mapToInt(content -> PREFIX_BYTES + content.length + TAG_BYTES)
                .sum();
        ByteBuffer bytes = ByteBuffer.allocate(size);
        for (byte[] content : contents) {
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            try {
                byte[] sealed = StoreKey.cipher(Cipher.ENCRYPT_MODE, fileKey, nonce, bound())
                        .doFinal(content);
                bytes.putInt(sealed.length).put(nonce).put(sealed);
                lastTag = Arrays.copyOfRange(sealed, sealed.length - TAG_BYTES, sealed.length);
                count++;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES-GCM", e);
            }
        }
        return bytes.flip();
    }

    private byte[] header(UUID id) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .put(MAGIC)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .put(check(id))
                .array();
    }

    private byte[] check(UUID id) {
        return StoreKey.hmac(key.subkey("header"), id.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private UUID randomId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    /** Records in the file. */
    long count() {
        return count;
    }

    /** What was cut from a torn tail at {@link #open}. */
    Optional<String> cut() {
        return Optional.ofNullable(cut);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
