package wavegate.sim.device;

import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.jspecify.annotations.Nullable;

/** Object 1, the LwM2M server account: enough to be woken by Registration Update Trigger, and sent to its bootstrap server by the other one. */
final class ServerObject implements ModuleObject {
    private static final int REGISTRATION_UPDATE_TRIGGER = 8;
    private static final int BOOTSTRAP_REQUEST_TRIGGER = 9;
    private static final int[] RESOURCES = {0, 1, 6, 7, REGISTRATION_UPDATE_TRIGGER};
    private static final int[] WITH_BOOTSTRAP = {0, 1, 6, 7, REGISTRATION_UPDATE_TRIGGER, BOOTSTRAP_REQUEST_TRIGGER};

    private final DeviceContext context;
    private final Registrar registrar;
    private final @Nullable BootstrapSession bootstrap;

    /** @param bootstrap null for a module that has no bootstrap server */
    ServerObject(DeviceContext context, Registrar registrar, @Nullable BootstrapSession bootstrap) {
        this.context = context;
        this.registrar = registrar;
        this.bootstrap = bootstrap;
    }

    @Override
    public int id() {
        return 1;
    }

    @Override
    public int instance() {
        return context.serverInstance();
    }

    @Override
    public int[] resources() {
        return bootstrap == null ? RESOURCES : WITH_BOOTSTRAP;
    }

    @Override
    public Optional<Value> read(int resource) {
        return switch (resource) {
            case 0 -> Optional.of(new Value.Whole(context.shortServerId()));
            case 1 -> Optional.of(new Value.Whole(context.lifetimeSeconds()));
            case 6 -> Optional.of(new Value.Whole(0));
            case 7 -> Optional.of(new Value.Text(context.binding()));
            default -> Optional.empty();
        };
    }

    @Override
    public ResponseCode execute(int resource, String arguments) {
        BootstrapSession session = bootstrap;
        if (resource == BOOTSTRAP_REQUEST_TRIGGER && session != null) {
            session.want();
            return ResponseCode.CHANGED;
        }
        if (resource != REGISTRATION_UPDATE_TRIGGER) {
            return ResponseCode.METHOD_NOT_ALLOWED;
        }
        registrar.updateSoon();
        return ResponseCode.CHANGED;
    }
}
