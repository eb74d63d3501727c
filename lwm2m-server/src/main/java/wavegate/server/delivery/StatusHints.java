package wavegate.server.delivery;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.SendRequest;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.send.SendListener;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.update.FirmwareSlot;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;

/**
 * Turns notifications and Sends of /5 or /33629 into one hint when they have been quiet for a while: devices change State and Update Result one after
 * the other, and a read in between would see a pair that never was. What they carry is not looked at. Called on CoAP protocol threads.
 */
final class StatusHints implements ObservationListener, SendListener {
    private final ConcurrentHashMap<Endpoint, Long> lastHeard = new ConcurrentHashMap<>();
    private final Inbox inbox;
    private final InstantSource clock;
    private final ScheduledExecutorService executor;
    private final long quietMillis;

    StatusHints(Inbox inbox, InstantSource clock, ScheduledExecutorService executor, Duration quiet) {
        this.inbox = inbox;
        this.clock = clock;
        this.executor = executor;
        this.quietMillis = quiet.toMillis();
    }

    private void hint(Registration registration) {
        Endpoint endpoint = new Endpoint(registration.getEndpoint());
        if (lastHeard.put(endpoint, clock.millis()) == null) {
            later(endpoint, quietMillis);
        }
    }

    private void later(Endpoint endpoint, long millis) {
        Future<?> unused = executor.schedule(() -> giveIfQuiet(endpoint), millis, TimeUnit.MILLISECONDS);
    }

    private void giveIfQuiet(Endpoint endpoint) {
        Long heard = lastHeard.get(endpoint);
        if (heard == null) {
            return;
        }
        long left = heard + quietMillis - clock.millis();
        if (left > 0) {
            later(endpoint, left);
        } else if (lastHeard.remove(endpoint, heard)) {
            inbox.offer(new RolloutInput.StatusHinted(endpoint));
        } else {
            later(endpoint, quietMillis);
        }
    }

    /** Leshan finds the registration by who sent the notification, not by whose observation it answers. */
    private static boolean isOfStatus(SingleObservation observation, Registration registration) {
        return isFirmware(observation.getPath()) && registration.getId().equals(observation.getRegistrationId());
    }

    private static boolean isFirmware(LwM2mPath path) {
        Integer object = path.getObjectId();
        return object != null && (object == FirmwareUpdateObject.OBJECT_ID || object == FirmwareSlot.ADVANCED);
    }

    @Override
    public void onResponse(SingleObservation observation, Registration registration, ObserveResponse response) {
        if (isOfStatus(observation, registration)) {
            hint(registration);
        }
    }

    @Override
    public void dataReceived(Registration registration, TimestampedLwM2mNodes data, @Nullable SendRequest request) {
        for (LwM2mPath path : data.getNodes().keySet()) {
            if (isFirmware(path)) {
                hint(registration);
                return;
            }
        }
    }

    @Override
    public void onError(Observation observation, @Nullable Registration registration, Exception error) {
        // A notification we cannot decode is as good a hint as one we can.
        if (registration != null
                && observation instanceof SingleObservation single
                && isOfStatus(single, registration)) {
            hint(registration);
        }
    }

    @Override
    public void onResponse(
            CompositeObservation observation, Registration registration, ObserveCompositeResponse response) {}

    @Override
    public void newObservation(Observation observation, Registration registration) {}

    @Override
    public void cancelled(Observation observation) {}

    @Override
    public void onError(
            @Nullable Registration registration, @Nullable String errorMessage, @Nullable Exception error) {}
}
