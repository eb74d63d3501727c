package wavegate.server.delivery;

import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.node.codec.DefaultLwM2mDecoder;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.request.SendRequest;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.server.send.SendListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;

/**
 * The way to devices through Leshan. Commands become errands; each device has a lane that runs one at a time. A device that is not registered,
 * or sleeps, is answered for at once: the loop asks again when it is heard.
 */
public final class LeshanDeviceLink implements DeviceLink, AutoCloseable {
    private static final int REGISTRATION_UPDATE_TRIGGER = 8;
    private static final int BOOTSTRAP_REQUEST_TRIGGER = 9;
    private static final Logger LOG = LoggerFactory.getLogger(LeshanDeviceLink.class);
    private static final long SWEEP_MILLIS = 1000;
    private static final long PACE_MILLIS = 20;

    private final LeshanServer server;
    private final Inbox inbox;
    private final Fence fence;
    private final Images images;
    private final DeliverySettings settings;
    private final InstantSource clock;
    private final ScheduledExecutorService executor;

    private final Wire wire;
    private final PackageUris uris;
    private final NodeReader reader;
    private final QueueModePresence presence;
    private final PacedReads reads;
    private final Lanes lanes;
    private final Errand.Surroundings around = new Around();
    private final PullSchemes schemes = new PullSchemes();

    private volatile boolean closed;

    /** @param executor runs sweeps and opens artifacts; two threads at least; stays the caller's to shut down, after this is closed */
    public LeshanDeviceLink(
            LeshanServer server,
            Inbox inbox,
            Fence fence,
            Images images,
            DeliverySettings settings,
            InstantSource clock,
            ScheduledExecutorService executor) {
        this.server = server;
        this.inbox = inbox;
        this.fence = fence;
        this.images = images;
        this.settings = settings;
        this.clock = clock;
        this.executor = executor;
        this.wire = new Wire(server);
        this.uris = settings.uris();
        this.reader = new NodeReader(new DefaultLwM2mDecoder(), server.getModelProvider());
        this.presence = new QueueModePresence(clock, settings.awakeTime());
        this.reads = new PacedReads(settings.readsPerSecond(), settings.maxPacedReads(), clock.millis());
        this.lanes = new Lanes(settings.queueLength(), this::begin);
    }

    /** Listens to Leshan and the fence. Call once, before the endpoints start and before other listeners are added, so that a device counts as awake when they speak of it. */
    public void start() {
        StatusHints hints = new StatusHints(inbox, clock, executor, settings.hintDebounce());
        server.getRegistrationService().addListener(presence);
        server.getRegistrationService().addListener(new Moves());
        server.getSendService().addListener(presence);
        server.getSendService().addListener(hints);
        server.getSendService().addListener(new RadioCell(inbox));
        server.getSendService().addListener(new Wakes());
        server.getObservationService().addListener(hints);
        fence.onRaise(this::fenceRaised);
        repeat(SWEEP_MILLIS, this::endOverdue);
        repeat(PACE_MILLIS, this::beginPacedReads);
    }

    @Override
    public void close() {
        closed = true;
        lanes.matching(errand -> true).forEach(errand -> errand.end(null));
    }

    @Override
    public void readStatus(UpdateCommand.ReadStatus command) {
        boolean asked = command.ifAwake()
                && !lanes.matching(command.update().endpoint(), errand -> errand.isOf(command.update()))
                        .isEmpty();
        if (!asked) {
            submit(ReadErrand.ofStatus(command, reader, around));
        }
    }

    @Override
    public void observeStatus(UpdateCommand.ObserveStatus command) {
        submit(new ObserveErrand(command, server, settings.responseTimeout().toMillis(), around));
    }

    @Override
    public void prepareObject(UpdateCommand.PrepareObject command) {
        submit(new PrepareErrand(command, around));
    }

    @Override
    public void resetObject(UpdateCommand.ResetObject command) {
        callOffDispatches(command.update());
        submit(OrderErrand.reset(command, around));
    }

    @Override
    public void cancelDownload(UpdateCommand.CancelDownload command) {
        callOffDispatches(command.update());
        submit(OrderErrand.cancel(command, around));
    }

    @Override
    public void pushPackage(UpdateCommand.PushPackage command) {
        Optional<FirmwarePackage> found = images.find(command.scope().packageId());
        if (found.isEmpty() || found.get().revoked()) {
            refuse(command, found.isEmpty());
            return;
        }
        submit(new PushErrand(
                command,
                command.payload().orElse(found.get().manifest().payload()).sha256(),
                Math.min(settings.blockSize(), command.maxBlock()),
                images,
                clock,
                bytes -> inbox.offer(new RolloutInput.BytesMoved(command.update(), bytes)),
                around));
    }

    @Override
    public void writePackageUri(UpdateCommand.WritePackageUri command) {
        Optional<FirmwarePackage> found = images.find(command.scope().packageId());
        if (found.isEmpty() || found.get().revoked()) {
            refuse(command, found.isEmpty());
            return;
        }
        // So that the first block the device asks for need not wait until the image is hashed.
        images.open(command.payload().orElse(found.get().manifest().payload()).sha256());
        submit(OrderErrand.uri(
                command, secure -> schemes.uri(uris, command.update(), secure, command.token()), around));
    }

    @Override
    public void executeUpdate(UpdateCommand.ExecuteUpdate command) {
        Optional<FirmwarePackage> found = images.find(command.scope().packageId());
        if (found.isEmpty() || found.get().revoked()) {
            refuse(command, found.isEmpty());
            return;
        }
        submit(OrderErrand.execute(command, around));
    }

    @Override
    public void readDevice(Endpoint endpoint, boolean urgent) {
        reads.add(endpoint, urgent);
    }

    @Override
    public void wake(Endpoint endpoint) {
        submit(OrderErrand.trigger(endpoint, REGISTRATION_UPDATE_TRIGGER, around));
    }

    @Override
    public void bootstrap(Endpoint endpoint) {
        submit(OrderErrand.trigger(endpoint, BOOTSTRAP_REQUEST_TRIGGER, around));
    }

    @Override
    public void meet(Endpoint endpoint, ClientProfile profile) {
        profile.listening().awake().ifPresent(awake -> presence.listens(endpoint, awake));
    }

    @Override
    public void forget(UpdateId update) {
        presence.forget(update.endpoint());
        lanes.matching(update.endpoint(), errand -> errand.isOf(update)).forEach(errand -> errand.end(null));
        // After the errands, which look it up and would bring it back.
        schemes.forget(update);
    }

    /** Devices with an errand under way. */
    public int busyDevices() {
        return lanes.busy();
    }

    /** A device was heard by other means than a request to it, as when it fetches a block. */
    public void heard(Endpoint endpoint) {
        Registration registration = server.getRegistrationService().getByEndpoint(endpoint.name());
        if (registration != null) {
            presence.heard(registration);
        }
    }

    private void submit(Errand errand) {
        if (closed) {
            return;
        }
        if (!lanes.submit(errand)) {
            LOG.debug(
                    "ep={} more than {} requests wait, one is turned back", errand.endpoint(), settings.queueLength());
            errand.end(new LinkFailed(Why.BROKEN));
        }
    }

    private void begin(Errand errand) {
        Registration registration =
                server.getRegistrationService().getByEndpoint(errand.endpoint().name());
        if (registration == null || !presence.isAwake(registration)) {
            errand.end(new LinkFailed(Why.ASLEEP));
        } else if (errand.scope() != null && fence.isUp(errand.scope())) {
            errand.end(new LinkFailed(Why.FENCED));
        } else {
            try {
                errand.beginOn(registration);
            } catch (RuntimeException e) {
                LOG.error("errand ep={} failed to begin", errand.endpoint(), e);
                errand.end(new LinkFailed(Why.BROKEN));
            }
        }
    }

    /** A package the server does not know, or one it has revoked, is not sent. */
    private void refuse(UpdateCommand command, boolean unknown) {
        inbox.offer(new RolloutInput.Answered(
                command.update(), command.step(), new LinkFailed(unknown ? Why.BROKEN : Why.FENCED)));
    }

    private void callOffDispatches(UpdateId update) {
        lanes.matching(update.endpoint(), errand -> errand.isOf(update) && errand.scope() != null)
                .forEach(errand -> errand.end(new LinkFailed(Why.BROKEN)));
    }

    private void fenceRaised() {
        lanes.matching(errand -> errand.scope() != null && fence.isUp(errand.scope()))
                .forEach(Errand::fenced);
    }

    private void endOverdue() {
        long now = clock.millis();
        lanes.matching(errand -> errand.overdue(now)).forEach(errand -> {
            around.heard(errand.registration(), false);
            errand.failed(Why.TIMEOUT);
        });
    }

    private void beginPacedReads() {
        Optional<Endpoint> next = reads.poll(clock.millis());
        while (next.isPresent()) {
            Endpoint endpoint = next.get();
            submit(ReadErrand.ofDevice(
                    endpoint,
                    reader,
                    status -> inbox.offer(new RolloutInput.DeviceRead(
                            endpoint,
                            status.identity(),
                            status.version(),
                            FirmwareVersion.of(status.details().packageVersion()))),
                    around));
            next = reads.poll(clock.millis());
        }
    }

    private void repeat(long everyMillis, Runnable task) {
        Future<?> unused = executor.scheduleWithFixedDelay(
                () -> {
                    try {
                        if (!closed) {
                            task.run();
                        }
                    } catch (RuntimeException e) {
                        LOG.error("periodic task failed, the next run goes on", e);
                    }
                },
                everyMillis,
                everyMillis,
                TimeUnit.MILLISECONDS);
    }

    private final class Around implements Errand.Surroundings {
        @Override
        public void send(Registration to, DeviceRequest request, Wire.Reply reply) {
            wire.send(to, request, reply);
        }

        @Override
        public long deadlineMillis() {
            return clock.millis() + settings.responseTimeout().toMillis();
        }

        @Override
        public void ended(Errand errand, @Nullable UpdateSignal signal) {
            UpdateId update = errand.update();
            if (update != null && signal instanceof UpdateSignal.StatusRead read) {
                schemes.read(update, read.status());
            }
            if (update == null && errand instanceof ReadErrand && signal instanceof LinkFailed) {
                reads.failed(errand.endpoint());
            }
            boolean leftAsleep = errand instanceof ReadErrand read
                    && read.ifAwake()
                    && signal instanceof LinkFailed failed
                    && failed.why() == Why.ASLEEP;
            if (update != null && signal != null && errand.answers() && !leftAsleep) {
                inbox.offer(new RolloutInput.Answered(update, errand.step(), signal));
            }
            lanes.remove(errand);
        }

        @Override
        public void observeRefused(Errand errand) {
            UpdateId update = errand.update();
            if (update != null) {
                inbox.offer(new RolloutInput.ObserveRefused(update));
            }
        }

        @Override
        public void heard(Registration registration, boolean answered) {
            if (answered) {
                presence.heard(registration);
            } else {
                presence.silent(registration);
            }
        }
    }

    /** A queue-mode device that Sends listens for a while, as after a Registration Update. */
    private final class Wakes implements SendListener {
        @Override
        public void dataReceived(Registration registration, TimestampedLwM2mNodes data, @Nullable SendRequest request) {
            Endpoint endpoint = new Endpoint(registration.getEndpoint());
            if (registration.usesQueueMode() && inbox.concerns(endpoint)) {
                lanes.active(endpoint).ifPresent(Errand::awoken);
                inbox.offer(new RolloutInput.RegistrationUpdated(endpoint));
            }
        }

        @Override
        public void onError(
                @Nullable Registration registration, @Nullable String errorMessage, @Nullable Exception error) {}
    }

    private final class Moves implements RegistrationListener {
        @Override
        public void registered(
                Registration registration,
                @Nullable Registration previous,
                @Nullable Collection<Observation> previousObservations) {
            lanes.active(new Endpoint(registration.getEndpoint())).ifPresent(errand -> {
                errand.moved(registration, true);
                // Some clients wake with a Register in the place of an Update.
                if (registration.usesQueueMode()) {
                    errand.awoken();
                }
            });
        }

        @Override
        public void updated(RegistrationUpdate update, Registration updated, Registration previous) {
            reads.heard(new Endpoint(updated.getEndpoint()));
            boolean elsewhere = !updated.getSocketAddress().equals(previous.getSocketAddress());
            if (elsewhere || updated.usesQueueMode()) {
                lanes.active(new Endpoint(updated.getEndpoint())).ifPresent(errand -> {
                    if (elsewhere) {
                        errand.moved(updated, false);
                    } else {
                        errand.awoken();
                    }
                });
            }
        }

        @Override
        public void unregistered(
                Registration registration,
                @Nullable Collection<Observation> observations,
                boolean expired,
                @Nullable Registration newRegistration) {
            if (newRegistration == null) {
                Endpoint endpoint = new Endpoint(registration.getEndpoint());
                lanes.matching(endpoint, errand -> true).forEach(errand -> errand.end(new LinkFailed(Why.ASLEEP)));
                reads.gone(endpoint);
            }
        }
    }
}
