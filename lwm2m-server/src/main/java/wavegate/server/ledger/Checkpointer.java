package wavegate.server.ledger;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.rollout.LedgerFailure;

/**
 * Signs what the ledger is, every 10 seconds or 1,000 facts while it grows, and gives it to places outside. Its thread is {@code ledger-checkpoint};
 * the thread that writes the ledger is not held up by a place that is slow. A place that fails is told of again at the next checkpoint.
 */
public final class Checkpointer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Checkpointer.class);
    static final Duration EVERY = Duration.ofSeconds(10);
    static final long EVERY_FACTS = 1000;
    private static final Duration LOOK = Duration.ofMillis(500);

    private final FileLedger ledger;
    private final CheckpointKey key;
    private final List<CheckpointSink> sinks;
    private final InstantSource clock;
    private final Set<String> failing = new HashSet<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "ledger-checkpoint");
        made.setDaemon(true);
        return made;
    });
    private long signedSize = -1;
    private Instant signedAt = Instant.MIN;
    private volatile Optional<String> latest = Optional.empty();

    public Checkpointer(FileLedger ledger, CheckpointKey key, List<CheckpointSink> sinks, InstantSource clock) {
        this.ledger = ledger;
        this.key = key;
        this.sinks = List.copyOf(sinks);
        this.clock = clock;
    }

    /**
     * The places that settings name.
     *
     * @param file empty for none; else the file, in a directory that is there
     * @param url empty for none
     */
    public static List<CheckpointSink> sinks(String file, String url) {
        List<CheckpointSink> sinks = new ArrayList<>();
        if (!file.isEmpty()) {
            sinks.add(new CheckpointFile(new FileDisk(), Path.of(file)));
        }
        if (!url.isEmpty()) {
            sinks.add(new CheckpointUrl(URI.create(url)));
        }
        return sinks;
    }

    /**
     * The checkpoint of each place that covers most, for the ledger to be measured against when it is opened: an older one that somebody adds again hides nothing. A place that cannot be read is passed over with a
     * warning: it may be down for good reason. One that holds only what this server's key did not sign is not.
     *
     * @throws LedgerFailure if a place holds notes, and none that the key signed
     */
    public static List<Checkpoint.Witness> witnesses(List<CheckpointSink> sinks, CheckpointVerifier key) {
        List<Checkpoint.Witness> witnesses = new ArrayList<>();
        for (CheckpointSink sink : sinks) {
            try {
                String notes = sink.read();
                List<Checkpoint> signed = CheckpointNote.signedBy(key, notes);
                if (signed.isEmpty() && !notes.isBlank()) {
                    throw new LedgerFailure(
                            "ledger refused: " + sink.name() + " holds checkpoints, but none that the key " + key.text()
                                    + " of this server signed: if the key was replaced on purpose, put them aside");
                }
                signed.stream()
                        .max(Comparator.comparingLong(Checkpoint::size))
                        .ifPresent(most -> witnesses.add(new Checkpoint.Witness(sink.name(), most)));
            } catch (IOException e) {
                log.warn(
                        "ledger checkpoints in {} cannot be read, the ledger is not measured against them: {}",
                        sink.name(),
                        e.toString());
            }
        }
        return witnesses;
    }

    /** Begins to look, twice a second, whether one is due. */
    public void start() {
        long look = LOOK.toMillis();
        var unused = thread.scheduleWithFixedDelay(this::look, look, look, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            signIfDue();
        } catch (RuntimeException e) {
            log.error("ledger checkpoint failed", e);
        }
    }

    /** Signs if one is due. @return whether it was */
    synchronized boolean signIfDue() {
        long size = ledger.lastSequence();
        Instant now = clock.instant();
        boolean late =
                signedAt.equals(Instant.MIN) || Duration.between(signedAt, now).compareTo(EVERY) >= 0;
        boolean due = size > 0 && size != signedSize && (size - signedSize >= EVERY_FACTS || late);
        if (due || (late && !failing.isEmpty())) {
            sign(now);
        }
        return due;
    }

    private void sign(Instant now) {
        Position at = ledger.position();
        String note = key.sign(
                new Checkpoint(ledger.chainId(), at.sequence(), at.tree().root(), at.hash(), now));
        signedSize = at.sequence();
        signedAt = now;
        latest = Optional.of(note);
        for (CheckpointSink sink : sinks) {
            try {
                sink.put(note);
                if (failing.remove(sink.name())) {
                    log.info("ledger checkpoints reach {} again size={}", sink.name(), signedSize);
                }
            } catch (IOException e) {
                if (failing.add(sink.name())) {
                    log.warn(
                            "ledger checkpoints do not reach {}, tried again in {}: until then a change of the ledger could not be proven there: {}",
                            sink.name(),
                            EVERY,
                            e.toString());
                }
            }
        }
    }

    /** The checkpoint signed last, as a note; empty before the first. Any thread. */
    public Optional<String> latest() {
        return latest;
    }

    /** Signs what the ledger is at the end, if it has grown since. The ledger is still open. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (thread.awaitTermination(30, TimeUnit.SECONDS) && ledger.lastSequence() > Math.max(0, signedSize)) {
                sign(clock.instant());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
