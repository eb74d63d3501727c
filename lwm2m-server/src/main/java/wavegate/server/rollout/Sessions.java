package wavegate.server.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.device.Endpoint;

/** Port: the registrations there are now. Soft state, never in the ledger. Any thread; never blocks. */
public interface Sessions {
    /**
     * A device's registration.
     *
     * @param address as the device is seen, {@code host:port}
     * @param objects objects and instances as registered: {@code /3/0}, {@code /5/0;ver=1.1}
     * @param lastSeen its last Register or Registration Update
     */
    record Session(
            String registrationId,
            String address,
            Duration lifetime,
            String binding,
            boolean queueMode,
            String lwm2mVersion,
            List<String> objects,
            Instant registeredAt,
            Instant lastSeen) {
        public Session {
            objects = List.copyOf(objects);
        }
    }

    Optional<Session> session(Endpoint endpoint);

    /** How many devices are registered. */
    long count();
}
