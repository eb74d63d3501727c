package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Datagrams that have reached the module and that it will look at later: it is erasing flash, or its radio listens at its paging times only. */
final class Inbox {
    record Held(InetSocketAddress peer, byte[] datagram) {}

    /** A network keeps few for a module that does not listen. */
    private static final int ROOM = 8;

    private @Nullable ArrayDeque<Held> held;
    private long opensAt = DeviceContext.NEVER;

    /** Whether what comes now must wait behind what is here. */
    boolean closed(long now) {
        return opensAt != DeviceContext.NEVER && now < opensAt;
    }

    void hold(InetSocketAddress peer, byte[] datagram, long untilMs) {
        ArrayDeque<Held> known = held;
        if (known == null) {
            known = new ArrayDeque<>(2);
            held = known;
        }
        if (known.size() < ROOM) {
            known.add(new Held(peer, datagram));
        }
        opensAt = opensAt == DeviceContext.NEVER ? untilMs : Math.max(opensAt, untilMs);
    }

    long opensAt() {
        return opensAt;
    }

    /** The next one, once it may be looked at. */
    Optional<Held> next(long now) {
        ArrayDeque<Held> known = held;
        if (known == null || now < opensAt) {
            return Optional.empty();
        }
        Held first = known.poll();
        if (first == null) {
            clear();
        }
        return Optional.ofNullable(first);
    }

    void clear() {
        held = null;
        opensAt = DeviceContext.NEVER;
    }
}
