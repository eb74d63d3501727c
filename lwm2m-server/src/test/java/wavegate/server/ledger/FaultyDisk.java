package wavegate.server.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A disk whose k-th operation goes wrong, and every one after it too, as a full or dying disk does. {@code SHORT_WRITES} never fails but takes
 * a few bytes at a time.
 */
final class FaultyDisk implements Disk {
    enum Fault {
        SHORT_WRITES,
        /** A write takes half of what it was given and then there is no space. */
        NO_SPACE,
        FAILING_FORCE,
        /** Forces nothing: for tests of thousands of restarts that are about bytes and not about power. */
        NO_FORCE
    }

    private final Disk real = new FileDisk();
    private final Fault fault;
    private final int failFrom;
    private int operations;

    FaultyDisk(Fault fault, int failFrom) {
        this.fault = fault;
        this.failFrom = failFrom;
    }

    /** Writes or forces so far, whichever can fail here. */
    int operations() {
        return operations;
    }

    private boolean fails(Fault kind) {
        return kind == fault && ++operations >= failFrom;
    }

    @Override
    public OpenFile open(Path path, boolean create) throws IOException {
        return new Faulty(real.open(path, create));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        real.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        real.delete(path);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        if (fails(Fault.FAILING_FORCE)) {
            throw new IOException("Input/output error");
        }
        real.forceDirectory(directory);
    }

    private final class Faulty implements OpenFile {
        private final OpenFile file;

        Faulty(OpenFile file) {
            this.file = file;
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            if (fails(Fault.NO_SPACE)) {
                if (operations == failFrom && from.remaining() > 1) {
                    return part(from, position, from.remaining() / 2);
                }
                throw new IOException("No space left on device");
            }
            return fails(Fault.SHORT_WRITES)
                    ? part(from, position, Math.min(7, from.remaining()))
                    : file.write(from, position);
        }

        private int part(ByteBuffer from, long position, int length) throws IOException {
            int written = file.write(from.slice(from.position(), length), position);
            from.position(from.position() + written);
            return written;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return file.read(into, position);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            if (fails(Fault.FAILING_FORCE)) {
                throw new IOException("Input/output error");
            }
            if (fault != Fault.NO_FORCE) {
                file.force(metadata);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
