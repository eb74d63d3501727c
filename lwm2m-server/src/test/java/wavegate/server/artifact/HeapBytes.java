package wavegate.server.artifact;

import java.io.EOFException;
import java.util.Arrays;

/** An image in memory. */
record HeapBytes(byte[] bytes) implements ImageBytes {
    @Override
    public long sizeBytes() {
        return bytes.length;
    }

    @Override
    public byte[] read(long position, int length) throws EOFException {
        if (position < 0 || length < 0 || position + length > bytes.length) {
            throw new EOFException(length + " bytes from " + position + " of " + bytes.length);
        }
        return Arrays.copyOfRange(bytes, (int) position, (int) position + length);
    }
}
