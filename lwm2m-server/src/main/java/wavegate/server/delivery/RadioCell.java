package wavegate.server.delivery;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.request.SendRequest;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.send.SendListener;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;

/**
 * Where a device is, by object 4, Connectivity Monitoring: named as an operator's label names a cell, {@code 26201-4711}, or by the cell alone
 * where the network is not given. Also hears of it by Send. Called on CoAP protocol threads.
 */
final class RadioCell implements SendListener {
    static final int OBJECT_ID = 4;
    private static final int CELL_ID = 8;
    private static final int NETWORK_CODE = 9;
    private static final int COUNTRY_CODE = 10;
    /** 36 bits, as in 5G. */
    private static final long LARGEST_CELL = (1L << 36) - 1;

    private static final int LARGEST_CODE = 999;

    private final Inbox inbox;

    RadioCell(Inbox inbox) {
        this.inbox = inbox;
    }

    /** Empty if there is no cell among the resources, or it is none. */
    static Optional<String> of(Map<Integer, LwM2mResource> resources) {
        OptionalLong cell = NodeReader.number(resources, CELL_ID);
        OptionalLong network = NodeReader.number(resources, NETWORK_CODE);
        OptionalLong country = NodeReader.number(resources, COUNTRY_CODE);
        if (cell.isEmpty() || cell.getAsLong() < 0 || cell.getAsLong() > LARGEST_CELL) {
            return Optional.empty();
        }
        boolean whole = isCode(network) && isCode(country);
        return Optional.of(
                whole
                        ? String.format(
                                Locale.ROOT, "%03d%02d-%d", country.getAsLong(), network.getAsLong(), cell.getAsLong())
                        : Long.toString(cell.getAsLong()));
    }

    private static boolean isCode(OptionalLong code) {
        return code.isPresent() && code.getAsLong() >= 0 && code.getAsLong() <= LARGEST_CODE;
    }

    @Override
    public void dataReceived(Registration registration, TimestampedLwM2mNodes data, @Nullable SendRequest request) {
        Map<Integer, LwM2mResource> resources = new HashMap<>();
        data.getNodes().forEach((path, node) -> collect(path, node, resources));
        Endpoint endpoint = new Endpoint(registration.getEndpoint());
        if (!resources.isEmpty() && inbox.concerns(endpoint)) {
            of(resources).ifPresent(cell -> inbox.offer(new RolloutInput.CellSeen(endpoint, cell)));
        }
    }

    private static void collect(LwM2mPath path, @Nullable LwM2mNode node, Map<Integer, LwM2mResource> resources) {
        Integer object = path.getObjectId();
        Integer instance = path.getObjectInstanceId();
        boolean ours = object != null && object == OBJECT_ID && instance != null && instance == 0;
        if (ours && node instanceof LwM2mResource resource) {
            resources.put(resource.getId(), resource);
        } else if (ours && node instanceof LwM2mObjectInstance whole) {
            resources.putAll(whole.getResources());
        }
    }

    @Override
    public void onError(
            @Nullable Registration registration, @Nullable String errorMessage, @Nullable Exception error) {}
}
