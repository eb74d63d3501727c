package wavegate.server.delivery;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.request.SendRequest;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.server.send.SendListener;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.Endpoint;

/**
 * Which queue-mode devices listen now: those heard within the awake time by Register, Registration Update, Send, an answer or a fetched block.
 * Holds nothing for other devices. Any thread.
 */
final class QueueModePresence implements RegistrationListener, SendListener {
    private final ConcurrentHashMap<String, Long> awakeUntil = new ConcurrentHashMap<>();
    /** Of devices whose clients are known to listen for another time than the usual one. */
    private final ConcurrentHashMap<String, Long> own = new ConcurrentHashMap<>();

    private final InstantSource clock;
    private final long awakeMillis;

    QueueModePresence(InstantSource clock, Duration awakeTime) {
        this.clock = clock;
        this.awakeMillis = awakeTime.toMillis();
    }

    boolean isAwake(Registration registration) {
        if (!registration.usesQueueMode()) {
            return true;
        }
        Long until = awakeUntil.get(registration.getEndpoint());
        return until != null && clock.millis() < until;
    }

    void heard(Registration registration) {
        if (registration.usesQueueMode()) {
            awakeUntil.put(
                    registration.getEndpoint(),
                    clock.millis() + own.getOrDefault(registration.getEndpoint(), awakeMillis));
        }
    }

    /** How long this device listens after it was heard. */
    void listens(Endpoint endpoint, Duration awake) {
        own.put(endpoint.name(), awake.toMillis());
    }

    void forget(Endpoint endpoint) {
        own.remove(endpoint.name());
    }

    /** It did not answer: it sleeps until it is heard again. */
    void silent(Registration registration) {
        if (registration.usesQueueMode()) {
            awakeUntil.remove(registration.getEndpoint());
        }
    }

    @Override
    public void registered(
            Registration registration,
            @Nullable Registration previous,
            @Nullable Collection<Observation> previousObservations) {
        heard(registration);
    }

    @Override
    public void updated(RegistrationUpdate update, Registration updated, Registration previous) {
        heard(updated);
    }

    @Override
    public void unregistered(
            Registration registration,
            @Nullable Collection<Observation> observations,
            boolean expired,
            @Nullable Registration newRegistration) {
        if (newRegistration == null) {
            awakeUntil.remove(registration.getEndpoint());
        }
    }

    @Override
    public void dataReceived(Registration registration, TimestampedLwM2mNodes data, @Nullable SendRequest request) {
        heard(registration);
    }

    @Override
    public void onError(@Nullable Registration registration, @Nullable String errorMessage, @Nullable Exception error) {
        if (registration != null) {
            heard(registration);
        }
    }
}
