package wavegate.server.loopback;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.ArtifactStore;

/** Artifacts in memory, which can be made unreadable. */
final class MemoryArtifacts implements ArtifactStore {
    private final Map<Sha256, byte[]> artifacts = new ConcurrentHashMap<>();
    volatile boolean damaged;
    /** Nothing is in memory that has to be read without waiting. */
    volatile boolean onDisk;

    @Override
    public Sha256 put(InputStream bytes, long maxBytes) throws IOException {
        byte[] all = bytes.readAllBytes();
        Sha256 digest = Sha256.of(all);
        artifacts.put(digest, all);
        return digest;
    }

    @Override
    public Optional<Artifact> open(Sha256 digest) {
        byte[] all = artifacts.get(digest);
        return all == null ? Optional.empty() : Optional.of(new InMemory(digest, all));
    }

    private final class InMemory implements Artifact {
        private final Sha256 digest;
        private final byte[] all;

        InMemory(Sha256 digest, byte[] all) {
            this.digest = digest;
            this.all = all;
        }

        @Override
        public Sha256 digest() {
            return digest;
        }

        @Override
        public long sizeBytes() {
            return all.length;
        }

        @Override
        public void read(long position, ByteBuffer into) throws IOException {
            if (damaged) {
                throw new IOException("damaged on purpose");
            }
            into.put(all, (int) position, (int) Math.min(into.remaining(), all.length - position));
        }

        @Override
        public boolean readFromMemory(long position, ByteBuffer into) {
            if (damaged || onDisk) {
                return false;
            }
            into.put(all, (int) position, (int) Math.min(into.remaining(), all.length - position));
            return true;
        }
    }
}
