package wavegate.server.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.ArtifactStore;
import wavegate.server.rollout.ArtifactStore.Artifact;
import wavegate.server.rollout.Packages;

/**
 * Open artifacts, shared by all transfers of the same bytes. Opening hashes the whole file, so it happens once, on the executor, and never on
 * a CoAP thread. Any thread.
 */
public final class Images {
    private static final int KEPT_OPEN = 64;

    private final Packages packages;
    private final ArtifactStore store;
    private final Executor executor;
    private final Map<Sha256, CompletableFuture<Artifact>> open = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Sha256, CompletableFuture<Artifact>> eldest) {
            return size() > KEPT_OPEN;
        }
    };

    public Images(Packages packages, ArtifactStore store, Executor executor) {
        this.packages = packages;
        this.store = store;
        this.executor = executor;
    }

    Optional<FirmwarePackage> find(PackageId id) {
        return packages.find(id);
    }

    /** Fails with {@link UncheckedIOException} if there are no such bytes or they are damaged; a later call tries again. */
    public CompletableFuture<Artifact> open(Sha256 digest) {
        CompletableFuture<Artifact> opened;
        synchronized (open) {
            CompletableFuture<Artifact> known = open.get(digest);
            if (known != null && !known.isCompletedExceptionally()) {
                return known;
            }
            opened = CompletableFuture.supplyAsync(() -> openNow(digest), executor);
            open.put(digest, opened);
        }
        return opened;
    }

    /** The artifact if it is open already. */
    Optional<Artifact> opened(Sha256 digest) {
        CompletableFuture<Artifact> known;
        synchronized (open) {
            known = open.get(digest);
        }
        return known != null && known.isDone() && !known.isCompletedExceptionally()
                ? Optional.of(known.join())
                : Optional.empty();
    }

    /** Closes nothing and forgets an artifact whose bytes proved damaged, so that the next use opens and hashes it anew. */
    public void distrust(Sha256 digest) {
        synchronized (open) {
            open.remove(digest);
        }
    }

    private Artifact openNow(Sha256 digest) {
        try {
            Optional<Artifact> artifact = store.open(digest);
            return artifact.orElseThrow(
                    () -> new UncheckedIOException(new IOException("artifact " + digest + " is not in the store")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
