package wavegate.sim.device;

import java.util.Map;
import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;

/** Object 5 of one device: routes reads, writes and executes to the update machine, the push and the pull. */
final class FirmwareObject implements ModuleObject {
    private static final String ANY_MODEL = "firmware";

    private final DeviceContext context;
    private final UpdateMachine machine;
    private final PackageReceiver push;
    private final PackageDownload pull;
    private final Map<Slot, Slot> sharedSlots;
    private String packageUri = "";
    private long rebootAt = DeviceContext.NEVER;

    FirmwareObject(DeviceContext context, Exchanges exchanges, UpdateMachine machine, Map<Slot, Slot> sharedSlots) {
        this.context = context;
        this.machine = machine;
        this.push = new PackageReceiver(context, machine, this);
        this.pull = new PackageDownload(context, exchanges, this);
        this.sharedSlots = sharedSlots;
    }

    @Override
    public int id() {
        return FirmwareUpdateObject.OBJECT_ID;
    }

    @Override
    public int[] resources() {
        boolean held = machine.held() != null;
        boolean cancel = context.profile.object5().hasCancel();
        if (held) {
            return cancel ? new int[] {0, 1, 2, 3, 5, 6, 7, 8, 9, 10} : new int[] {0, 1, 2, 3, 5, 6, 7, 8, 9};
        }
        return cancel ? new int[] {0, 1, 2, 3, 5, 8, 9, 10} : new int[] {0, 1, 2, 3, 5, 8, 9};
    }

    @Override
    public Optional<Value> read(int resource) {
        @Nullable Slot held = machine.held();
        return switch (resource) {
            case FirmwareUpdateObject.PACKAGE_URI -> Optional.of(new Value.Text(packageUri));
            case FirmwareUpdateObject.STATE ->
                Optional.of(new Value.Whole(machine.visibleState().code()));
            case FirmwareUpdateObject.UPDATE_RESULT ->
                Optional.of(new Value.Whole(machine.result().code()));
            case FirmwareUpdateObject.PKG_NAME ->
                Optional.ofNullable(held)
                        .map(slot -> new Value.Text(
                                slot.header().model().isEmpty()
                                        ? ANY_MODEL
                                        : slot.header().model()));
            case FirmwareUpdateObject.PKG_VERSION ->
                Optional.ofNullable(held)
                        .map(slot -> new Value.Text(slot.header().version()));
            case FirmwareUpdateObject.PROTOCOL_SUPPORT ->
                Optional.of(
                        context.secure()
                                ? Value.Many.of(UpdateProtocol.COAP.code(), UpdateProtocol.COAPS.code())
                                : Value.Many.of(UpdateProtocol.COAP.code()));
            case FirmwareUpdateObject.DELIVERY_METHOD ->
                Optional.of(new Value.Whole(context.profile.delivery().method().code()));
            default -> Optional.empty();
        };
    }

    @Override
    public boolean writable(int resource) {
        return resource == FirmwareUpdateObject.PACKAGE || resource == FirmwareUpdateObject.PACKAGE_URI;
    }

    Response writePackage(Request request) {
        return push.receive(request);
    }

    @Override
    public ResponseCode write(int resource, String text) {
        if (resource != FirmwareUpdateObject.PACKAGE_URI) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        context.tally.uriWrites++;
        if (machine.state() == UpdateState.UPDATING) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        if (text.isEmpty()) {
            packageUri = "";
            if (machine.resets()) {
                reset();
            }
            return ResponseCode.CHANGED;
        }
        if (machine.state() != UpdateState.IDLE
                || !context.profile.delivery().method().canPull()
                || text.length() > FirmwareUpdateObject.MAX_URI_LENGTH) {
            return ResponseCode.BAD_REQUEST;
        }
        return startPull(text);
    }

    private ResponseCode startPull(String text) {
        UpdateResult judged = pull.judge(text);
        if (judged.equals(UpdateResult.UNSUPPORTED_PROTOCOL)
                && context.profile.object5().strictScheme()) {
            machine.refusedUri(judged);
            return ResponseCode.BAD_REQUEST;
        }
        packageUri = text;
        machine.pullStarted();
        if (judged.equals(UpdateResult.INITIAL)) {
            pull.start(text);
        } else {
            machine.downloadFailed(judged);
        }
        return ResponseCode.CHANGED;
    }

    @Override
    public ResponseCode execute(int resource) {
        if (resource == FirmwareUpdateObject.UPDATE) {
            ResponseCode answer = machine.execute();
            if (machine.state() == UpdateState.UPDATING && rebootAt == DeviceContext.NEVER) {
                rebootAt = context.now()
                        + context.settings.real(context.settings.timing().applyDelay());
            }
            return answer;
        }
        if (resource == FirmwareUpdateObject.CANCEL && context.profile.object5().hasCancel()) {
            ResponseCode answer = machine.cancel();
            if (answer == ResponseCode.CHANGED) {
                dropTransfers();
            }
            return answer;
        }
        return ResponseCode.METHOD_NOT_ALLOWED;
    }

    void reset() {
        dropTransfers();
        packageUri = "";
        machine.reset();
    }

    private void dropTransfers() {
        push.drop();
        pull.drop();
    }

    /** A whole package is here. */
    void arrived(Transfer transfer) {
        ImageParser.Finished finished = transfer.parser().finish();
        if (finished.slot().isEmpty()) {
            machine.downloadFailed(finished.result());
            return;
        }
        Slot slot = finished.slot().get();
        String model = slot.header().model();
        if (!model.isEmpty() && !model.equals(context.identity.model().model())) {
            machine.downloadFailed(UpdateResult.UNSUPPORTED_PACKAGE_TYPE);
            return;
        }
        Slot known = sharedSlots.putIfAbsent(slot, slot);
        machine.downloaded(known == null ? slot : known);
    }

    void downloadFailed(UpdateResult result) {
        machine.downloadFailed(result);
    }

    /** The device is to lose power at once. */
    void losePower() {
        rebootAt = context.now();
    }

    /** When the device must reboot on this object's account. */
    long rebootAt() {
        return rebootAt;
    }

    void powerOff() {
        rebootAt = DeviceContext.NEVER;
        push.drop();
        pull.suspend();
    }

    void powerOn() {
        boolean survives = pull.running() && context.profile.delivery().resumes();
        machine.boot(survives);
        if (machine.state() != UpdateState.DOWNLOADING) {
            pull.drop();
        }
    }

    void registered() {
        pull.resume();
    }

    long wakeAt() {
        return Math.min(push.wakeAt(), pull.wakeAt());
    }

    void wake() {
        push.wake();
        pull.wake();
    }
}
