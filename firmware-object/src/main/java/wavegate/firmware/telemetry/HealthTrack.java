package wavegate.firmware.telemetry;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * What is remembered of one device's reports while a campaign is open: up to eight (time, energy) samples spread over the pre-window, the
 * newest crash counter, the newest report's time and the two longest times between reports. About 220 bytes. Doubled, late and reordered reports change nothing they should not:
 * samples are kept by the time they were measured, and a counter only gives way to a newer one. Not thread-safe; one thread owns it.
 */
public final class HealthTrack {
    private static final int SLOTS = 8;

    /** Times at even places, energies as raw bits at odd ones: one array costs less than two. */
    private final long[] samples = new long[2 * SLOTS];

    /** Eight samples this far apart reach back over the whole pre-window, one spacing to spare. */
    private final long spacingMs;

    private int size;
    private long latestAt;
    private long longestGapMs;
    private long secondGapMs;
    private long crashCount = -1;
    private long crashCountAt;

    /** @param preWindow the longest window {@link #preRate} will be asked for */
    public HealthTrack(Duration preWindow) {
        if (preWindow.isNegative() || preWindow.isZero()) {
            throw new IllegalArgumentException("pre-window: " + preWindow + " (expected: more than zero)");
        }
        this.spacingMs = Math.max(1, preWindow.toMillis() / (SLOTS - 2));
    }

    public void note(HealthReport report) {
        long at = report.measuredAt();
        if (latestAt > 0 && at > latestAt) {
            long gap = at - latestAt;
            secondGapMs = Math.max(secondGapMs, Math.min(gap, longestGapMs));
            longestGapMs = Math.max(longestGapMs, gap);
        }
        latestAt = Math.max(latestAt, at);
        OptionalDouble crashes = report.value(Metric.CRASH_COUNT);
        if (crashes.isPresent() && crashes.getAsDouble() >= 0 && at >= crashCountAt) {
            crashCount = (long) crashes.getAsDouble();
            crashCountAt = at;
        }
        OptionalDouble energy = report.value(Metric.ENERGY_USED_MAH);
        if (energy.isPresent() && Double.isFinite(energy.getAsDouble())) {
            keep(at, energy.getAsDouble());
        }
    }

    /**
     * Energy use over up to {@code window} before {@code atMs}, mAh per hour. NaN if the samples there span less than half of the window, or
     * the counter fell in between (a new battery, a new meter).
     */
    public double preRate(long atMs, Duration window) {
        int last = size - 1;
        while (last >= 0 && time(last) > atMs) {
            last--;
        }
        int first = 0;
        while (first <= last && time(first) < atMs - window.toMillis()) {
            first++;
        }
        if (first >= last || 2 * (time(last) - time(first)) < window.toMillis()) {
            return Double.NaN;
        }
        for (int i = first; i < last; i++) {
            if (energy(i + 1) < energy(i)) {
                return Double.NaN;
            }
        }
        return (energy(last) - energy(first)) * 3_600_000.0 / (time(last) - time(first));
    }

    /** Crash counter of the newest report that had one; -1 before. */
    public long crashCount() {
        return crashCount;
    }

    /** When the newest report was measured, epoch milliseconds; 0 before. */
    public long latestAt() {
        return latestAt;
    }

    /**
     * The second longest time between two reports, milliseconds; 0 before there were three. The longest may be an outage, an update or a lost
     * report; of some twenty intervals this is the 95th percentile.
     */
    public long usualGapMs() {
        return secondGapMs;
    }

    /** The newest sample always stays; it becomes a fixed one once it is a spacing away from the one before. */
    private void keep(long at, double energy) {
        if (size == 0) {
            put(size++, at, energy);
        } else if (at > time(size - 1)) {
            boolean newestIsFixed = size == 1 || time(size - 1) - time(size - 2) >= spacingMs;
            if (newestIsFixed) {
                append(at, energy);
            } else {
                put(size - 1, at, energy);
            }
        } else {
            keepLate(at, energy);
        }
    }

    private void append(long at, double energy) {
        if (size == SLOTS) {
            System.arraycopy(samples, 2, samples, 0, 2 * (SLOTS - 1));
            size--;
        }
        put(size++, at, energy);
    }

    /** A late sample is kept only where it fills a hole, and never in place of a newer one. */
    private void keepLate(long at, double energy) {
        int place = 0;
        while (place < size && time(place) < at) {
            place++;
        }
        boolean farFromNext = place == size || time(place) - at >= spacingMs;
        boolean farFromPrevious = place == 0 || at - time(place - 1) >= spacingMs;
        if (size == SLOTS || !farFromNext || !farFromPrevious) {
            return;
        }
        System.arraycopy(samples, 2 * place, samples, 2 * (place + 1), 2 * (size - place));
        size++;
        put(place, at, energy);
    }

    private long time(int i) {
        return samples[2 * i];
    }

    private double energy(int i) {
        return Double.longBitsToDouble(samples[2 * i + 1]);
    }

    private void put(int i, long at, double energy) {
        samples[2 * i] = at;
        samples[2 * i + 1] = Double.doubleToRawLongBits(energy);
    }
}
