package wavegate.server.rollout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;

/** Artifacts in a map. */
final class MemoryArtifacts implements ArtifactStore {
    private final Map<Sha256, byte[]> bytes = new HashMap<>();

    @Override
    public Sha256 put(InputStream stream, long maxBytes) throws IOException {
        byte[] all = stream.readAllBytes();
        if (all.length > maxBytes) {
            throw new IOException("artifact of " + all.length + " bytes (expected: at most " + maxBytes + ")");
        }
        Sha256 digest = Sha256.of(all);
        bytes.put(digest, all);
        return digest;
    }

    @Override
    public Optional<Artifact> open(Sha256 digest) {
        return Optional.ofNullable(bytes.get(digest)).map(all -> new Artifact() {
            @Override
            public Sha256 digest() {
                return digest;
            }

            @Override
            public long sizeBytes() {
                return all.length;
            }

            @Override
            public void read(long position, ByteBuffer into) {
                int from = (int) Math.min(position, all.length);
                into.put(all, from, Math.min(into.remaining(), all.length - from));
            }
        });
    }
}
