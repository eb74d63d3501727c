package wavegate.bootstrap;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What has happened since the start. Thread-safe. */
public final class BootstrapCounters {
    public enum Event {
        /** Sessions begun. */
        STARTED,
        /** Sessions in which the device took everything and was told so. */
        COMPLETED,
        /** Sessions that ended otherwise. */
        FAILED,
        /** Bootstrap-Requests that named no possible endpoint. */
        MALFORMED,
        /** Bootstrap-Requests for an endpoint without account, or from a peer that is not it. */
        FOREIGN,
        /** Bootstrap-Requests of a device whose credential was revoked. */
        REVOKED,
        /** Bootstrap-Requests of a device that came too often. */
        TOO_OFTEN,
        /** Bootstrap-Requests beyond what is served in a minute or at a time. */
        BUSY,
        /** DTLS handshakes refused for a raw public key or a certificate of no device. */
        STRANGERS
    }

    private final Map<Event, LongAdder> counts = new EnumMap<>(Event.class);

    BootstrapCounters() {
        for (Event event : Event.values()) {
            counts.put(event, new LongAdder());
        }
    }

    void count(Event event) {
        java.util.Objects.requireNonNull(counts.get(event)).increment();
    }

    public long of(Event event) {
        return java.util.Objects.requireNonNull(counts.get(event)).sum();
    }

    /** Requests that began no session. */
    public long refused() {
        return of(Event.MALFORMED) + of(Event.FOREIGN) + of(Event.REVOKED) + of(Event.TOO_OFTEN) + of(Event.BUSY);
    }
}
