package wavegate.sim.device;

import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;

/** Object 3, Device. */
final class DeviceObject implements ModuleObject {
    static final int OBJECT_ID = 3;
    static final int FIRMWARE_VERSION = 3;
    static final int VOLTAGE = 7;
    static final int BATTERY_LEVEL = 9;
    static final int ERROR_CODE = 11;
    private static final int REBOOT = 4;
    private static final int INTERNAL_BATTERY = 1;

    private static final int[] RESOURCES = {0, 1, 2, FIRMWARE_VERSION, REBOOT, 6, 7, 9, 11, 13, 16, 18};
    private static final int[] WITHOUT_VERSION = {0, 1, 2, REBOOT, 6, 7, 9, 11, 13, 16, 18};

    private final DeviceContext context;
    private final Flash flash;
    private final Health health;
    private boolean rebootWanted;

    DeviceObject(DeviceContext context, Flash flash, Health health) {
        this.context = context;
        this.flash = flash;
        this.health = health;
    }

    @Override
    public int id() {
        return OBJECT_ID;
    }

    @Override
    public int[] resources() {
        return showsVersion() ? RESOURCES : WITHOUT_VERSION;
    }

    private boolean showsVersion() {
        return context.profile.object5().version() == DeviceProfile.VersionSource.DEVICE;
    }

    @Override
    public Optional<Value> read(int resource) {
        ModuleIdentity identity = context.identity;
        return switch (resource) {
            case 0 ->
                text(
                        identity.model().manufacturer().isEmpty()
                                ? context.profile.manufacturer()
                                : identity.model().manufacturer());
            case 1 -> text(identity.model().model());
            case 2 -> text(identity.endpoint());
            case FIRMWARE_VERSION ->
                showsVersion() ? text(flash.active().header().version()) : Optional.empty();
            case 6 -> Optional.of(Value.Many.of(INTERNAL_BATTERY));
            case VOLTAGE -> Optional.of(Value.Many.of(health.millivolts()));
            case BATTERY_LEVEL -> Optional.of(new Value.Whole(health.batteryPercent()));
            case ERROR_CODE -> Optional.of(Value.Many.of(health.errorCode()));
            case 13 -> Optional.of(new Value.Whole(context.now() / 1000));
            case 16 -> text("U");
            case 18 -> text(identity.model().hardware());
            default -> Optional.empty();
        };
    }

    private static Optional<Value> text(String value) {
        return Optional.of(new Value.Text(value));
    }

    @Override
    public ResponseCode execute(int resource, String arguments) {
        if (resource != REBOOT) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        rebootWanted = true;
        return ResponseCode.CHANGED;
    }

    boolean rebootWanted() {
        return rebootWanted;
    }

    void powerOff() {
        rebootWanted = false;
    }
}
