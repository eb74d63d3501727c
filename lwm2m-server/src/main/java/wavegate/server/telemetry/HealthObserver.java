package wavegate.server.telemetry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.leshan.core.LwM2m.LwM2mVersion;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributeSet;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributes;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.SimpleDownlinkRequest;
import org.eclipse.leshan.core.request.WriteAttributesRequest;
import org.eclipse.leshan.core.request.exception.InvalidResponseException;
import org.eclipse.leshan.core.request.exception.RequestRejectedException;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.object.ModemHealthObject;

/**
 * Observes the health of devices that do not Send: the Modem Health object, and battery and error codes of the Device object. A new
 * registration has lost its observations, so each gets them anew, paced, one request at a time for each device. Refusals are passed over; a
 * device that could not be reached is asked again when it is heard.
 */
final class HealthObserver implements RegistrationListener {
    private static final Logger LOG = LoggerFactory.getLogger(HealthObserver.class);
    private static final long TIMEOUT_MILLIS = 110_000;
    private static final int LONGEST_QUEUE = 200_000;
    private static final int TICKS_PER_SECOND = 10;

    private final LeshanServer server;
    private final TelemetrySettings settings;
    private final HealthSink sink;
    private final ArrayDeque<String> waiting = new ArrayDeque<>();
    /** Registrations to be observed at their next Update. */
    private final Set<String> unheard = ConcurrentHashMap.newKeySet();

    /** Takes the first value, which comes as the answer to the observation and not as a notification. */
    interface HealthSink {
        void received(Registration registration, LwM2mPath path, ObserveResponse response);
    }

    HealthObserver(LeshanServer server, TelemetrySettings settings, HealthSink sink) {
        this.server = server;
        this.settings = settings;
        this.sink = sink;
    }

    void start(ScheduledExecutorService executor) {
        Future<?> unused = executor.scheduleWithFixedDelay(
                this::observeSome, 1000 / TICKS_PER_SECOND, 1000 / TICKS_PER_SECOND, TimeUnit.MILLISECONDS);
    }

    @Override
    public void registered(
            Registration registration,
            @Nullable Registration previous,
            @Nullable Collection<Observation> previousObservations) {
        if (isWanted(registration)) {
            enqueue(registration);
        }
    }

    /** A registration that outlived a restart: observed now if it listens, else when it is heard. */
    void restored(Registration registration) {
        if (isWanted(registration)) {
            boolean listens = !registration.usesQueueMode()
                    && !registration.getClientTransportData().getIdentity().isSecure();
            if (listens) {
                enqueue(registration);
            } else {
                unheard.add(registration.getId());
            }
        }
    }

    private boolean isWanted(Registration registration) {
        if (registration.getClientTransportData().getIdentity() instanceof OscoreIdentity) {
            // The library loses notifications under OSCORE.
            return false;
        }
        boolean cannotSend = registration.getLwM2mVersion().olderThan(LwM2mVersion.V1_1);
        return switch (settings.observe()) {
            case NONE -> false;
            case THOSE_THAT_CANNOT_SEND -> cannotSend;
            case ALL -> true;
        };
    }

    private void enqueue(Registration registration) {
        synchronized (waiting) {
            if (waiting.size() < LONGEST_QUEUE) {
                waiting.add(registration.getId());
                return;
            }
        }
        observeWhenHeard(registration);
    }

    private void observeWhenHeard(Registration registration) {
        unheard.add(registration.getId());
        // It may have ended before it was added, and would stay.
        if (server.getRegistrationService().getById(registration.getId()) == null) {
            unheard.remove(registration.getId());
        }
    }

    @Override
    public void updated(RegistrationUpdate update, Registration updated, Registration previous) {
        if (!unheard.isEmpty() && unheard.remove(updated.getId())) {
            enqueue(updated);
        }
    }

    @Override
    public void unregistered(
            Registration registration,
            @Nullable Collection<Observation> observations,
            boolean expired,
            @Nullable Registration newRegistration) {
        unheard.remove(registration.getId());
    }

    private void observeSome() {
        try {
            int credit = Math.max(1, settings.devicesPerSecond() / TICKS_PER_SECOND);
            for (int i = 0; i < credit; i++) {
                String id;
                synchronized (waiting) {
                    id = waiting.poll();
                }
                if (id == null) {
                    return;
                }
                Registration registration = server.getRegistrationService().getById(id);
                if (registration != null) {
                    observe(registration, requests(registration), 0);
                }
            }
        } catch (RuntimeException e) {
            LOG.error("observing health failed, the next round goes on", e);
        }
    }

    private List<SimpleDownlinkRequest<? extends LwM2mResponse>> requests(Registration registration) {
        List<String> paths = new ArrayList<>();
        if (registration.getSupportedVersion(ModemHealthObject.OBJECT_ID) != null) {
            paths.add("/" + ModemHealthObject.OBJECT_ID + "/0");
        }
        paths.addAll(List.of("/3/0/9", "/3/0/7", "/3/0/11"));
        LwM2mAttributeSet period = new LwM2mAttributeSet(
                LwM2mAttributes.create(
                        LwM2mAttributes.MINIMUM_PERIOD, settings.minPeriod().toSeconds()),
                LwM2mAttributes.create(
                        LwM2mAttributes.MAXIMUM_PERIOD, settings.maxPeriod().toSeconds()));
        List<SimpleDownlinkRequest<? extends LwM2mResponse>> requests = new ArrayList<>();
        for (String path : paths) {
            requests.add(new WriteAttributesRequest(path, period));
            requests.add(new ObserveRequest(path));
        }
        return requests;
    }

    private void observe(
            Registration registration, List<SimpleDownlinkRequest<? extends LwM2mResponse>> requests, int index) {
        if (index < requests.size()) {
            ask(registration, requests.get(index), () -> observe(registration, requests, index + 1));
        }
    }

    private <T extends LwM2mResponse> void ask(
            Registration registration, SimpleDownlinkRequest<T> request, Runnable then) {
        try {
            server.send(
                    registration,
                    request,
                    TIMEOUT_MILLIS,
                    (T response) -> {
                        if (response instanceof ObserveResponse observed && observed.isSuccess()) {
                            sink.received(registration, request.getPath(), observed);
                        }
                        then.run();
                    },
                    error -> {
                        LOG.debug("observing health ep={} ended early", registration.getEndpoint(), error);
                        if (error instanceof RequestRejectedException || error instanceof InvalidResponseException) {
                            then.run();
                        } else {
                            observeWhenHeard(registration);
                        }
                    });
        } catch (RuntimeException e) {
            LOG.debug("observing health ep={} not sent", registration.getEndpoint(), e);
            observeWhenHeard(registration);
        }
    }
}
