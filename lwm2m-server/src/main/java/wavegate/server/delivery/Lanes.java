package wavegate.server.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.Endpoint;

/**
 * One errand at a time for each device; the rest wait in order. A device without errands costs nothing. Any thread; errands are begun on the
 * thread that freed the lane, outside every lock.
 */
final class Lanes {
    private static final class Lane {
        private Errand active;
        private final ArrayDeque<Errand> waiting = new ArrayDeque<>(2);

        Lane(Errand active) {
            this.active = active;
        }
    }

    private final ConcurrentHashMap<Endpoint, Lane> lanes = new ConcurrentHashMap<>();
    private final int queueLength;
    private final Consumer<Errand> begin;

    Lanes(int queueLength, Consumer<Errand> begin) {
        this.queueLength = queueLength;
        this.begin = begin;
    }

    /** @return false if too many wait already; the errand is not taken */
    boolean submit(Errand errand) {
        boolean[] result = new boolean[2];
        lanes.compute(errand.endpoint(), (endpoint, lane) -> {
            if (lane == null) {
                result[0] = true;
                result[1] = true;
                return new Lane(errand);
            }
            if (lane.waiting.size() < queueLength) {
                lane.waiting.add(errand);
                result[0] = true;
            }
            return lane;
        });
        if (result[1]) {
            begin.accept(errand);
        }
        return result[0];
    }

    /** Takes an errand out, active or waiting, and begins the next one if the lane is free. */
    void remove(Errand errand) {
        Errand[] next = new Errand[1];
        lanes.computeIfPresent(errand.endpoint(), (endpoint, lane) -> {
            if (lane.active != errand) {
                lane.waiting.remove(errand);
                return lane;
            }
            Errand following = lane.waiting.poll();
            if (following == null) {
                return null;
            }
            lane.active = following;
            next[0] = following;
            return lane;
        });
        if (next[0] != null) {
            begin.accept(next[0]);
        }
    }

    /** The errand the device is busy with. */
    Optional<Errand> active(Endpoint endpoint) {
        @Nullable Errand[] found = new Errand[1];
        lanes.computeIfPresent(endpoint, (key, lane) -> {
            found[0] = lane.active;
            return lane;
        });
        return Optional.ofNullable(found[0]);
    }

    /** Errands of one device that match, the active one last, so that ending them in order begins nothing that is to end too. */
    List<Errand> matching(Endpoint endpoint, Predicate<Errand> wanted) {
        List<Errand> found = new ArrayList<>(2);
        lanes.computeIfPresent(endpoint, (key, lane) -> {
            lane.waiting.stream().filter(wanted).forEach(found::add);
            if (wanted.test(lane.active)) {
                found.add(lane.active);
            }
            return lane;
        });
        return found;
    }

    /** All errands that match; see {@link #matching(Endpoint, Predicate)} for the order within a device. */
    List<Errand> matching(Predicate<Errand> wanted) {
        List<Errand> found = new ArrayList<>();
        for (Iterator<Endpoint> endpoints = lanes.keySet().iterator(); endpoints.hasNext(); ) {
            found.addAll(matching(endpoints.next(), wanted));
        }
        return found;
    }

    int busy() {
        return lanes.size();
    }
}
