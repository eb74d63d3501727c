package wavegate.server.ingest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.rollout.TelemetryStore;

/**
 * Stores reports that came by other roads than LwM2M, and offers them to the loop if a gate watches the device. The newest {@value #REMEMBERED}
 * serials are remembered, so that a report sent again counts once; one that is forgotten does no harm, since what is judged are counters. Any thread.
 */
public final class TelemetryIntake {
    private static final int REMEMBERED = 65_536;
    private static final Duration OLDEST_BELIEVED = Duration.ofDays(400);
    private static final Duration FARTHEST_AHEAD = Duration.ofDays(1);

    /** What became of a report. */
    public enum Outcome {
        TAKEN,
        /** It was taken before. */
        DOUBLED,
        /** No such device has ever been seen. */
        UNKNOWN_DEVICE,
        /** The loop is behind; send it again. */
        BUSY
    }

    private record Serial(Endpoint endpoint, String serial) {}

    private final Predicate<Endpoint> known;
    private final TelemetryStore store;
    private final Inbox inbox;
    private final InstantSource clock;
    private final Map<Serial, Boolean> taken = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Serial, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param known whether a device has been seen; reports of others are not kept */
    public TelemetryIntake(Predicate<Endpoint> known, TelemetryStore store, Inbox inbox, InstantSource clock) {
        this.known = known;
        this.store = store;
        this.inbox = inbox;
        this.clock = clock;
    }

    public Outcome take(TelemetryRow row) {
        if (!known.test(row.endpoint())) {
            return Outcome.UNKNOWN_DEVICE;
        }
        if (row.serial().map(serial -> remember(row.endpoint(), serial)).orElse(false)) {
            return Outcome.DOUBLED;
        }
        Instant now = clock.instant();
        HealthReport report = new HealthReport(
                row.endpoint(), row.at().filter(at -> believed(at, now)).orElse(now), now, row.values());
        if (inbox.watches(row.endpoint()) && !inbox.offer(new RolloutInput.HealthReported(report))) {
            row.serial().ifPresent(serial -> forget(row.endpoint(), serial));
            return Outcome.BUSY;
        }
        store.append(report);
        return Outcome.TAKEN;
    }

    private static boolean believed(Instant at, Instant now) {
        return at.isAfter(now.minus(OLDEST_BELIEVED)) && at.isBefore(now.plus(FARTHEST_AHEAD));
    }

    /** @return whether it was there before */
    private boolean remember(Endpoint endpoint, String serial) {
        synchronized (taken) {
            return taken.put(new Serial(endpoint, serial), true) != null;
        }
    }

    private void forget(Endpoint endpoint, String serial) {
        synchronized (taken) {
            taken.remove(new Serial(endpoint, serial));
        }
    }
}
