package wavegate.server.store.mapdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.Ledger;

/** Decides whether a view file may be used, and brings it, or a new one, up to the ledger. */
final class ViewOpening {
    private static final Logger log = LoggerFactory.getLogger(ViewOpening.class);
    private static final long PROGRESS_NANOS = 1_000_000_000L;

    private final Path path;
    private final Ledger ledger;
    private final String chain;
    private final Function<byte[], Fact> decoder;
    private final Progress progress;
    private final long began = System.nanoTime();

    private long replayed;
    private long lastProgress = began;

    ViewOpening(Path path, Ledger ledger, String chain, Function<byte[], Fact> decoder, Progress progress) {
        this.path = path;
        this.ledger = ledger;
        this.chain = chain;
        this.decoder = decoder;
        this.progress = progress;
    }

    MapDbRolloutStore.Opened open() {
        try {
            Optional<CleanMarker> marker = CleanMarker.take(path);
            String reason = whyNot(marker);
            if (marker.isPresent() && reason.isEmpty()) {
                MapDbRolloutStore store = null;
                try {
                    store = new MapDbRolloutStore(path, new MapFile(path), chain, decoder);
                    store.resume(marker.get());
                    catchUp(store, marker.get());
                    return opened(store, "");
                } catch (ViewCorrupt e) {
                    reason = String.valueOf(e.getMessage());
                    if (store != null) {
                        store.abandon();
                    }
                }
            }
            Files.deleteIfExists(path);
            MapDbRolloutStore store = new MapDbRolloutStore(path, new MapFile(path), chain, decoder);
            rebuild(store);
            return opened(store, reason);
        } catch (IOException e) {
            throw new UncheckedIOException("view " + path + " cannot be opened", e);
        }
    }

    private String whyNot(Optional<CleanMarker> marker) {
        if (!Files.exists(path)) {
            return "there is none";
        }
        if (marker.isEmpty()) {
            return "it was not closed cleanly";
        }
        if (!marker.get().chain().equals(chain)) {
            return "it is of chain " + marker.get().chain() + ", the ledger of " + chain;
        }
        long at = marker.get().sequence();
        return at <= ledger.lastSequence()
                ? ""
                : "it reaches sequence " + at + ", the ledger only " + ledger.lastSequence();
    }

    private void catchUp(MapDbRolloutStore store, CleanMarker marker) {
        long at = marker.sequence();
        long before = Math.max(0, at - 1);
        long[] expected = {before + 1};
        ledger.replay(before, recorded -> {
            if (recorded.sequence() != expected[0]++) {
                throw new ViewCorrupt("the ledger goes on with fact " + recorded.sequence() + " (expected: "
                        + (expected[0] - 1) + ")");
            }
            if (recorded.sequence() > at) {
                store.applyOne(recorded);
                step(ledger.lastSequence() - at);
            } else if (!Sha256.of(recorded.payload()).equals(marker.fact())) {
                throw new ViewCorrupt("the ledger has another fact " + at);
            }
        });
    }

    private void rebuild(MapDbRolloutStore store) {
        SortedChunk chunk = store.chunk();
        long all = ledger.rebuildFacts();
        ledger.rebuild(recorded -> {
            store.collectLatest(recorded, chunk);
            step(all);
        });
        chunk.flush();
        if (store.sequence() != ledger.lastSequence()) {
            throw new IllegalStateException(
                    "view rebuilt up to fact " + store.sequence() + " (expected: " + ledger.lastSequence() + ")");
        }
    }

    private void step(long all) {
        replayed++;
        if (replayed % 1024 == 0) {
            long now = System.nanoTime();
            if (now - lastProgress >= PROGRESS_NANOS) {
                lastProgress = now;
                progress.replayed(replayed, all, Duration.ofNanos(now - began));
            }
        }
    }

    private MapDbRolloutStore.Opened opened(MapDbRolloutStore store, String reason) {
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (reason.isEmpty()) {
            log.info("view reopened sequence={} replayed={} took={}ms", store.sequence(), replayed, took.toMillis());
        } else {
            log.info(
                    "view rebuilt sequence={} replayed={} took={}ms reason=\"{}\"",
                    store.sequence(),
                    replayed,
                    took.toMillis(),
                    reason);
        }
        return new MapDbRolloutStore.Opened(store, reason, replayed, took);
    }
}
