package wavegate.sim.device;

import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;

/** Object 1, the LwM2M server account: enough to be woken by Registration Update Trigger. */
final class ServerObject implements ModuleObject {
    private static final int REGISTRATION_UPDATE_TRIGGER = 8;
    private static final int[] RESOURCES = {0, 1, 6, 7, REGISTRATION_UPDATE_TRIGGER};

    private final DeviceContext context;
    private final Registrar registrar;

    ServerObject(DeviceContext context, Registrar registrar) {
        this.context = context;
        this.registrar = registrar;
    }

    @Override
    public int id() {
        return 1;
    }

    @Override
    public int[] resources() {
        return RESOURCES;
    }

    @Override
    public Optional<Value> read(int resource) {
        return switch (resource) {
            case 0 -> Optional.of(new Value.Whole(1));
            case 1 -> Optional.of(new Value.Whole(context.settings.timing().lifetimeSeconds()));
            case 6 -> Optional.of(new Value.Whole(0));
            case 7 -> Optional.of(new Value.Text("U"));
            default -> Optional.empty();
        };
    }

    @Override
    public ResponseCode execute(int resource) {
        if (resource != REGISTRATION_UPDATE_TRIGGER) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        registrar.updateSoon();
        return ResponseCode.CHANGED;
    }
}
