package wavegate.sim.device;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;

/**
 * Object 5 of one device, or one instance of object 33629: routes reads, writes and executes to the update machine, the push and the pull,
 * and keeps what a user or a deferral puts off.
 */
final class FirmwareObject implements ModuleObject {
    /** Simulated: how long new firmware may run without confirming itself before it is reset. */
    private static final Duration TRIAL = Duration.ofMinutes(10);

    /** What waits for its moment. */
    private enum Later {
        NOTHING,
        /** The user has not yet allowed the download. */
        DOWNLOAD,
        /** The user has not yet allowed the update. */
        UPDATE,
        /** The deferral ends by itself. */
        DEFERRED_UPDATE
    }

    private final DeviceContext context;
    private final UpdateMachine machine;
    private final Flash flash;
    private final PackageReceiver push;
    private final PackageDownload pull;
    private final SharedImages images;
    private final @Nullable Component component;
    private final FirmwareSet siblings;
    /** Null as long as nobody has wished for anything. */
    private @Nullable UpdateWishes wishes;

    private String packageUri = "";
    private Later later = Later.NOTHING;
    private long laterAt = DeviceContext.NEVER;
    private long rebootAt = DeviceContext.NEVER;

    FirmwareObject(
            DeviceContext context,
            Exchanges exchanges,
            UpdateMachine machine,
            Flash flash,
            SharedImages images,
            @Nullable Component component,
            FirmwareSet siblings) {
        this.context = context;
        this.machine = machine;
        this.flash = flash;
        this.push = new PackageReceiver(context, machine, this);
        this.pull = new PackageDownload(context, exchanges, this);
        this.images = images;
        this.component = component;
        this.siblings = siblings;
    }

    private FirmwareShape shape() {
        return context.profile.object5().shape();
    }

    UpdateMachine machine() {
        return machine;
    }

    Flash flash() {
        return flash;
    }

    @Nullable Component component() {
        return component;
    }

    String packageUri() {
        return packageUri;
    }

    UpdateWishes wishes() {
        UpdateWishes known = wishes;
        return known == null ? new UpdateWishes() : known;
    }

    @Override
    public int id() {
        return shape().objectId();
    }

    @Override
    public int instance() {
        return component == null ? 0 : component.instance();
    }

    @Override
    public int[] resources() {
        return FirmwareReader.resources(this, context);
    }

    @Override
    public Optional<Value> read(int resource) {
        return FirmwareReader.read(this, context, resource);
    }

    @Override
    public boolean writable(int resource) {
        return switch (resource) {
            case FirmwareUpdateObject.PACKAGE, FirmwareUpdateObject.PACKAGE_URI -> true;
            case FirmwareUpdateObject.SEVERITY, FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD -> shape().cancels();
            case FirmwareUpdateObject.AUTOMATIC_UPGRADE -> shape().upgradesByItself();
            default -> false;
        };
    }

    @Override
    public boolean numeric(int resource) {
        return resource == FirmwareUpdateObject.SEVERITY
                || resource == FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD
                || resource == FirmwareUpdateObject.AUTOMATIC_UPGRADE;
    }

    @Override
    public Response writePackage(Request request) {
        return push.receive(request);
    }

    @Override
    public ResponseCode write(int resource, String text) {
        return switch (resource) {
            case FirmwareUpdateObject.PACKAGE_URI -> writeUri(text);
            case FirmwareUpdateObject.SEVERITY,
                    FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD,
                    FirmwareUpdateObject.AUTOMATIC_UPGRADE -> writeWish(resource, text);
            default -> ResponseCode.METHOD_NOT_ALLOWED;
        };
    }

    private ResponseCode writeWish(int resource, String text) {
        UpdateWishes known = wishes();
        boolean taken = known.write(resource, text);
        if (taken) {
            wishes = known;
        }
        return taken ? ResponseCode.CHANGED : ResponseCode.BAD_REQUEST;
    }

    private ResponseCode writeUri(String text) {
        context.tally.uriWrites++;
        DeviceProfile profile = context.profile;
        if (profile.has(Quirk.SKELETON)) {
            return ResponseCode.CHANGED;
        }
        boolean pulls = profile.delivery().method().canPull();
        if (text.isEmpty()) {
            return resetByUri(pulls);
        }
        if (machine.state() == UpdateState.UPDATING) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        boolean idle = machine.visibleState() == UpdateState.IDLE && later == Later.NOTHING;
        if (!idle
                || !pulls
                || text.getBytes(StandardCharsets.UTF_8).length
                        > profile.delivery().uriBytes()) {
            return ResponseCode.BAD_REQUEST;
        }
        push.drop();
        return startPull(text);
    }

    private ResponseCode resetByUri(boolean pulls) {
        DeviceProfile.ResetRule rule = context.profile.object5().resets();
        boolean withoutPull = !pulls
                && (rule == DeviceProfile.ResetRule.ONLY_DOWNLOADED || context.profile.has(Quirk.APPENDS_AFTER_ABORT));
        if (withoutPull) {
            return ResponseCode.BAD_REQUEST;
        }
        if (machine.resets()) {
            reset();
        } else if (machine.state() == UpdateState.UPDATING && rule == DeviceProfile.ResetRule.ANY_BUT_UPDATING) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        return ResponseCode.CHANGED;
    }

    private ResponseCode startPull(String text) {
        UpdateResult judged = judge(text);
        if (judged.equals(UpdateResult.UNSUPPORTED_PROTOCOL) && context.profile.has(Quirk.STRICT_SCHEME)) {
            machine.refusedUri(judged);
            return ResponseCode.BAD_REQUEST;
        }
        packageUri = text;
        long thinks = dwell();
        if (!judged.equals(UpdateResult.INITIAL) && context.profile.has(Quirk.INSTANT_URI_ERRORS)) {
            machine.refusedUri(judged);
        } else if (judged.equals(UpdateResult.INITIAL) && thinks > 0) {
            postpone(Later.DOWNLOAD, thinks);
        } else {
            pullOrFail(judged);
        }
        return ResponseCode.CHANGED;
    }

    private UpdateResult judge(String text) {
        if (siblings.conflict(this) || fated(UpdateMachine.CONFLICTING_STATE)) {
            return UpdateMachine.CONFLICTING_STATE;
        }
        if (context.fate.strikes(UpdateResult.INVALID_URI)) {
            return UpdateResult.INVALID_URI;
        }
        return context.fate.strikes(UpdateResult.UNSUPPORTED_PROTOCOL)
                ? UpdateResult.UNSUPPORTED_PROTOCOL
                : pull.judge(text);
    }

    private void pullOrFail(UpdateResult judged) {
        machine.pullStarted();
        if (judged.equals(UpdateResult.INITIAL)) {
            pull.start(packageUri);
        } else {
            machine.downloadFailed(judged);
        }
    }

    boolean goesBackWithOthers() {
        return !context.profile.has(Quirk.PARTS_STAY);
    }

    /** Whether the device is to end with the result now, which it can only if it knows it. */
    boolean fated(UpdateResult result) {
        boolean spared = component != null
                && component.instance() == 0
                && context.profile.has(Quirk.LATER_PART_FAILS)
                && !result.equals(UpdateMachine.DEPENDENCY_ERROR);
        if (spared) {
            return false;
        }
        boolean known =
                switch (result.code()) {
                    case 10, 11 -> shape().cancels();
                    case 12, 13 -> component != null;
                    default -> true;
                };
        return known && context.fate.strikes(result);
    }

    private long dwell() {
        Duration dwell = context.profile.object5().dwell();
        if (dwell.isZero()) {
            return 0;
        }
        long mean = context.settings.real(dwell);
        return mean / 2 + context.random.nextLong(mean + 1);
    }

    private void postpone(Later what, long ms) {
        later = what;
        laterAt = context.now() + ms;
    }

    private void nothingLater() {
        later = Later.NOTHING;
        laterAt = DeviceContext.NEVER;
    }

    @Override
    public ResponseCode execute(int resource, String arguments) {
        if (resource == FirmwareUpdateObject.UPDATE) {
            context.tally.executes++;
            return executeUpdate(arguments);
        }
        if (resource == FirmwareUpdateObject.CANCEL && shape().cancels()) {
            boolean waiting = later == Later.DOWNLOAD;
            ResponseCode answer = machine.cancel();
            if (answer == ResponseCode.CHANGED || waiting) {
                dropTransfers();
            }
            return answer;
        }
        return ResponseCode.METHOD_NOT_ALLOWED;
    }

    private ResponseCode executeUpdate(String arguments) {
        if (!arguments.isEmpty() && context.profile.has(Quirk.REFUSES_ARGUMENTS)) {
            return ResponseCode.BAD_REQUEST;
        }
        if (context.profile.has(Quirk.SKELETON)) {
            return machine.skeletonExecute();
        }
        if (machine.state() != UpdateState.DOWNLOADED) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        if (later == Later.UPDATE) {
            return ResponseCode.CHANGED;
        }
        if (defers()) {
            machine.defer();
            UpdateWishes known = wishes;
            if (known != null && known.mostDeferSeconds() > 0) {
                postpone(Later.DEFERRED_UPDATE, known.mostDeferSeconds() * 1000);
            }
            return ResponseCode.CHANGED;
        }
        if (component != null) {
            return siblings.execute(this, arguments);
        }
        long thinks = dwell();
        if (thinks > 0) {
            postpone(Later.UPDATE, thinks);
        } else {
            updateOrAbort();
        }
        return ResponseCode.CHANGED;
    }

    /** A server that allows no deferral gets none. */
    private boolean defers() {
        UpdateWishes known = wishes;
        boolean allowed = shape().cancels() && (known == null || known.mostDeferSeconds() != 0);
        return allowed && (machine.deferred() < context.profile.object5().defers() || fated(UpdateResult.DEFERRED));
    }

    private void updateOrAbort() {
        if (fated(UpdateMachine.USER_ABORT)) {
            machine.aborted(UpdateMachine.USER_ABORT);
        } else {
            update();
        }
    }

    /** Into State 3, and a reboot soon. */
    void update() {
        nothingLater();
        machine.update();
        rebootAt =
                context.now() + context.settings.real(context.settings.timing().applyDelay());
    }

    void reset() {
        dropTransfers();
        packageUri = "";
        machine.reset();
    }

    private void dropTransfers() {
        nothingLater();
        push.drop();
        pull.drop();
    }

    Transfer newTransfer() {
        return new Transfer(context, images, fated(UpdateResult.CONNECTION_LOST));
    }

    /**
     * A whole package is here.
     *
     * @return whether it is kept
     */
    boolean arrived(Transfer transfer) {
        UpdateResult outcome = judge(transfer);
        if (!outcome.equals(UpdateResult.INITIAL)) {
            machine.downloadFailed(outcome);
            return false;
        }
        return true;
    }

    /** {@link UpdateResult#INITIAL} if it was taken. */
    private UpdateResult judge(Transfer transfer) {
        if (fated(UpdateResult.OUT_OF_RAM)) {
            return UpdateResult.OUT_OF_RAM;
        }
        if (fated(UpdateResult.INTEGRITY_FAILURE)) {
            return UpdateResult.INTEGRITY_FAILURE;
        }
        if (fated(UpdateResult.UNSUPPORTED_PACKAGE_TYPE)) {
            return UpdateResult.UNSUPPORTED_PACKAGE_TYPE;
        }
        if (fated(UpdateResult.CANCELLED)) {
            return UpdateResult.CANCELLED;
        }
        if (siblings.conflict(this) || fated(UpdateMachine.CONFLICTING_STATE)) {
            return UpdateMachine.CONFLICTING_STATE;
        }
        ImageParser.Finished finished =
                transfer.finish(flash.active(), context.identity.model().flashBytes());
        if (finished.slot().isEmpty()) {
            boolean foundOutLater = transfer.isDelta()
                    && context.profile.has(Quirk.DELTA_AT_BOOT)
                    && finished.result().equals(UpdateResult.INTEGRITY_FAILURE);
            if (foundOutLater) {
                take(Slot.WRONG_BASE);
            }
            return foundOutLater ? UpdateResult.INITIAL : finished.result();
        }
        Slot slot = finished.slot().get();
        String model = slot.header().model();
        String part = slot.header().component();
        boolean otherPart = component != null && !part.isEmpty() && !part.equals(component.name());
        if (otherPart
                || (!model.isEmpty() && !model.equals(context.identity.model().model()))) {
            return UpdateResult.UNSUPPORTED_PACKAGE_TYPE;
        }
        take(images.slot(slot));
        return UpdateResult.INITIAL;
    }

    /** An image is here and may wait. */
    void take(Slot image) {
        machine.downloaded(image);
        UpdateWishes known = wishes;
        if (known != null && known.automatic() && shape().upgradesByItself()) {
            update();
        }
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

    /** Whether a datagram to it must wait until flash is erased. */
    boolean erasesBefore(Request request) {
        return context.profile.has(Quirk.ERASES_BEFORE_FIRST_BLOCK) && push.beginsWith(request);
    }

    void powerOff() {
        rebootAt = DeviceContext.NEVER;
        nothingLater();
        push.drop();
        pull.suspend();
    }

    /** The firmware is up. */
    void powerOn(Flash.Stand stand, boolean linkedFailed) {
        boolean survives = pull.running() && context.profile.has(Quirk.RESUMES_PULL);
        machine.boot(stand, survives, linkedFailed);
        if (machine.state() != UpdateState.DOWNLOADING) {
            pull.drop();
        }
        if (flash.onTrial()) {
            boolean never = flash.active().header().neverConfirms() || context.fate.reverts();
            if (!never && !context.profile.has(Quirk.CONFIRMS_WHEN_REGISTERED)) {
                flash.confirm(Power.STEADY);
            } else {
                rebootAt = context.now() + context.settings.real(TRIAL);
            }
        }
    }

    void registered() {
        boolean never = flash.active().header().neverConfirms() || context.fate.reverts();
        if (flash.onTrial() && !never) {
            flash.confirm(Power.STEADY);
            rebootAt = DeviceContext.NEVER;
        }
        pull.resume();
    }

    long wakeAt() {
        return Math.min(laterAt, Math.min(push.wakeAt(), pull.wakeAt()));
    }

    void wake() {
        if (context.now() >= laterAt) {
            Later due = later;
            nothingLater();
            switch (due) {
                case NOTHING -> {}
                case DOWNLOAD -> pullOrFail(UpdateResult.INITIAL);
                case UPDATE -> updateOrAbort();
                case DEFERRED_UPDATE -> update();
            }
        }
        push.wake();
        pull.wake();
    }
}
