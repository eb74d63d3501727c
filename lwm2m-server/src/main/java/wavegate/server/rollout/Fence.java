package wavegate.server.rollout;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.update.DispatchScope;

/**
 * Stands between every dispatch and the wire. Once {@link #raise} has returned, no dispatch in scope begins any more, on any thread. Any thread
 * may call any method; {@link #dispatch} costs a shared lock.
 */
public final class Fence {
    private final InstantSource clock;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final List<KillScope> up = new CopyOnWriteArrayList<>();
    private final List<Runnable> whenRaised = new CopyOnWriteArrayList<>();
    private final ConcurrentHashMap<DispatchScope, AtomicLong> lastDispatch = new ConcurrentHashMap<>();
    private final AtomicLong refused = new AtomicLong();

    public Fence(InstantSource clock) {
        this.clock = clock;
    }

    /** When the fence rose and the last dispatch in its scope before that. */
    public record Raised(Instant at, Optional<Instant> lastDispatchAt) {}

    /** Runs {@code send} unless the fence is up for the scope. @return whether it ran */
    public boolean dispatch(DispatchScope scope, Runnable send) {
        lock.readLock().lock();
        try {
            if (isUp(scope)) {
                refused.incrementAndGet();
                return false;
            }
            long now = clock.millis();
            lastDispatch.computeIfAbsent(scope, key -> new AtomicLong()).accumulateAndGet(now, Math::max);
            send.run();
            return true;
        } finally {
            lock.readLock().unlock();
        }
    }

    public boolean isUp(DispatchScope scope) {
        for (KillScope kill : up) {
            if (kill.covers(scope)) {
                return true;
            }
        }
        return false;
    }

    /** Raises the fence on the caller's thread and tells the adapters, which cancel what is queued or retransmitting. */
    public Raised raise(KillScope scope) {
        Raised raised;
        lock.writeLock().lock();
        try {
            up.add(scope);
            raised = new Raised(
                    clock.instant(),
                    lastDispatch.entrySet().stream()
                            .filter(entry -> scope.covers(entry.getKey()))
                            .map(entry -> Instant.ofEpochMilli(entry.getValue().get()))
                            .max(Instant::compareTo));
        } finally {
            lock.writeLock().unlock();
        }
        whenRaised.forEach(Runnable::run);
        return raised;
    }

    /** Takes one raise of this scope back. */
    public void lower(KillScope scope) {
        lock.writeLock().lock();
        try {
            up.remove(scope);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Called on the raising thread after the fence is up; must be quick. */
    public void onRaise(Runnable action) {
        whenRaised.add(action);
    }

    /** Scopes the fence is up for. */
    public List<KillScope> scopes() {
        return new ArrayList<>(up);
    }

    /** Dispatches turned back so far. */
    public long refused() {
        return refused.get();
    }
}
