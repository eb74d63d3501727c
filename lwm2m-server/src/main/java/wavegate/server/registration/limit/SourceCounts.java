package wavegate.server.registration.limit;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** How many there are of something, in all and by source. Thread-safe. */
public final class SourceCounts {
    private Map<Long, Integer> bySource = new HashMap<>();
    private int all;

    public synchronized void add(InetAddress address) {
        bySource.merge(Source.of(address), 1, Integer::sum);
        all++;
    }

    public synchronized int of(InetAddress address) {
        return bySource.getOrDefault(Source.of(address), 0);
    }

    public synchronized int all() {
        return all;
    }

    /** Puts a fresh count in the place of this one, which only grows. */
    public void replaceWith(SourceCounts fresh) {
        Map<Long, Integer> counts;
        int sum;
        synchronized (fresh) {
            counts = new HashMap<>(fresh.bySource);
            sum = fresh.all;
        }
        synchronized (this) {
            bySource = counts;
            all = sum;
        }
    }
}
