package wavegate.bootstrap;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many sessions may begin: so many a minute in all and for each device, and so many open at a time. Asked before any key is made. Thread-safe.
 */
final class Admission {
    enum Verdict {
        ADMITTED,
        DEVICE_TOO_OFTEN,
        TOO_MANY,
        TOO_MANY_OPEN
    }

    /** Devices remembered; beyond that the one asked about longest ago is forgotten, and may begin anew. */
    private static final int DEVICES = 100_000;

    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final BootstrapSettings.Limits limits;
    private final Bucket all;
    private final Map<String, Bucket> devices = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > DEVICES;
        }
    };

    Admission(BootstrapSettings.Limits limits) {
        this.limits = limits;
        this.all = new Bucket(limits.sessionsPerMinute());
    }

    /**
     * @param open sessions open now
     * @param nanos monotonic
     */
    synchronized Verdict ask(String endpoint, int open, long nanos) {
        Bucket device = devices.computeIfAbsent(endpoint, e -> new Bucket(limits.sessionsPerDevice()));
        if (!device.take(nanos)) {
            return Verdict.DEVICE_TOO_OFTEN;
        } else if (open >= limits.openSessions()) {
            return Verdict.TOO_MANY_OPEN;
        }
        return all.take(nanos) ? Verdict.ADMITTED : Verdict.TOO_MANY;
    }

    /** Full at first, and again after a minute. */
    private static final class Bucket {
        private final int perMinute;
        private double left;
        private long at;
        private boolean used;

        Bucket(int perMinute) {
            this.perMinute = perMinute;
            this.left = perMinute;
        }

        boolean take(long nanos) {
            if (used) {
                left = Math.min(perMinute, left + (double) (nanos - at) * perMinute / MINUTE_NANOS);
            }
            used = true;
            at = nanos;
            if (left < 1) {
                return false;
            }
            left--;
            return true;
        }
    }
}
