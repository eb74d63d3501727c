package wavegate.sim.device;

import java.util.Optional;
import java.util.stream.IntStream;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.UpdateProtocol;

/** What a firmware object shows: which resources there are in its version and state, and what they hold. */
final class FirmwareReader {
    private static final int RESERVED = 4;
    private static final int COMPONENT_NAME = 14;
    private static final int CURRENT_VERSION = 15;
    private static final int LINKED_INSTANCES = 16;
    private static final int CONFLICTING_INSTANCES = 17;
    private static final String ANY_MODEL = "firmware";

    private FirmwareReader() {}

    static int[] resources(FirmwareObject object, DeviceContext context) {
        FirmwareShape shape = context.profile.object5().shape();
        boolean component = object.component() != null;
        boolean named = named(object, context).isPresent();
        return IntStream.rangeClosed(0, CONFLICTING_INSTANCES)
                .filter(resource -> switch (resource) {
                    case RESERVED -> false;
                    case FirmwareUpdateObject.PKG_NAME, FirmwareUpdateObject.PKG_VERSION -> named;
                    case FirmwareUpdateObject.CANCEL,
                            FirmwareUpdateObject.SEVERITY,
                            FirmwareUpdateObject.LAST_STATE_CHANGE_TIME,
                            FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD -> shape.cancels();
                    case FirmwareUpdateObject.AUTOMATIC_UPGRADE -> shape.upgradesByItself() || component;
                    case CURRENT_VERSION, LINKED_INSTANCES, CONFLICTING_INSTANCES -> component;
                    default -> true;
                })
                .toArray();
    }

    static Optional<Value> read(FirmwareObject object, DeviceContext context, int resource) {
        UpdateMachine machine = object.machine();
        return switch (resource) {
            case FirmwareUpdateObject.PACKAGE_URI ->
                context.profile.has(Quirk.SKELETON)
                        ? Optional.empty()
                        : Optional.of(new Value.Text(object.packageUri()));
            case FirmwareUpdateObject.STATE ->
                Optional.of(new Value.Whole(machine.visibleState().code()));
            case FirmwareUpdateObject.UPDATE_RESULT ->
                Optional.of(new Value.Whole(machine.result().code()));
            case FirmwareUpdateObject.PKG_NAME ->
                named(object, context)
                        .map(slot -> new Value.Text(
                                slot.header().model().isEmpty()
                                        ? ANY_MODEL
                                        : slot.header().model()));
            case FirmwareUpdateObject.PKG_VERSION ->
                named(object, context).map(slot -> new Value.Text(slot.header().version()));
            case FirmwareUpdateObject.PROTOCOL_SUPPORT ->
                Optional.of(
                        context.secure()
                                ? Value.Many.of(UpdateProtocol.COAP.code(), UpdateProtocol.COAPS.code())
                                : Value.Many.of(UpdateProtocol.COAP.code()));
            case FirmwareUpdateObject.DELIVERY_METHOD ->
                Optional.of(new Value.Whole(context.profile.delivery().method().code()));
            default -> {
                Component component = object.component();
                yield component == null || resource < COMPONENT_NAME
                        ? readNewer(object, context.profile.object5().shape(), resource)
                        : readComponent(object, component, resource);
            }
        };
    }

    /** The image PkgName and PkgVersion tell of. */
    private static Optional<Slot> named(FirmwareObject object, DeviceContext context) {
        Slot held = object.machine().held();
        return held == null && context.profile.object5().version() == DeviceProfile.VersionSource.PACKAGE
                ? Optional.of(object.flash().active())
                : Optional.ofNullable(held);
    }

    private static Optional<Value> readNewer(FirmwareObject object, FirmwareShape shape, int resource) {
        boolean there = resource == FirmwareUpdateObject.AUTOMATIC_UPGRADE ? shape.upgradesByItself() : shape.cancels();
        if (!there) {
            return Optional.empty();
        }
        UpdateWishes wishes = object.wishes();
        return switch (resource) {
            case FirmwareUpdateObject.SEVERITY -> Optional.of(new Value.Whole(wishes.severity()));
            case FirmwareUpdateObject.LAST_STATE_CHANGE_TIME ->
                Optional.of(new Value.Whole(object.machine().changedAtSeconds()));
            case FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD ->
                Optional.of(new Value.Whole(Math.max(0, wishes.mostDeferSeconds())));
            case FirmwareUpdateObject.AUTOMATIC_UPGRADE -> Optional.of(new Value.Flag(wishes.automatic()));
            default -> Optional.empty();
        };
    }

    private static Optional<Value> readComponent(FirmwareObject object, Component component, int resource) {
        return switch (resource) {
            case COMPONENT_NAME -> Optional.of(new Value.Text(component.name()));
            case CURRENT_VERSION ->
                Optional.of(new Value.Text(object.flash().active().header().version()));
            case LINKED_INSTANCES -> Optional.of(Value.Many.links(object.id(), component.linked()));
            case CONFLICTING_INSTANCES -> Optional.of(Value.Many.links(object.id(), component.conflicting()));
            default -> Optional.empty();
        };
    }
}
