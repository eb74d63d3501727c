package wavegate.server.telemetry;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.TimestampedLwM2mNode;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.SendRequest;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.send.SendListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.rollout.TelemetryStore;

/**
 * Takes health from Send and from notifications, stores each report, and offers it to the loop if a gate watches the device. Called on CoAP
 * protocol threads.
 */
public final class LeshanTelemetryListener implements SendListener, ObservationListener {
    private static final Logger LOG = LoggerFactory.getLogger(LeshanTelemetryListener.class);

    private final TelemetryStore store;
    private final Inbox inbox;
    private final InstantSource clock;
    private volatile Consumer<Registration> restored = registration -> {};
    private final HealthDecoder decoder = new HealthDecoder();
    private final AtomicLong reports = new AtomicLong();
    private final AtomicLong undecodable = new AtomicLong();

    public LeshanTelemetryListener(TelemetryStore store, Inbox inbox, InstantSource clock) {
        this.store = store;
        this.inbox = inbox;
        this.clock = clock;
    }

    /** Listens to a server, and observes those devices the settings name. Call once, before the endpoints start. */
    public void listenTo(LeshanServer server, TelemetrySettings settings, ScheduledExecutorService executor) {
        server.getSendService().addListener(this);
        server.getObservationService().addListener(this);
        if (settings.observe() != TelemetrySettings.Observe.NONE) {
            HealthObserver observer = new HealthObserver(server, settings, this::take);
            server.getRegistrationService().addListener(observer);
            observer.start(executor);
            restored = observer::restored;
        }
    }

    /** Observes those that were registered before anyone could listen. Call when the endpoints have started. */
    public void restored(Iterator<Registration> registrations) {
        registrations.forEachRemaining(restored);
    }

    /** Reports taken so far. */
    public long reports() {
        return reports.get();
    }

    /** Values left out because they are no finite number of 0 or more, and messages that could not be decoded. */
    public long garbage() {
        return decoder.garbage() + undecodable.get();
    }

    @Override
    public void dataReceived(Registration registration, TimestampedLwM2mNodes data, @Nullable SendRequest request) {
        for (Instant timestamp : data.getTimestamps()) {
            take(registration, timestamp, data.getNodesAt(timestamp));
        }
    }

    @Override
    public void onResponse(SingleObservation observation, Registration registration, ObserveResponse response) {
        if (isOf(registration, observation)) {
            take(registration, observation.getPath(), response);
        }
    }

    /** Leshan finds the registration by who sent the notification, not by whose observation it answers. */
    private static boolean isOf(Registration registration, Observation observation) {
        return registration.getId().equals(observation.getRegistrationId());
    }

    @Override
    public void onResponse(
            CompositeObservation observation, Registration registration, ObserveCompositeResponse response) {
        if (!isOf(registration, observation)) {
            return;
        }
        if (response.getTimestampedLwM2mNodes() != null) {
            dataReceived(registration, response.getTimestampedLwM2mNodes(), null);
        } else if (response.getContent() != null) {
            take(registration, (Instant) null, response.getContent());
        }
    }

    private void take(Registration registration, LwM2mPath path, ObserveResponse response) {
        List<TimestampedLwM2mNode> timestamped = response.getTimestampedLwM2mNodes();
        if (timestamped != null && !timestamped.isEmpty()) {
            timestamped.forEach(one -> take(registration, one.getTimestamp(), Map.of(path, one.getNode())));
        } else if (response.getContent() != null) {
            take(registration, (Instant) null, Map.of(path, response.getContent()));
        }
    }

    private void take(Registration registration, @Nullable Instant deviceTime, Map<LwM2mPath, LwM2mNode> nodes) {
        Endpoint endpoint = new Endpoint(registration.getEndpoint());
        decoder.decode(endpoint, deviceTime, clock.instant(), nodes).ifPresent(report -> {
            reports.incrementAndGet();
            store.append(report);
            if (inbox.watches(endpoint)) {
                inbox.offer(new RolloutInput.HealthReported(report));
            }
        });
    }

    @Override
    public void onError(Observation observation, @Nullable Registration registration, Exception error) {
        undecodable.incrementAndGet();
        LOG.debug("notification of {} not taken", observation, error);
    }

    @Override
    public void onError(@Nullable Registration registration, @Nullable String errorMessage, @Nullable Exception error) {
        undecodable.incrementAndGet();
        LOG.debug("send not taken: {}", errorMessage, error);
    }

    @Override
    public void newObservation(Observation observation, Registration registration) {}

    @Override
    public void cancelled(Observation observation) {}
}
