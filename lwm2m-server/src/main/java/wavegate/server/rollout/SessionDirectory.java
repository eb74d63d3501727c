package wavegate.server.rollout;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import wavegate.firmware.device.Endpoint;

/** Port: who is registered now. Soft state, gone with the process. Any thread. */
public interface SessionDirectory {
    /**
     * One live registration.
     *
     * @param address where the device was heard last
     * @param lifetime after which, counted from {@code lastSeen}, it expires
     * @param binding letters as in {@code b=}
     * @param queueMode whether the device sleeps between contacts
     * @param objects object id to version, as registered
     * @param lastSeen last Register or Registration Update
     */
    record Session(
            Endpoint endpoint,
            String registrationId,
            InetSocketAddress address,
            Duration lifetime,
            String binding,
            boolean queueMode,
            String lwm2mVersion,
            Map<Integer, String> objects,
            Instant registeredAt,
            Instant lastSeen) {
        public Session {
            objects = Map.copyOf(objects);
        }
    }

    Optional<Session> find(Endpoint endpoint);

    int count();

    /** Shows each session once, in no order, until the visitor says false. Sessions that come meanwhile may be missing. */
    void forEach(Predicate<Session> visitor);
}
