package wavegate.server.registration.limit;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.KeyMID;
import org.eclipse.californium.core.network.deduplication.Deduplicator;
import org.jspecify.annotations.Nullable;

/**
 * Remembers requests so that a repetition is answered and not carried out again. Bounded in all and by peer, whatever addresses peers invent:
 * requests of strangers and of known devices are kept apart, so that a flood of the former cannot push out the latter, and the oldest of each
 * gives way. Thread-safe.
 */
public final class BoundedDeduplicator implements Deduplicator {
    private static final long SWEEP_SECONDS = 10;

    private final Memory strangers;
    private final Memory known;
    private final Predicate<Object> isKnown;
    private @Nullable ScheduledExecutorService executor;
    private @Nullable ScheduledFuture<?> sweep;

    /**
     * @param strangers requests of strangers remembered; {@code known} those of known devices
     * @param perPeer requests of one peer
     * @param lifetimeNanos how long a repetition may come
     * @param isKnown whether a peer, as the stack identifies it, is a known device
     */
    public BoundedDeduplicator(
            int strangers, int known, int perPeer, long lifetimeNanos, Predicate<Object> isKnown, LongSupplier nanos) {
        this.strangers = new Memory(strangers, perPeer, lifetimeNanos, nanos);
        this.known = new Memory(known, perPeer, lifetimeNanos, nanos);
        this.isKnown = isKnown;
    }

    private record Remembered(Exchange exchange, long at) {}

    private static final class Memory {
        private final int limit;
        private final int perPeer;
        private final long lifetimeNanos;
        private final LongSupplier nanos;
        private final LinkedHashMap<KeyMID, Remembered> requests = new LinkedHashMap<>();
        private final Map<Object, ArrayDeque<KeyMID>> byPeer = new HashMap<>();

        Memory(int limit, int perPeer, long lifetimeNanos, LongSupplier nanos) {
            this.limit = limit;
            this.perPeer = perPeer;
            this.lifetimeNanos = lifetimeNanos;
            this.nanos = nanos;
        }

        synchronized @Nullable Exchange find(KeyMID key) {
            Remembered found = requests.get(key);
            return found == null || nanos.getAsLong() - found.at > lifetimeNanos ? null : found.exchange;
        }

        synchronized void put(KeyMID key, Exchange exchange) {
            remove(key);
            ArrayDeque<KeyMID> ofPeer = byPeer.get(key.getPeer());
            if (ofPeer != null && ofPeer.size() >= perPeer) {
                remove(ofPeer.peekFirst());
            } else if (requests.size() >= limit) {
                remove(requests.keySet().iterator().next());
            }
            requests.put(key, new Remembered(exchange, nanos.getAsLong()));
            byPeer.computeIfAbsent(key.getPeer(), peer -> new ArrayDeque<>(2)).addLast(key);
        }

        private void remove(KeyMID key) {
            if (requests.remove(key) == null) {
                return;
            }
            ArrayDeque<KeyMID> ofPeer = byPeer.get(key.getPeer());
            if (ofPeer != null) {
                ofPeer.remove(key);
                if (ofPeer.isEmpty()) {
                    byPeer.remove(key.getPeer());
                }
            }
        }

        synchronized void sweep() {
            long now = nanos.getAsLong();
            while (!requests.isEmpty()) {
                Iterator<Map.Entry<KeyMID, Remembered>> oldest =
                        requests.entrySet().iterator();
                Map.Entry<KeyMID, Remembered> entry = oldest.next();
                if (now - entry.getValue().at <= lifetimeNanos) {
                    return;
                }
                remove(entry.getKey());
            }
        }

        synchronized void clear() {
            requests.clear();
            byPeer.clear();
        }

        synchronized int size() {
            return requests.size();
        }
    }

    @Override
    public @Nullable Exchange findPrevious(KeyMID key, Exchange exchange) {
        // A device that registered between a request and its repetition has changed sides.
        synchronized (this) {
            Exchange previous = find(key);
            // One that this side began under the same id is no repetition.
            if (previous != null && previous.getOrigin() == exchange.getOrigin()) {
                return previous;
            }
            memoryOf(key).put(key, exchange);
            return null;
        }
    }

    @Override
    public boolean replacePrevious(KeyMID key, Exchange previous, Exchange exchange) {
        synchronized (this) {
            if (find(key) != previous) {
                return false;
            }
            known.remove(key);
            strangers.remove(key);
            memoryOf(key).put(key, exchange);
            return true;
        }
    }

    @Override
    public @Nullable Exchange find(KeyMID key) {
        Exchange found = known.find(key);
        return found == null ? strangers.find(key) : found;
    }

    private Memory memoryOf(KeyMID key) {
        return isKnown.test(key.getPeer()) ? known : strangers;
    }

    @Override
    public synchronized void setExecutor(ScheduledExecutorService timer) {
        executor = timer;
    }

    @Override
    public synchronized void start() {
        if (sweep == null && executor != null) {
            sweep = executor.scheduleWithFixedDelay(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Forgets what is older than a repetition may be. */
    void sweep() {
        known.sweep();
        strangers.sweep();
    }

    @Override
    public synchronized void stop() {
        if (sweep != null) {
            sweep.cancel(false);
            sweep = null;
        }
        clear();
    }

    @Override
    public void clear() {
        known.clear();
        strangers.clear();
    }

    @Override
    public boolean isEmpty() {
        return size() == 0;
    }

    @Override
    public int size() {
        return known.size() + strangers.size();
    }
}
