package wavegate.server.registration.oscore;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.account.Journal;

/**
 * Sequence numbers over restarts. A number that this side sends with is reserved on the disk before it is used, since one used twice gives the
 * keys away; a restart goes on behind what was reserved. The highest number received is written behind each second and at the end: after a crash
 * the last second's messages could be replayed. Thread-safe.
 */
public final class OscoreSequences implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OscoreSequences.class);
    private static final int RESERVED_AT_ONCE = 1_000;

    private record Numbers(int reserved, int received) {}

    private final Journal journal;
    private final Map<String, Numbers> numbers = new HashMap<>();
    /** Ids whose numbers are not what the journal says. */
    private final Set<String> unwritten = new HashSet<>();
    /** Held while the journal is written, and taken before this object: what arrives does not wait for a disk. */
    private final Object disk = new Object();

    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "oscore-sequences");
        thread.setDaemon(true);
        return thread;
    });

    private OscoreSequences(Journal.Opened opened) {
        journal = opened.journal();
        opened.values()
                .forEach((id, value) -> numbers.put(
                        id,
                        new Numbers(
                                value.path("reserved").asInt(),
                                value.path("received").asInt(-1))));
    }

    /** @throws IOException if the file cannot be used, or is damaged before its end */
    public static OscoreSequences open(Path file) throws IOException {
        return writing(Journal.open(file));
    }

    static OscoreSequences writing(Journal.Opened opened) {
        OscoreSequences sequences = new OscoreSequences(opened);
        Future<?> unused = sequences.writer.scheduleWithFixedDelay(sequences::writeBehind, 1, 1, TimeUnit.SECONDS);
        return sequences;
    }

    /** The first number that may be sent with now. */
    synchronized int firstToSend(String id) {
        return of(id).reserved;
    }

    /** The highest number received; -1 for none. */
    synchronized int highestReceived(String id) {
        return of(id).received;
    }

    private Numbers of(String id) {
        return numbers.getOrDefault(id, new Numbers(0, -1));
    }

    /**
     * Reserves a run of numbers.
     *
     * @return the first number beyond it
     * @throws UncheckedIOException if it could not be written: then none of them may be used
     */
    int reserve(String id, int from) {
        int reserved = Math.addExact(from, RESERVED_AT_ONCE);
        synchronized (disk) {
            try {
                journal.put(id, json(new Numbers(reserved, highestReceived(id))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            synchronized (this) {
                // What was received meanwhile is unwritten still.
                numbers.put(id, new Numbers(reserved, of(id).received));
            }
        }
        return reserved;
    }

    synchronized void received(String id, int highest) {
        numbers.put(id, new Numbers(of(id).reserved, highest));
        unwritten.add(id);
    }

    /** Contexts with numbers. */
    synchronized int count() {
        return numbers.size();
    }

    /** Forgets the numbers of a context that can never come again. Written behind. */
    synchronized void drop(String id) {
        if (numbers.remove(id) != null) {
            unwritten.add(id);
        }
    }

    private static ObjectNode json(Numbers numbers) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("reserved", numbers.reserved)
                .put("received", numbers.received);
    }

    private void writeBehind() {
        synchronized (disk) {
            Map<String, JsonNode> batch = takeUnwritten();
            if (batch.isEmpty()) {
                return;
            }
            try {
                journal.putAll(batch);
            } catch (IOException | RuntimeException e) {
                LOG.error("OSCORE sequence numbers could not be written", e);
                synchronized (this) {
                    unwritten.addAll(batch.keySet());
                }
            }
        }
    }

    private synchronized Map<String, JsonNode> takeUnwritten() {
        Map<String, JsonNode> batch = new HashMap<>();
        for (String id : unwritten) {
            Numbers now = numbers.get(id);
            batch.put(id, now == null ? JsonNodeFactory.instance.nullNode() : json(now));
        }
        unwritten.clear();
        return batch;
    }

    @Override
    public void close() throws IOException {
        // Not interrupted: that would close the file under a write.
        writer.shutdown();
        boolean interrupted = false;
        try {
            if (!writer.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("OSCORE sequence numbers: a write takes too long");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        writeBehind();
        journal.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
