package wavegate.sim.device;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import wavegate.firmware.pkg.Sha256;

/**
 * The container virtual modules understand, big-endian throughout:
 *
 * <pre>
 * magic "WGMI" | format u16 = 1 | header length u16 (bytes that follow it, up to the payload)
 * version, model, hardware, partition layout: each length u8 + UTF-8
 * crash multiplier f32 | energy multiplier f32 | flags u8 (bit 0: fails to boot, 1: never confirms itself, 2: a component follows)
 * payload length u64 | SHA-256 of the payload | component, if one follows: length u8 + UTF-8
 * payload (any bytes)
 * CRC-32C u32 over everything before it
 * </pre>
 *
 * The CRC is checked when a download ends; the inner digest, the partition layout and whether it boots are found out by the boot stage alone.
 */
public final class ModuleImage {
    static final int MAGIC = 0x57474d49;
    static final int FORMAT = 1;
    static final int PREFIX_BYTES = 8;
    static final int FLAG_FAILS_TO_BOOT = 1;
    static final int FLAG_NEVER_CONFIRMS = 2;
    static final int FLAG_COMPONENT = 4;
    static final int TRAILER_BYTES = 4;

    private ModuleImage() {}

    /**
     * Wraps any payload into an image.
     *
     * @throws IllegalArgumentException if a text of the spec is longer than 255 bytes of UTF-8
     */
    public static byte[] wrap(byte[] payload, ImageSpec spec) {
        byte[] header = header(payload, spec);
        ByteArrayOutputStream image =
                new ByteArrayOutputStream(PREFIX_BYTES + header.length + payload.length + TRAILER_BYTES);
        try (DataOutputStream out = new DataOutputStream(image)) {
            out.writeInt(MAGIC);
            out.writeShort(FORMAT);
            out.writeShort(header.length);
            out.write(header);
            out.write(payload);
            CRC32C crc = new CRC32C();
            crc.update(image.toByteArray());
            out.writeInt((int) crc.getValue());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return image.toByteArray();
    }

    private static byte[] header(byte[] payload, ImageSpec spec) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writeText(out, "version", spec.version());
            writeText(out, "model", spec.model());
            writeText(out, "hardware", spec.hardware());
            writeText(out, "partition layout", spec.partitionLayout());
            out.writeFloat((float) spec.crashMultiplier());
            out.writeFloat((float) spec.energyMultiplier());
            out.writeByte((spec.failsToBoot() ? FLAG_FAILS_TO_BOOT : 0)
                    | (spec.neverConfirms() ? FLAG_NEVER_CONFIRMS : 0)
                    | (spec.component().isEmpty() ? 0 : FLAG_COMPONENT));
            out.writeLong(payload.length);
            byte[] digest = Sha256.of(payload).bytes();
            if (spec.wrongDigest()) {
                digest[0] ^= 1;
            }
            out.write(digest);
            if (!spec.component().isEmpty()) {
                writeText(out, "component", spec.component());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeText(DataOutputStream out, String what, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > ImageSpec.MAX_TEXT_BYTES) {
            throw new IllegalArgumentException(
                    what + " of an image: " + utf8.length + " bytes (expected: at most 255)");
        }
        out.writeByte(utf8.length);
        out.write(utf8);
    }
}
