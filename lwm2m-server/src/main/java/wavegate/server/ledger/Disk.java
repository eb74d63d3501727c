package wavegate.server.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The file operations the ledger stands on, and the seam where a test lets one of them fail. */
interface Disk {
    /** Opens for reading and writing; {@code create} demands that it is new. */
    OpenFile open(Path path, boolean create) throws IOException;

    void rename(Path from, Path to) throws IOException;

    void delete(Path path) throws IOException;

    /** Makes creations, renames and deletions in a directory durable. */
    void forceDirectory(Path directory) throws IOException;

    /** An open file. Positional; one writer. */
    interface OpenFile extends Closeable {
        /** Bytes written, which may be fewer than there are. */
        int write(ByteBuffer from, long position) throws IOException;

        /** Bytes read; -1 at the end. */
        int read(ByteBuffer into, long position) throws IOException;

        void force(boolean metadata) throws IOException;

        void truncate(long size) throws IOException;

        long size() throws IOException;

        default void writeFully(ByteBuffer from, long position) throws IOException {
            long at = position;
            while (from.hasRemaining()) {
                int written = write(from, at);
                if (written <= 0) {
                    throw new IOException("wrote nothing of " + from.remaining() + " bytes at offset " + at);
                }
                at += written;
            }
        }
    }
}
