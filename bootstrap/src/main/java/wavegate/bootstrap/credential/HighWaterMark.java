package wavegate.bootstrap.credential;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How many records a sealed file has had, kept beside the key and not beside the file: whoever puts back an older copy of the data, or cuts its
 * end, and so brings a revoked credential back, is found out. Used under its file's lock.
 */
final class HighWaterMark {
    private static final int ENTRY_BYTES = 24;

    private final Path file;
    private final StoreKey key;
    private final String purpose;

    HighWaterMark(StoreKey key, Path of) throws IOException {
        this.key = key;
        this.file = key.markFile(of, "mark");
        this.purpose = "mark " + of.getFileName();
    }

    Path file() {
        return file;
    }

    /**
     * Records by file id; two ids while one file replaces another. Empty if there is no mark.
     *
     * @throws IOException if it cannot be read or is not one this key made
     */
    Optional<Map<UUID, Long>> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(key.open(Files.readAllBytes(file), purpose)
                .orElseThrow(() -> new IOException(file + ": damaged, or made with another key than " + key.file())));
        Map<UUID, Long> records = new LinkedHashMap<>();
        while (bytes.remaining() >= ENTRY_BYTES) {
            records.put(new UUID(bytes.getLong(), bytes.getLong()), bytes.getLong());
        }
        return Optional.of(records);
    }

    void write(Map<UUID, Long> records) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(records.size() * ENTRY_BYTES);
        records.forEach((id, count) -> bytes.putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putLong(count));
        OwnedFiles.replace(file, key.seal(bytes.array(), purpose));
    }
}
