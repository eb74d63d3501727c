package wavegate.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.server.registration.Registration;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;

class RadioCellTest {
    private static final Endpoint PUMP = new Endpoint("pump-1");

    private final List<RolloutInput> inputs = new ArrayList<>();
    private final RadioCell cells = new RadioCell(new Inbox() {
        @Override
        public boolean offer(RolloutInput input) {
            inputs.add(input);
            return true;
        }

        @Override
        public boolean concerns(Endpoint endpoint) {
            return endpoint.equals(PUMP);
        }

        @Override
        public boolean watches(Endpoint endpoint) {
            return false;
        }
    });

    private static Map<Integer, LwM2mResource> shows(long cell, long network, long country) {
        Map<Integer, LwM2mResource> resources = new HashMap<>();
        resources.put(8, LwM2mSingleResource.newIntegerResource(8, cell));
        if (network >= 0) {
            resources.put(9, LwM2mSingleResource.newIntegerResource(9, network));
        }
        if (country >= 0) {
            resources.put(10, LwM2mSingleResource.newIntegerResource(10, country));
        }
        return resources;
    }

    private void sent(String endpoint, Map<LwM2mPath, LwM2mResource> nodes) {
        TimestampedLwM2mNodes.Builder builder = TimestampedLwM2mNodes.builder();
        nodes.forEach(builder::put);
        cells.dataReceived(
                new Registration.Builder(
                                "id",
                                endpoint,
                                new IpPeer(new InetSocketAddress("127.0.0.1", 5000)),
                                URI.create("coap://127.0.0.1:5683"))
                        .build(),
                builder.build(),
                null);
    }

    @Test
    void a_cell_is_named_as_an_operator_names_it() {
        assertThat(RadioCell.of(shows(4711, 1, 262))).contains("26201-4711");
        assertThat(RadioCell.of(shows(4711, 260, 310))).contains("310260-4711");
        assertThat(RadioCell.of(shows(4711, 1, -1))).contains("4711");
        assertThat(RadioCell.of(shows(4711, 1, 5000))).contains("4711");
        assertThat(RadioCell.of(shows(0, 1, 1))).contains("00101-0");
    }

    @Test
    void what_is_no_cell_is_none() {
        assertThat(RadioCell.of(Map.of())).isEmpty();
        assertThat(RadioCell.of(shows(-1, 1, 262))).isEmpty();
        assertThat(RadioCell.of(shows(1L << 36, 1, 262))).isEmpty();
    }

    @Test
    void a_send_of_object_4_is_heard_of_a_device_that_matters() {
        Map<LwM2mPath, LwM2mResource> nodes = new HashMap<>();
        shows(4712, 1, 262).forEach((id, resource) -> nodes.put(new LwM2mPath(4, 0, id), resource));

        sent("pump-1", nodes);
        sent("pump-2", nodes);
        sent("pump-1", Map.of(new LwM2mPath(3, 0, 9), LwM2mSingleResource.newIntegerResource(9, 80)));

        assertThat(inputs).containsExactly(new RolloutInput.CellSeen(PUMP, "26201-4712"));
    }
}
