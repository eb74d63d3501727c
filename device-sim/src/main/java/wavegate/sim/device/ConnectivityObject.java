package wavegate.sim.device;

import java.util.Optional;

/** Object 4, Connectivity Monitoring: what a server needs to know in which radio cell the module is. */
final class ConnectivityObject implements ModuleObject {
    static final int OBJECT_ID = 4;
    private static final int SIGNAL_STRENGTH = 2;
    private static final int CELL_ID = 8;
    private static final int NETWORK_CODE = 9;
    private static final int COUNTRY_CODE = 10;
    private static final int[] RESOURCES = {SIGNAL_STRENGTH, CELL_ID, NETWORK_CODE, COUNTRY_CODE};

    private static final int FIRST_CELL = 4711;
    private static final int CELLS = 4;

    private final DeviceContext context;

    ConnectivityObject(DeviceContext context) {
        this.context = context;
    }

    @Override
    public int id() {
        return OBJECT_ID;
    }

    @Override
    public int[] resources() {
        return RESOURCES;
    }

    @Override
    public Optional<Value> read(int resource) {
        return switch (resource) {
            case SIGNAL_STRENGTH -> Optional.of(new Value.Whole(-85));
            case CELL_ID -> Optional.of(new Value.Whole(FIRST_CELL + context.identity.index() % CELLS));
            case NETWORK_CODE -> Optional.of(new Value.Whole(1));
            case COUNTRY_CODE -> Optional.of(new Value.Whole(262));
            default -> Optional.empty();
        };
    }
}
