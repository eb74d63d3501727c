package wavegate.server.artifact;

import java.io.IOException;

/** An image wherever it lies, read piece by piece so that none is ever held whole. Stateless; one thread at a time. */
public interface ImageBytes {
    long sizeBytes();

    /**
     * Exactly {@code length} bytes from {@code position}.
     *
     * @throws IOException if they cannot be read, or the image ends before
     */
    byte[] read(long position, int length) throws IOException;
}
