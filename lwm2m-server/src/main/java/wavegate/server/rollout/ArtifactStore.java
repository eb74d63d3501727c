package wavegate.server.rollout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;

/** Port: immutable bytes by digest: images and membership files. Any thread. */
public interface ArtifactStore {
    /** Bytes that were whole when opened and are checked again as they are read. */
    interface Artifact {
        Sha256 digest();

        long sizeBytes();

        /**
         * Fills {@code into} from {@code position}, as far as the artifact reaches. Positional, stateless, any thread.
         *
         * @throws IOException if the bytes on disk are no longer those of the digest
         */
        void read(long position, ByteBuffer into) throws IOException;

        /**
         * Like {@link #read}, but only where the bytes are in memory, checked, so that the caller does not wait for a disk.
         *
         * @return whether they were; if not, nothing is read
         */
        default boolean readFromMemory(long position, ByteBuffer into) {
            return false;
        }
    }

    /**
     * Stores a stream; durable under its digest when this returns. Storing the same bytes again changes nothing.
     *
     * @throws IOException if reading, writing or forcing fails, or the stream is longer than {@code maxBytes}
     */
    Sha256 put(InputStream bytes, long maxBytes) throws IOException;

    /** Opens after hashing the whole file once; empty if there is none. @throws IOException if its bytes do not match its name */
    Optional<Artifact> open(Sha256 digest) throws IOException;
}
