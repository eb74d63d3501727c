package wavegate.server.registration;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.eclipse.leshan.server.registration.Registration;
import org.jspecify.annotations.Nullable;

/**
 * Registrations on disk: a header and then entries, each with length and CRC32C, of which the last about an endpoint counts. Grows by what
 * changed, and is written anew beside and renamed when it has grown too much. Never forced to disk: what is lost comes back by itself. One
 * thread at a time.
 */
final class RegistrationFile implements AutoCloseable {
    /** {@code WGREG}, and the version of the format in the last byte. */
    private static final long HEADER = 0x57_47_52_45_47_00_00_02L;

    private static final byte REGISTERED = 1;
    private static final byte GONE = 2;
    private static final int HEAD = 2 * Integer.BYTES;
    private static final int LONGEST_ENTRY = 1 << 18;
    /** Reading so much at start takes less than a second; writing all registrations anew takes a core from the devices. */
    private static final long SMALLEST_GROWTH = 64L << 20;

    private final Path path;
    private final RegistrationCodec codec;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer waiting = ByteBuffer.allocate(LONGEST_ENTRY + HEAD);
    private @Nullable FileChannel out;
    private long atRewrite;
    private long appended;

    /** Takes what is read, in the order it was written. */
    interface Reader {
        void registered(Registration registration);

        void gone(String endpoint);
    }

    RegistrationFile(Path path, RegistrationCodec codec) {
        this.path = path;
        this.codec = codec;
    }

    /**
     * Reads up to the end or to the first entry that is not whole. One that is whole and cannot be understood costs its own device only.
     *
     * @return what is wrong with the file; empty if nothing is
     */
    Optional<String> read(Reader reader) {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        long entries = 0;
        List<String> strange = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
            long left = Files.size(path) - Long.BYTES;
            if (left < 0 || in.readLong() != HEADER) {
                return Optional.of("not a file of registrations of this version");
            }
            while (left > 0) {
                byte[] payload = readEntry(in, left);
                left -= HEAD + payload.length;
                entries++;
                try {
                    deliver(payload, reader);
                } catch (IOException e) {
                    strange.add(e.getMessage());
                }
            }
            return strange.isEmpty()
                    ? Optional.empty()
                    : Optional.of(strange.size() + " entries left out, the first: " + strange.get(0));
        } catch (IOException e) {
            return Optional.of("damaged after " + entries + " entries: " + e.getMessage());
        }
    }

    private static byte[] readEntry(DataInputStream in, long left) throws IOException {
        if (left < HEAD) {
            throw new IOException("a torn entry");
        }
        int length = in.readInt();
        int crc = in.readInt();
        if (length < 1 || length > LONGEST_ENTRY || length > left - HEAD) {
            throw new IOException("entry length: " + length);
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length != length || crcOf(payload) != crc) {
            throw new IOException("an entry does not match its CRC");
        }
        return payload;
    }

    private void deliver(byte[] payload, Reader reader) throws IOException {
        byte[] body = new byte[payload.length - 1];
        System.arraycopy(payload, 1, body, 0, body.length);
        switch (payload[0]) {
            case REGISTERED -> reader.registered(decoded(body, reader));
            case GONE -> reader.gone(new String(body, StandardCharsets.UTF_8));
            default -> throw new IOException("entry kind: " + payload[0]);
        }
    }

    private Registration decoded(byte[] body, Reader reader) throws IOException {
        try {
            return codec.decode(body);
        } catch (IOException e) {
            // An earlier entry about the device does not count any more.
            codec.endpointOf(body).ifPresent(reader::gone);
            throw e;
        }
    }

    /** Whether the next write should be a {@link #rewrite}: there is no file open, or more was appended than would be worth keeping. */
    boolean wantsRewrite() {
        return out == null || appended > Math.max(SMALLEST_GROWTH, 2 * atRewrite);
    }

    /** Replaces the file by one that holds these and nothing else. */
    void rewrite(Iterator<Registration> all) throws IOException {
        close();
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        appended = 0;
        Files.deleteIfExists(fresh);
        // Without DTLS a registration id is all that protects a registration.
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel target = appendTo(fresh)) {
            waiting.clear().putLong(HEADER);
            while (all.hasNext()) {
                put(target, all.next());
            }
            drain(target);
        }
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        atRewrite = appended;
        appended = 0;
        out = appendTo(path);
    }

    private static FileChannel appendTo(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.APPEND);
    }

    /** Adds what is so now about an endpoint: its registration, or that it has none. Written with the next {@link #flush}. */
    void append(String endpoint, @Nullable Registration now) throws IOException {
        FileChannel target = out;
        if (target == null) {
            throw new IOException("not open");
        }
        if (now == null) {
            gone(target, endpoint);
        } else {
            put(target, now);
        }
    }

    void flush() throws IOException {
        if (out != null) {
            drain(out);
        }
    }

    /** Lets go of the file after a failure, so that the next write begins a new one. */
    void abandon() {
        waiting.clear();
        try {
            close();
        } catch (IOException e) {
            // What it held is written anew.
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel open = out;
        out = null;
        if (open != null) {
            try (open) {
                drain(open);
            }
        }
    }

    private void put(FileChannel target, Registration registration) throws IOException {
        int before = waiting.position();
        try {
            encode(registration, before);
        } catch (BufferOverflowException e) {
            waiting.position(before);
            drain(target);
            try {
                encode(registration, 0);
            } catch (BufferOverflowException still) {
                // Longer than any message: left out, its device registers anew.
                waiting.clear();
            }
        }
    }

    private void encode(Registration registration, int at) throws IOException {
        waiting.putLong(0).put(REGISTERED);
        codec.encode(registration, waiting);
        finish(at);
    }

    private void gone(FileChannel target, String endpoint) throws IOException {
        byte[] name = endpoint.getBytes(StandardCharsets.UTF_8);
        if (waiting.remaining() < HEAD + 1 + name.length) {
            drain(target);
        }
        int at = waiting.position();
        waiting.putLong(0).put(GONE).put(name);
        finish(at);
    }

    /** Puts length and CRC before the entry that ends here. */
    private void finish(int at) {
        int length = waiting.position() - at - HEAD;
        crc.reset();
        crc.update(waiting.array(), at + HEAD, length);
        waiting.putInt(at, length).putInt(at + Integer.BYTES, (int) crc.getValue());
        appended += HEAD + length;
    }

    private void drain(FileChannel target) throws IOException {
        waiting.flip();
        while (waiting.hasRemaining()) {
            target.write(waiting);
        }
        waiting.clear();
    }

    private static int crcOf(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload, 0, payload.length);
        return (int) crc.getValue();
    }
}
