package wavegate.server.delivery;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.LwM2m.Version;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.ComponentStatus;
import wavegate.firmware.update.DeviceStatus;
import wavegate.firmware.update.FirmwareSlot;
import wavegate.firmware.update.ObjectDetails;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;
import wavegate.firmware.update.UpdateSignal.Refused;

/**
 * Reads /5/0 where wanted, then /3/0, each in one request, so that State and Update Result belong together. Where the instance cannot be read
 * as a whole, resource by resource. Every other resource than State and Update Result may be missing.
 */
final class ReadErrand extends Errand {
    private static final int MANUFACTURER = 0;
    private static final int MODEL = 1;
    private static final int FIRMWARE_VERSION = 3;
    private static final int BATTERY_LEVEL = 9;
    private static final int MEMORY_FREE = 10;
    private static final int HARDWARE_VERSION = 18;
    private static final int DEVICE = 3;
    private static final int COMPONENT_NAME = 14;
    private static final int CURRENT_VERSION = 15;
    private static final int LINKED_INSTANCES = 16;
    private static final int CONFLICTING_INSTANCES = 17;

    private static final List<Integer> OF_FIRMWARE = List.of(
            FirmwareUpdateObject.STATE,
            FirmwareUpdateObject.UPDATE_RESULT,
            FirmwareUpdateObject.PROTOCOL_SUPPORT,
            FirmwareUpdateObject.DELIVERY_METHOD,
            FirmwareUpdateObject.PACKAGE_URI,
            FirmwareUpdateObject.PKG_VERSION);
    private static final List<Integer> OF_DEVICE =
            List.of(FIRMWARE_VERSION, MANUFACTURER, MODEL, HARDWARE_VERSION, BATTERY_LEVEL, MEMORY_FREE);

    private final boolean withFirmware;
    private final boolean ifAwake;
    private final boolean withCell;
    /** Names to be read; none for Object 5. */
    private final List<String> components;
    /** Those that were found, by name, in the order they are asked for in. */
    private final Map<String, Found> found = new HashMap<>();

    private FirmwareSlot slot = FirmwareSlot.OBJECT_5;
    private final NodeReader reader;
    private final @Nullable Consumer<DeviceStatus> report;

    private boolean hasObject5 = true;
    private Map<Integer, LwM2mResource> firmware = Map.of();

    private ReadErrand(
            Endpoint endpoint,
            @Nullable UpdateId update,
            int step,
            NodeReader reader,
            boolean ifAwake,
            boolean withCell,
            List<String> components,
            @Nullable Consumer<DeviceStatus> report,
            Surroundings around) {
        super(endpoint, update, step, null, around);
        this.withFirmware = update != null;
        this.ifAwake = ifAwake;
        this.withCell = withCell;
        this.components = components;
        this.reader = reader;
        this.report = report;
    }

    /** Answers with {@code StatusRead}. */
    static ReadErrand ofStatus(UpdateCommand.ReadStatus command, NodeReader reader, Surroundings around) {
        return new ReadErrand(
                command.update().endpoint(),
                command.update(),
                command.step(),
                reader,
                command.ifAwake(),
                command.cell(),
                command.components(),
                null,
                around);
    }

    /** Reads /3/0 alone and reports it if it was read. */
    static ReadErrand ofDevice(
            Endpoint endpoint, NodeReader reader, Consumer<DeviceStatus> report, Surroundings around) {
        return new ReadErrand(endpoint, null, 0, reader, false, false, List.of(), report, around);
    }

    /** A watchdog's read, which a sleeping device is not to be bothered with. */
    boolean ifAwake() {
        return ifAwake;
    }

    /** A read changes nothing, so that a queue-mode device that does not answer one need not be told from one that has fallen asleep. */
    @Override
    void failed(Why why) {
        super.failed(why == Why.TIMEOUT && registration().usesQueueMode() ? Why.ASLEEP : why);
    }

    @Override
    void begin() {
        if (!withFirmware) {
            readDevice();
        } else if (!components.isEmpty()) {
            findComponents();
        } else if (registration().getSupportedVersion(FirmwareUpdateObject.OBJECT_ID) == null) {
            hasObject5 = false;
            readDevice();
        } else {
            read(new LwM2mPath(FirmwareUpdateObject.OBJECT_ID, 0), this::firmwareAnswered);
        }
    }

    /** Looks for the instances of those names, in one read of the object or, where that is refused, instance by instance. */
    private void findComponents() {
        if (registration().getSupportedVersion(FirmwareSlot.ADVANCED) == null) {
            hasObject5 = false;
            readDevice();
            return;
        }
        read(new LwM2mPath(FirmwareSlot.ADVANCED), (response, path) -> {
            Map<Integer, Map<Integer, LwM2mResource>> all =
                    response.isSuccess() ? reader.instances(registration(), response, path) : Map.of();
            all.forEach(this::look);
            findOneByOne(registration().getAvailableInstances().stream()
                    .filter(instance -> instance.getObjectId() == FirmwareSlot.ADVANCED)
                    .map(LwM2mPath::getObjectInstanceId)
                    .filter(instance -> !all.containsKey(instance))
                    .sorted()
                    .iterator());
        });
    }

    private void findOneByOne(Iterator<Integer> left) {
        boolean all = found.size() == components.size();
        if (all || !left.hasNext()) {
            hasObject5 = all;
            Found first = found.get(components.get(0));
            if (first != null) {
                slot = first.slot();
                firmware = first.resources();
            }
            readDevice();
            return;
        }
        int instance = left.next();
        read(new LwM2mPath(FirmwareSlot.ADVANCED, instance), (response, path) -> {
            look(instance, decoded(response, path).orElseGet(Map::of));
            findOneByOne(left);
        });
    }

    private void look(int instance, Map<Integer, LwM2mResource> resources) {
        String name = NodeReader.text(resources, COMPONENT_NAME);
        if (components.contains(name) && statusIn(resources).isPresent()) {
            found.putIfAbsent(name, new Found(new FirmwareSlot(FirmwareSlot.ADVANCED, instance), resources));
        }
    }

    private void firmwareAnswered(Response response, LwM2mPath path) {
        if (code(response) == 404) {
            hasObject5 = false;
            readDevice();
            return;
        }
        Optional<Map<Integer, LwM2mResource>> read = decoded(response, path);
        if (read.isPresent() && statusIn(read.get()).isPresent()) {
            firmware = read.get();
            readDevice();
            return;
        }
        readOneByOne(path, OF_FIRMWARE.iterator(), read.orElseGet(Map::of), 0, (resources, lastError) -> {
            if (statusIn(resources).isPresent()) {
                firmware = resources;
                readDevice();
            } else {
                end(lastError == 0 ? new LinkFailed(Why.BROKEN) : new Refused(lastError));
            }
        });
    }

    private void readDevice() {
        read(new LwM2mPath(DEVICE, 0), (response, path) -> {
            Optional<Map<Integer, LwM2mResource>> read = decoded(response, path);
            if (read.isPresent() && read.get().containsKey(FIRMWARE_VERSION)) {
                finish(read.get());
            } else {
                readOneByOne(
                        path,
                        OF_DEVICE.iterator(),
                        read.orElseGet(Map::of),
                        0,
                        (resources, lastError) -> finish(resources));
            }
        });
    }

    /** Without a version on the Device object, the package's may be the only one there is. */
    private void finish(Map<Integer, LwM2mResource> device) {
        boolean elsewhere = !withFirmware
                && !device.containsKey(FIRMWARE_VERSION)
                && registration().getSupportedVersion(FirmwareUpdateObject.OBJECT_ID) != null;
        if (withCell && registration().getSupportedVersion(RadioCell.OBJECT_ID) != null) {
            read(
                    new LwM2mPath(RadioCell.OBJECT_ID, 0),
                    (response, path) -> told(device, decoded(response, path).flatMap(RadioCell::of)));
            return;
        }
        if (!elsewhere) {
            told(device, Optional.empty());
            return;
        }
        read(new LwM2mPath(FirmwareUpdateObject.OBJECT_ID, 0, FirmwareUpdateObject.PKG_VERSION), (response, path) -> {
            firmware = decoded(response, path).orElseGet(Map::of);
            told(device, Optional.empty());
        });
    }

    private void told(Map<Integer, LwM2mResource> device, Optional<String> cell) {
        boolean one = slot.isComponent() && components.size() == 1;
        DeviceStatus status = new DeviceStatus(
                hasObject5,
                statusIn(firmware).orElse(new FirmwareStatus(UpdateState.IDLE, UpdateResult.INITIAL)),
                FirmwareVersion.of(
                        one ? NodeReader.text(firmware, CURRENT_VERSION) : NodeReader.text(device, FIRMWARE_VERSION)),
                new DeviceIdentity(
                        NodeReader.text(device, MANUFACTURER),
                        NodeReader.text(device, MODEL),
                        NodeReader.text(device, HARDWARE_VERSION)),
                method(firmware),
                protocols(firmware),
                battery(device),
                freeMemory(device),
                details(slot, firmware),
                components.size() < 2 ? List.of() : componentsFound(),
                cell);
        if (report != null) {
            report.accept(status);
            end(null);
        } else {
            end(new UpdateSignal.StatusRead(status));
        }
    }

    private List<ComponentStatus> componentsFound() {
        List<ComponentStatus> all = new ArrayList<>();
        for (String name : components) {
            Found each = found.get(name);
            if (each != null) {
                all.add(new ComponentStatus(
                        name,
                        statusIn(each.resources()).orElseThrow(),
                        FirmwareVersion.of(NodeReader.text(each.resources(), CURRENT_VERSION)),
                        method(each.resources()),
                        protocols(each.resources()),
                        NodeReader.linkedInstances(each.resources(), LINKED_INSTANCES, FirmwareSlot.ADVANCED),
                        NodeReader.linkedInstances(each.resources(), CONFLICTING_INSTANCES, FirmwareSlot.ADVANCED),
                        details(each.slot(), each.resources())));
            }
        }
        return all;
    }

    /** An instance with a name that was asked for. */
    private record Found(FirmwareSlot slot, Map<Integer, LwM2mResource> resources) {}

    private interface Use {
        void of(Response response, LwM2mPath path);
    }

    private interface Collected {
        void resources(Map<Integer, LwM2mResource> resources, int lastError);
    }

    private void read(LwM2mPath path, Use then) {
        send(DeviceRequest.read(registration(), path), response -> then.of(response, path));
    }

    private void readOneByOne(
            LwM2mPath instance,
            Iterator<Integer> left,
            Map<Integer, LwM2mResource> known,
            int lastError,
            Collected then) {
        while (left.hasNext()) {
            int id = left.next();
            if (known.containsKey(id)) {
                continue;
            }
            LwM2mPath path = new LwM2mPath(instance.getObjectId(), 0, id);
            read(path, (response, same) -> {
                Map<Integer, LwM2mResource> grown = new TreeMap<>(known);
                decoded(response, same).ifPresent(grown::putAll);
                readOneByOne(instance, left, grown, response.isSuccess() ? lastError : code(response), then);
            });
            return;
        }
        then.resources(known, lastError);
    }

    private Optional<Map<Integer, LwM2mResource>> decoded(Response response, LwM2mPath path) {
        return response.isSuccess() ? reader.resources(registration(), response, path) : Optional.empty();
    }

    private static Optional<FirmwareStatus> statusIn(Map<Integer, LwM2mResource> resources) {
        OptionalLong state = NodeReader.number(resources, FirmwareUpdateObject.STATE);
        OptionalLong result = NodeReader.number(resources, FirmwareUpdateObject.UPDATE_RESULT);
        return state.isPresent() && result.isPresent()
                ? Optional.of(
                        new FirmwareStatus(clamped(state.getAsLong()), new UpdateResult(clamped(result.getAsLong()))))
                : Optional.empty();
    }

    private static int clamped(long code) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, code));
    }

    private DeliveryMethod method(Map<Integer, LwM2mResource> of) {
        if (Wire.byOscore(registration())) {
            return DeliveryMethod.PUSH;
        }
        OptionalLong code = NodeReader.number(of, FirmwareUpdateObject.DELIVERY_METHOD);
        return code.isPresent() ? DeliveryMethod.of(code.getAsLong()).orElse(DeliveryMethod.BOTH) : DeliveryMethod.BOTH;
    }

    private static Set<UpdateProtocol> protocols(Map<Integer, LwM2mResource> of) {
        Set<UpdateProtocol> protocols = EnumSet.noneOf(UpdateProtocol.class);
        NodeReader.numbers(of, FirmwareUpdateObject.PROTOCOL_SUPPORT)
                .forEach(code -> UpdateProtocol.of(code).ifPresent(protocols::add));
        return of.containsKey(FirmwareUpdateObject.PROTOCOL_SUPPORT) ? protocols : Set.of(UpdateProtocol.COAP);
    }

    private static OptionalLong freeMemory(Map<Integer, LwM2mResource> device) {
        OptionalLong free = NodeReader.number(device, MEMORY_FREE);
        return free.isPresent() && free.getAsLong() >= 0 ? free : OptionalLong.empty();
    }

    private ObjectDetails details(FirmwareSlot at, Map<Integer, LwM2mResource> of) {
        Version version = registration().getSupportedVersion(at.object());
        return new ObjectDetails(
                at,
                version == null ? "1.0" : version.toString(),
                NodeReader.text(of, FirmwareUpdateObject.PACKAGE_URI),
                NodeReader.text(of, FirmwareUpdateObject.PKG_VERSION),
                NodeReader.time(of, FirmwareUpdateObject.LAST_STATE_CHANGE_TIME),
                of.keySet(),
                at.isComponent() && !NodeReader.texts(of, LINKED_INSTANCES).isEmpty());
    }

    private static int battery(Map<Integer, LwM2mResource> device) {
        OptionalLong level = NodeReader.number(device, BATTERY_LEVEL);
        return level.isPresent() && level.getAsLong() >= 0 && level.getAsLong() <= 100 ? (int) level.getAsLong() : -1;
    }
}
