package wavegate.server.artifact;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;

/** The chunks read last, checked: a device takes a chunk in sixteen blocks, and its digest need not be worked out for each. 4 MiB for all artifacts. */
final class ChunkCache {
    /** One chunk of one artifact. */
    record Place(Sha256 artifact, int chunk) {}

    private static final int CHUNKS = 256;

    private final Map<Place, byte[]> chunks = new LinkedHashMap<>(CHUNKS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, byte[]> eldest) {
            return size() > CHUNKS;
        }
    };

    synchronized Optional<byte[]> get(Place place) {
        return Optional.ofNullable(chunks.get(place));
    }

    synchronized void put(Place place, byte[] bytes) {
        chunks.put(place, bytes);
    }

    synchronized void forget(Sha256 artifact) {
        chunks.keySet().removeIf(place -> place.artifact().equals(artifact));
    }
}
