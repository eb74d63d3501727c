package wavegate.server.registration.limit;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;

/**
 * What is under way, in all and by source, both bounded: beyond that the oldest gives way, of its source or of all. Thread-safe.
 *
 * @param <T> compared by identity or equality, as it likes
 */
final class Handshakes<T> {
    private final int limit;
    private final int limitPerSource;
    private final Map<T, Long> all = new LinkedHashMap<>();
    private final Map<Long, LinkedHashSet<T>> bySource = new HashMap<>();

    Handshakes(int limit, int limitPerSource) {
        this.limit = limit;
        this.limitPerSource = limitPerSource;
    }

    /** @return the one that has to give way */
    synchronized Optional<T> begin(T handshake, long source) {
        LinkedHashSet<T> neighbours = bySource.computeIfAbsent(source, key -> new LinkedHashSet<>());
        Optional<T> crowdedOut = Optional.empty();
        if (neighbours.size() >= limitPerSource) {
            crowdedOut = first(neighbours.iterator());
        } else if (all.size() >= limit) {
            crowdedOut = first(all.keySet().iterator());
        }
        crowdedOut.ifPresent(this::end);
        all.put(handshake, source);
        bySource.computeIfAbsent(source, key -> new LinkedHashSet<>()).add(handshake);
        return crowdedOut;
    }

    private static <T> Optional<T> first(Iterator<T> iterator) {
        return iterator.hasNext() ? Optional.of(iterator.next()) : Optional.empty();
    }

    synchronized void end(T handshake) {
        Long source = all.remove(handshake);
        if (source == null) {
            return;
        }
        LinkedHashSet<T> neighbours = bySource.get(source);
        if (neighbours != null) {
            neighbours.remove(handshake);
            if (neighbours.isEmpty()) {
                bySource.remove(source);
            }
        }
    }

    synchronized int size() {
        return all.size();
    }
}
