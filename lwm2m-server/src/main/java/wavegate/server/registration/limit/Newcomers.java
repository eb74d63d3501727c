package wavegate.server.registration.limit;

import java.util.List;
import java.util.function.LongSupplier;

/**
 * Whether one more device that nobody vouches for may be taken in. Always, while there is room to serve everybody; while load is shed, so many a
 * second: a registration outlives the flood it came with. Thread-safe.
 */
public final class Newcomers {
    private static final int PER_SECOND = 100;

    private final List<ShedCounts> sockets;
    private final LongSupplier nanos;
    private final Bucket bucket = new Bucket(Bucket.Rate.of(PER_SECOND, PER_SECOND * 2));

    public Newcomers(List<ShedCounts> sockets, LongSupplier nanos) {
        this.sockets = List.copyOf(sockets);
        this.nanos = nanos;
    }

    public boolean mayCome() {
        long now = nanos.getAsLong();
        if (sockets.stream().noneMatch(socket -> socket.isCrowded(now))) {
            return true;
        }
        synchronized (this) {
            return bucket.take(now);
        }
    }
}
