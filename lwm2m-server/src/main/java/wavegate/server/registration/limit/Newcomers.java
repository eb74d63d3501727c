package wavegate.server.registration.limit;

import java.net.InetAddress;
import java.util.List;
import java.util.function.LongSupplier;
import wavegate.config.LimitSettings;

/**
 * Whether one more device that nobody vouches for and nobody has seen before may be taken in: it stays in the ledger when the flood it came with
 * is over. So many a minute of each source, so many of all, and of all far fewer while load is shed. Thread-safe.
 */
public final class Newcomers {
    private static final int SOURCES = 16_384;

    private final List<ShedCounts> sockets;
    private final LongSupplier nanos;
    private final SourceBuckets sources;
    private final Bucket all;
    private final Bucket whileCrowded;

    /** @param nanos a monotonic clock */
    public Newcomers(LimitSettings limits, List<ShedCounts> sockets, LongSupplier nanos) {
        this.sockets = List.copyOf(sockets);
        this.nanos = nanos;
        this.sources = new SourceBuckets(
                Bucket.Rate.perMinute(limits.sourceNewNamesPerMinute(), limits.sourceNewNamesPerMinute()), SOURCES);
        this.all = new Bucket(Bucket.Rate.perMinute(limits.newNamesPerMinute(), limits.newNamesPerMinute()));
        int crowded = limits.crowdedNewNamesPerMinute();
        this.whileCrowded = new Bucket(Bucket.Rate.perMinute(crowded, Math.max(1, crowded / 10)));
    }

    public boolean mayCome(InetAddress from) {
        long now = nanos.getAsLong();
        boolean crowded = sockets.stream().anyMatch(socket -> socket.isCrowded(now));
        synchronized (this) {
            return sources.take(Source.of(from), now) && (!crowded || whileCrowded.take(now)) && all.take(now);
        }
    }
}
