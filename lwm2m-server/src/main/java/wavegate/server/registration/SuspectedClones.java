package wavegate.server.registration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.OwnedFiles;
import wavegate.bootstrap.credential.StoredCredential;
import wavegate.bootstrap.credential.Use;

/**
 * Endpoints whose credential was in use from two places, until it is changed. Where a file is given they outlive a restart, each with the time
 * since when it has the credential that is meant: one that was changed meanwhile is no longer suspected. Reads from any thread; {@link #write}
 * on one.
 */
final class SuspectedClones {
    private static final Logger LOG = LoggerFactory.getLogger(SuspectedClones.class);

    private final CredentialStore credentials;
    private final Map<String, Instant> since = new ConcurrentHashMap<>();
    private volatile Optional<Path> file = Optional.empty();

    SuspectedClones(CredentialStore credentials) {
        this.credentials = credentials;
    }

    /** Takes what the file holds, and keeps it up to date from then on. A file that cannot be read keeps no server from starting. */
    void keptIn(Path path) {
        file = Optional.of(path);
        if (!Files.exists(path)) {
            return;
        }
        try {
            for (String line : Files.readAllLines(path, StandardCharsets.US_ASCII)) {
                String[] parts = line.split(" ", -1);
                Instant meant = Instant.parse(parts[parts.length - 1]);
                if (parts.length == 2 && since(parts[0]).equals(Optional.of(meant))) {
                    since.put(parts[0], meant);
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("suspected clones not read file={}; they are noticed anew", path, e);
        }
    }

    /** @return whether it was not suspected before */
    boolean add(String endpoint) {
        return since.putIfAbsent(endpoint, since(endpoint).orElse(Instant.EPOCH)) == null;
    }

    /** @return whether it was suspected */
    boolean remove(String endpoint) {
        return since.remove(endpoint) != null;
    }

    boolean contains(String endpoint) {
        return since.containsKey(endpoint);
    }

    void write() {
        file.ifPresent(path -> {
            StringBuilder lines = new StringBuilder();
            new TreeMap<>(since)
                    .forEach((endpoint, at) ->
                            lines.append(endpoint).append(' ').append(at).append('\n'));
            try {
                OwnedFiles.replace(path, lines.toString().getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                LOG.warn("suspected clones not written file={}", path, e);
            }
        });
    }

    private Optional<Instant> since(String endpoint) {
        return credentials.find(endpoint).stream()
                .filter(stored -> stored.use() == Use.LWM2M && stored.state() == StoredCredential.State.ACTIVE)
                .map(StoredCredential::since)
                .findFirst();
    }
}
