package wavegate.sim.device;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.Sha256;

/**
 * Reads a {@link ModuleImage} as its blocks arrive. Keeps a running digest and at most the header, never the image: about 1 KiB. Nothing is
 * judged before {@link #finish}.
 */
final class ImageParser {
    private static final int MAX_HEADER_BYTES = 5 * (1 + ImageSpec.MAX_TEXT_BYTES) + 4 + 4 + 1 + 8 + 32;

    /** The image a download left behind, or the Update Result that says why there is none. */
    record Finished(Optional<Slot> slot, UpdateResult result) {
        static Finished failed(UpdateResult result) {
            return new Finished(Optional.empty(), result);
        }
    }

    private final MessageDigest payloadDigest = Sha256.newDigest();
    private final CRC32C crc = new CRC32C();
    private byte[] head = new byte[0];
    private @Nullable ImageHeader header;
    private boolean unreadable;
    private long received;
    private long bodyReceived;
    private int trailer;

    long received() {
        return received;
    }

    void feed(byte[] bytes) {
        received += bytes.length;
        if (unreadable) {
            return;
        }
        if (header != null) {
            feedBody(bytes, 0, header);
            return;
        }
        byte[] joined = Arrays.copyOf(head, head.length + bytes.length);
        System.arraycopy(bytes, 0, joined, head.length, bytes.length);
        head = joined;
        parseHead();
    }

    private void parseHead() {
        if (head.length < ModuleImage.PREFIX_BYTES) {
            return;
        }
        int headerBytes = ((head[6] & 0xff) << 8) | (head[7] & 0xff);
        if (intAt(head, 0) != ModuleImage.MAGIC
                || (((head[4] & 0xff) << 8) | (head[5] & 0xff)) != ModuleImage.FORMAT
                || headerBytes > MAX_HEADER_BYTES) {
            giveUp();
            return;
        }
        int end = ModuleImage.PREFIX_BYTES + headerBytes;
        if (head.length < end) {
            return;
        }
        Optional<ImageHeader> parsed = read(head, ModuleImage.PREFIX_BYTES, headerBytes);
        if (parsed.isEmpty()) {
            giveUp();
            return;
        }
        byte[] all = head;
        head = new byte[0];
        header = parsed.get();
        crc.update(all, 0, end);
        feedBody(all, end, parsed.get());
    }

    private void giveUp() {
        unreadable = true;
        head = new byte[0];
    }

    private static Optional<ImageHeader> read(byte[] bytes, int from, int length) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, from, length))) {
            String version = text(in);
            String model = text(in);
            String hardware = text(in);
            String layout = text(in);
            float crash = in.readFloat();
            float energy = in.readFloat();
            int flags = in.readUnsignedByte();
            long payloadBytes = in.readLong();
            byte[] digest = in.readNBytes(32);
            String component = (flags & ModuleImage.FLAG_COMPONENT) != 0 ? text(in) : "";
            if (digest.length != 32 || in.available() > 0 || payloadBytes < 0 || !sane(crash) || !sane(energy)) {
                return Optional.empty();
            }
            return Optional.of(new ImageHeader(
                    version,
                    model,
                    hardware,
                    layout,
                    crash,
                    energy,
                    (flags & ModuleImage.FLAG_FAILS_TO_BOOT) != 0,
                    (flags & ModuleImage.FLAG_NEVER_CONFIRMS) != 0,
                    component,
                    payloadBytes,
                    Sha256.ofDigest(digest)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean sane(float multiplier) {
        return multiplier >= 0 && multiplier <= 10_000;
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte();
        byte[] utf8 = in.readNBytes(length);
        if (utf8.length != length) {
            throw new IOException("text ends early");
        }
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static int intAt(byte[] bytes, int at) {
        return ((bytes[at] & 0xff) << 24)
                | ((bytes[at + 1] & 0xff) << 16)
                | ((bytes[at + 2] & 0xff) << 8)
                | (bytes[at + 3] & 0xff);
    }

    private void feedBody(byte[] bytes, int from, ImageHeader known) {
        int length = bytes.length - from;
        int payload = (int) Math.max(0, Math.min(length, known.payloadBytes() - bodyReceived));
        crc.update(bytes, from, payload);
        payloadDigest.update(bytes, from, payload);
        bodyReceived += length;
        for (int i = from + payload; i < bytes.length; i++) {
            trailer = (trailer << 8) | (bytes[i] & 0xff);
        }
    }

    /** Judges what has arrived as the whole image. Ends this parser. */
    Finished finish() {
        if (unreadable) {
            return Finished.failed(UpdateResult.UNSUPPORTED_PACKAGE_TYPE);
        }
        ImageHeader known = header;
        if (known == null) {
            return Finished.failed(UpdateResult.INTEGRITY_FAILURE);
        }
        boolean complete = bodyReceived - ModuleImage.TRAILER_BYTES == known.payloadBytes();
        if (!complete || trailer != (int) crc.getValue()) {
            return Finished.failed(UpdateResult.INTEGRITY_FAILURE);
        }
        Slot slot = new Slot(known, Sha256.ofDigest(payloadDigest.digest()));
        return new Finished(Optional.of(slot), UpdateResult.INITIAL);
    }
}
