package wavegate.server.store.mapdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.rollout.TelemetryStore;

/**
 * The newest 64 reports of each device in one MapDB file, written behind on the thread {@code telemetry-0}. A report is read back as soon as
 * {@link #append} has returned. If the writer falls behind, the oldest waiting reports are dropped and counted. A file that was not closed
 * cleanly, or was written with other metrics, is deleted; one that is found damaged while open is given up: nothing is stored from then
 * on until the next start.
 */
public final class MapDbTelemetryStore implements TelemetryStore, AutoCloseable {
    static final int KEPT = 64;
    private static final Logger log = LoggerFactory.getLogger(MapDbTelemetryStore.class);
    private static final String FORMAT = "telemetry-"
            + Sha256.of(List.of(Metric.values()).toString().getBytes(UTF_8))
                    .hex()
                    .substring(0, 8);

    private final Path path;
    private final int queueLimit;
    private final MapFile file;
    private final Thread writer;

    /** Waiting reports by device, the device that has waited longest first; of a device the oldest first. Guarded by this, as all below. */
    private final LinkedHashMap<Endpoint, ArrayDeque<HealthReport>> waiting = new LinkedHashMap<>();

    private int waitingReports;
    private long dropped;
    private boolean closing;

    private MapDbTelemetryStore(Path path, int queueLimit, MapFile file) {
        this.path = path;
        this.queueLimit = queueLimit;
        this.file = file;
        writer = new Thread(this::write, "telemetry-0");
        writer.setDaemon(true);
    }

    /**
     * Opens the file, or begins a new one.
     *
     * @param queueLimit most reports that wait to be written
     * @throws UncheckedIOException if the file can neither be used nor deleted
     */
    public static MapDbTelemetryStore open(Path path, int queueLimit) {
        if (queueLimit < 1) {
            throw new IllegalArgumentException("telemetry queue: " + queueLimit + " (expected: at least 1)");
        }
        try {
            Optional<CleanMarker> marker = CleanMarker.take(path);
            Optional<MapFile> there = marker.filter(found -> found.chain().equals(FORMAT) && Files.exists(path))
                    .flatMap(found -> usable(path));
            if (there.isEmpty()) {
                Files.deleteIfExists(path);
            }
            MapFile file = there.orElseGet(() -> new MapFile(path));
            MapDbTelemetryStore store = new MapDbTelemetryStore(path, queueLimit, file);
            store.writer.start();
            return store;
        } catch (IOException e) {
            throw new UncheckedIOException("telemetry " + path + " cannot be opened", e);
        }
    }

    private static Optional<MapFile> usable(Path path) {
        try {
            return Optional.of(new MapFile(path));
        } catch (ViewCorrupt e) {
            log.warn("telemetry file={} is begun anew: {}", path, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public synchronized void append(HealthReport report) {
        ArrayDeque<HealthReport> queue = waiting.computeIfAbsent(report.endpoint(), any -> new ArrayDeque<>());
        queue.addLast(report);
        waitingReports++;
        if (queue.size() > KEPT) {
            queue.removeFirst();
            waitingReports--;
        } else if (waitingReports > queueLimit) {
            dropOldest();
        }
        notifyAll();
    }

    private void dropOldest() {
        Iterator<ArrayDeque<HealthReport>> queues = waiting.values().iterator();
        ArrayDeque<HealthReport> oldest = queues.next();
        oldest.removeFirst();
        if (oldest.isEmpty()) {
            queues.remove();
        }
        waitingReports--;
        dropped++;
        if (Long.bitCount(dropped) == 1) {
            log.warn("telemetry writer behind dropped={}", dropped);
        }
    }

    @Override
    public synchronized List<HealthReport> latest(Endpoint endpoint, int limit) {
        List<HealthReport> latest = new ArrayList<>();
        ArrayDeque<HealthReport> queue = waiting.getOrDefault(endpoint, new ArrayDeque<>());
        queue.descendingIterator().forEachRemaining(latest::add);
        latest.addAll(stored(endpoint));
        return List.copyOf(latest.subList(0, Math.min(latest.size(), Math.min(limit, KEPT))));
    }

    private List<HealthReport> stored(Endpoint endpoint) {
        if (file.isCorrupt()) {
            return List.of();
        }
        try {
            return file.get(Keys.device(endpoint))
                    .map(entry -> file.guarded(() -> ReportCodec.decode(endpoint, entry.payload())))
                    .orElse(List.of());
        } catch (ViewCorrupt e) {
            // Raw samples: fewer of them is an answer, an error is not.
            return List.of();
        }
    }

    /** Reports that were dropped because the writer fell behind. */
    public synchronized long dropped() {
        return dropped;
    }

    private void write() {
        try {
            while (await()) {
                writeOne();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there is something to write; false once closing and all is written. */
    private synchronized boolean await() throws InterruptedException {
        while (waiting.isEmpty() && !closing) {
            wait();
        }
        return !waiting.isEmpty();
    }

    /** The device that has waited longest, all its reports in one write. Under the lock, so that a reader finds each report in one place exactly. */
    private synchronized void writeOne() {
        Iterator<Map.Entry<Endpoint, ArrayDeque<HealthReport>>> queues =
                waiting.entrySet().iterator();
        if (!queues.hasNext()) {
            return;
        }
        Endpoint endpoint = queues.next().getKey();
        List<HealthReport> kept = latest(endpoint, KEPT);
        waitingReports -= waiting.getOrDefault(endpoint, new ArrayDeque<>()).size();
        waiting.remove(endpoint);
        if (!file.isCorrupt()) {
            try {
                file.put(Keys.device(endpoint), 0, ReportCodec.encode(kept));
            } catch (ViewCorrupt e) {
                log.warn("telemetry file={} given up: {}", path, e.getMessage());
            }
        }
    }

    /** Writes what waits and leaves the file so that the next start can use it. */
    @Override
    public void close() {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
            notifyAll();
        }
        try {
            writer.join();
            boolean clean = !file.isCorrupt();
            file.close();
            if (clean) {
                new CleanMarker(FORMAT, 0, Sha256.of(new byte[0]), 0).write(path);
            }
        } catch (IOException | ViewCorrupt e) {
            log.warn("telemetry file={} did not close, samples are lost: {}", path, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
