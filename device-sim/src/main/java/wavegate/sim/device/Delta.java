package wavegate.sim.device;

import io.sigpipe.jbsdiff.InvalidHeaderException;
import io.sigpipe.jbsdiff.Patch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Deltas in the format of bsdiff: what turns one whole image into another. Not thread-safe, keeps nothing. */
final class Delta {
    private static final byte[] MAGIC = "BSDIFF40".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 32;
    private static final int NEW_SIZE_AT = 24;

    private Delta() {}

    /** Whether what begins so is a delta. */
    static boolean begins(byte[] block) {
        return block.length >= MAGIC.length && Arrays.equals(MAGIC, 0, MAGIC.length, block, 0, MAGIC.length);
    }

    /** How large the image is to be that the delta makes; -1 if it does not say. */
    static long newSize(byte[] delta) {
        if (delta.length < HEADER_BYTES) {
            return -1;
        }
        long size = ByteBuffer.wrap(delta).order(ByteOrder.LITTLE_ENDIAN).getLong(NEW_SIZE_AT);
        return size < 0 ? -1 : size;
    }

    /** What the delta makes of the base; empty if it cannot be read, or wants more of the base than there is. */
    static Optional<byte[]> apply(byte[] base, byte[] delta) {
        try (ByteArrayOutputStream made = new ByteArrayOutputStream()) {
            Patch.patch(base, delta, made);
            return Optional.of(made.toByteArray());
        } catch (InvalidHeaderException | IOException e) {
            return Optional.empty();
        } catch (RuntimeException e) {
            // The library checks few of the lengths it reads.
            return Optional.empty();
        }
    }
}
