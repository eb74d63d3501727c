package wavegate.server.bench;

import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.DeviceStatus;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;

/**
 * Modules without a network: each takes any image at once, applies it at once and registers again. They answer on a thread of their own, so that
 * the loop is measured with as much behind it as with sockets, and no more.
 */
final class AnsweringModules implements DeviceLink {
    private static final FirmwareVersion BEFORE = FirmwareVersion.of("1.0.0");
    private static final byte IDLE = 0;
    private static final byte DOWNLOADED = 1;
    private static final byte RETURNED = 2;

    private static final DeviceStatus[] STATUSES = {
        status(UpdateState.IDLE, UpdateResult.INITIAL, BEFORE),
        status(UpdateState.DOWNLOADED, UpdateResult.INITIAL, BEFORE),
        status(UpdateState.IDLE, UpdateResult.SUCCESS, SizedFleet.TARGET)
    };

    private final byte[] states;
    private final ExecutorService modules;
    private final Inbox inbox;
    private final AtomicLong dispatches = new AtomicLong();

    /** @param modules one thread, on which all of them live */
    AnsweringModules(int devices, ExecutorService modules, Inbox inbox) {
        this.states = new byte[devices];
        this.modules = modules;
        this.inbox = inbox;
    }

    private static DeviceStatus status(UpdateState state, UpdateResult result, FirmwareVersion version) {
        return new DeviceStatus(
                true,
                new FirmwareStatus(state, result),
                version,
                SizedFleet.IDENTITY,
                DeliveryMethod.PULL,
                Set.of(UpdateProtocol.COAP),
                90,
                OptionalLong.empty());
    }

    /** Package URIs and Executes so far. */
    long dispatches() {
        return dispatches.get();
    }

    private void answer(UpdateCommand command, UpdateSignal signal) {
        inbox.offer(new RolloutInput.Answered(command.update(), command.step(), signal));
    }

    @Override
    public void readStatus(UpdateCommand.ReadStatus command) {
        modules.execute(() -> answer(
                command,
                new UpdateSignal.StatusRead(
                        STATUSES[states[SizedFleet.number(command.update().endpoint())]])));
    }

    @Override
    public void observeStatus(UpdateCommand.ObserveStatus command) {
        // Nothing is told by notifications but what is told by other means here.
    }

    @Override
    public void prepareObject(UpdateCommand.PrepareObject command) {
        // No answer follows.
    }

    @Override
    public void resetObject(UpdateCommand.ResetObject command) {
        modules.execute(() -> {
            states[SizedFleet.number(command.update().endpoint())] = IDLE;
            answer(command, new UpdateSignal.ResetAnswered());
        });
    }

    @Override
    public void cancelDownload(UpdateCommand.CancelDownload command) {
        modules.execute(() -> {
            states[SizedFleet.number(command.update().endpoint())] = IDLE;
            answer(command, new UpdateSignal.ResetAnswered());
        });
    }

    @Override
    public void pushPackage(UpdateCommand.PushPackage command) {
        throw new IllegalStateException("push to a module that pulls: " + command.update());
    }

    @Override
    public void writePackageUri(UpdateCommand.WritePackageUri command) {
        dispatches.incrementAndGet();
        modules.execute(() -> {
            states[SizedFleet.number(command.update().endpoint())] = DOWNLOADED;
            answer(command, new UpdateSignal.UriAccepted());
            inbox.offer(new RolloutInput.StatusHinted(command.update().endpoint()));
        });
    }

    @Override
    public void executeUpdate(UpdateCommand.ExecuteUpdate command) {
        dispatches.incrementAndGet();
        modules.execute(() -> {
            Endpoint endpoint = command.update().endpoint();
            int number = SizedFleet.number(endpoint);
            states[number] = RETURNED;
            answer(command, new UpdateSignal.ExecuteAccepted());
            inbox.offer(new RolloutInput.Registered(endpoint, SizedFleet.labels(number)));
        });
    }

    @Override
    public void readDevice(Endpoint endpoint, boolean urgent) {
        modules.execute(() -> {
            DeviceStatus now = STATUSES[states[SizedFleet.number(endpoint)]];
            inbox.offer(new RolloutInput.DeviceRead(endpoint, now.identity(), now.version()));
        });
    }

    @Override
    public void wake(Endpoint endpoint) {
        // Always awake.
    }

    @Override
    public void bootstrap(Endpoint endpoint) {
        // No bootstrap server.
    }

    @Override
    public void meet(Endpoint endpoint, ClientProfile profile) {
        // All are alike.
    }

    @Override
    public void forget(UpdateId update) {
        // Nothing is queued.
    }
}
