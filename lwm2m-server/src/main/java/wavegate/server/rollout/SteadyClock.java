package wavegate.server.rollout;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Wall time that cannot leap: taken once, then carried on by the machine's monotonic clock. A wall clock that is set while the process runs
 * neither shortens a soak nor fires a deadline; it is followed at the next start. Any thread.
 */
public final class SteadyClock implements InstantSource {
    private final Instant origin = Instant.now();
    private final long originNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return origin.plusNanos(System.nanoTime() - originNanos);
    }
}
