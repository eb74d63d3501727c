package wavegate.server.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.rollout.LedgerFailure;

/**
 * Keeps a snapshot of a ledger that is never far behind it. Its thread, {@code ledger-snapshot}, folds it from the snapshot before and the segments
 * since: the thread that writes the ledger is not asked for anything. If a snapshot cannot be written nothing is lost but the time it would
 * have saved; it is said, and tried again.
 */
public final class Snapshotter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Snapshotter.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);
    private static final int AT_THE_END = 10;
    private static final long CLOSING_SECONDS = 60;

    private final FileLedger ledger;
    private final Path directory;
    private final int every;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "ledger-snapshot");
        made.setDaemon(true);
        return made;
    });
    private final boolean scheduled;
    private volatile Optional<SnapshotFile> newest;
    private volatile boolean stopping;
    private long failedAt = -1;

    /** @param every facts between two snapshots; 0 for none */
    public Snapshotter(FileLedger ledger, int every) {
        this.ledger = ledger;
        this.every = every;
        directory = Snapshots.directory(ledger.files().directory());
        newest = ledger.snapshot();
        scheduled = every > 0;
    }

    /** Begins to look, once a second, whether there is something to do. */
    public void start() {
        if (scheduled) {
            long look = LOOK.toMillis();
            var unused = thread.scheduleWithFixedDelay(this::look, look, look, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        try {
            boolean waiting = failedAt >= 0 && System.nanoTime() - failedAt < AFTER_FAILURE.toNanos();
            while (!stopping && !waiting && behind() >= every) {
                // In steps: what a fold holds in memory grows with the facts it covers.
                fold(every, () -> stopping);
                failedAt = -1;
            }
        } catch (SnapshotFold.Stopped e) {
            log.debug("ledger snapshot given up: the server closes");
        } catch (IOException | RuntimeException e) {
            failedAt = System.nanoTime();
            log.warn(
                    "ledger snapshot failed, tried again in {}: the next start takes longer until one succeeds; if the disk is full, make room or"
                            + " set ledger.archive-dir",
                    AFTER_FAILURE,
                    e);
        }
    }

    /** Sequence the newest snapshot reaches; 0 without one. Any thread. */
    public long reaches() {
        return newest.map(snapshot -> snapshot.position().sequence()).orElse(0L);
    }

    private long behind() {
        return ledger.lastSequence() - reaches();
    }

    /** Makes a snapshot of the ledger as it is, on the caller's thread, unless the newest is that already. */
    public void fold() throws IOException {
        while (behind() > 0) {
            fold(Integer.MAX_VALUE, () -> false);
        }
    }

    private synchronized void fold(int most, BooleanSupplier stop) throws IOException {
        long began = System.nanoTime();
        long until = ledger.lastSequence();
        if (until - reaches() > most) {
            until = SegmentWalk.batchEnd(ledger.files(), reaches() + most);
        }
        Files.createDirectories(directory);
        Path made = SnapshotFold.fold(ledger.disk(), directory, ledger.files(), ledger.chainId(), newest, until, stop);
        SnapshotFile checked = SnapshotFile.open(made);
        Snapshots.prune(ledger.disk(), ledger.files().directory(), ledger.chainId());
        log.info(
                "ledger snapshot sequence={} facts={} of={} bytes={} took={}ms",
                until,
                checked.facts(),
                until - reaches(),
                Files.size(made),
                Duration.ofNanos(System.nanoTime() - began).toMillis());
        newest = Optional.of(checked);
        archive();
    }

    private void archive() {
        Optional<Path> to = ledger.files().archive();
        try {
            if (to.isPresent()) {
                Archive.move(ledger.disk(), ledger.files().directory(), to.get());
            }
        } catch (IOException e) {
            log.warn(
                    "ledger segments could not be moved to {}, tried again after the next snapshot: they stay where they are",
                    to,
                    e);
        }
    }

    /** Ends the thread, and leaves a last snapshot where the next start gains by it. The ledger is still open. */
    @Override
    public void close() {
        stopping = true;
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                log.warn("ledger snapshot did not end in time");
                return;
            }
            while (scheduled && behind() >= Math.max(1, every / AT_THE_END)) {
                fold(every, () -> false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | LedgerFailure e) {
            log.warn("ledger snapshot at the end failed; the next start takes longer", e);
        }
    }
}
