package wavegate.server.delivery;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import wavegate.firmware.device.Endpoint;

/** Endpoints to be read, urgent ones first, each once, released at a bounded rate; one that did not answer is read again once it is heard. Any thread. */
final class PacedReads {
    private final int perSecond;
    private final int capacity;
    private final Set<Endpoint> urgent = new LinkedHashSet<>();
    private final Set<Endpoint> usual = new LinkedHashSet<>();
    private final Set<Endpoint> unanswered = ConcurrentHashMap.newKeySet();
    private double tokens;
    private long filledAtMillis;
    private long dropped;

    PacedReads(int perSecond, int capacity, long nowMillis) {
        this.perSecond = perSecond;
        this.capacity = capacity;
        this.filledAtMillis = nowMillis;
    }

    synchronized void add(Endpoint endpoint, boolean isUrgent) {
        if (urgent.contains(endpoint)) {
            return;
        }
        if (isUrgent) {
            usual.remove(endpoint);
        }
        if (urgent.size() + usual.size() < capacity) {
            (isUrgent ? urgent : usual).add(endpoint);
        } else if (!usual.contains(endpoint)) {
            dropped++;
        }
    }

    /** A read of it came to nothing. */
    void failed(Endpoint endpoint) {
        if (unanswered.size() < capacity) {
            unanswered.add(endpoint);
        }
    }

    /** It is there. */
    void heard(Endpoint endpoint) {
        if (unanswered.remove(endpoint)) {
            add(endpoint, false);
        }
    }

    void gone(Endpoint endpoint) {
        unanswered.remove(endpoint);
    }

    /** The next one that may be read now. Urgent ones do not wait for the pace, but count in it. */
    synchronized Optional<Endpoint> poll(long nowMillis) {
        tokens = Math.min(perSecond, tokens + (nowMillis - filledAtMillis) * perSecond / 1000.0);
        filledAtMillis = nowMillis;
        Set<Endpoint> from = urgent.isEmpty() ? usual : urgent;
        if (from.isEmpty() || (from == usual && tokens < 1)) {
            return Optional.empty();
        }
        Iterator<Endpoint> first = from.iterator();
        Endpoint next = first.next();
        first.remove();
        tokens = Math.max(-perSecond, tokens - 1);
        return Optional.of(next);
    }

    /** Reads that found no room. */
    synchronized long dropped() {
        return dropped;
    }

    synchronized int waiting() {
        return urgent.size() + usual.size();
    }
}
