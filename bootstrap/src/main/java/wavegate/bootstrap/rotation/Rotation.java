package wavegate.bootstrap.rotation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One rotation of many devices' credentials.
 *
 * @param by who ordered it
 * @param deadline when it ends, whether all devices have come or not
 * @param perMinute most devices asked in a minute
 * @param endpoints all that were chosen at the start
 */
public record Rotation(
        String id,
        String by,
        Instant startedAt,
        Instant deadline,
        int perMinute,
        List<String> endpoints,
        State state,
        Optional<Instant> endedAt) {
    public enum State {
        RUNNING,
        /** Every device uses a new credential. */
        COMPLETED,
        /** The deadline has passed. */
        COMPLETED_WITH_MISSING,
        ABORTED
    }

    /** Most devices in one rotation. */
    public static final int MOST = 1_000_000;

    public Rotation {
        endpoints = List.copyOf(endpoints);
        if (perMinute < 1 || perMinute > 100_000) {
            throw new IllegalArgumentException("perMinute: " + perMinute + " (expected: 1..100000)");
        }
        if (endpoints.size() > MOST) {
            throw new IllegalArgumentException("devices: " + endpoints.size() + " (expected: at most " + MOST + ")");
        }
        if (!deadline.isAfter(startedAt)) {
            throw new IllegalArgumentException("deadline: " + deadline + " (expected: after the start)");
        }
    }

    Rotation ended(State how, Instant when) {
        return new Rotation(id, by, startedAt, deadline, perMinute, endpoints, how, Optional.of(when));
    }
}
