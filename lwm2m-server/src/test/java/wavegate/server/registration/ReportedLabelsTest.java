package wavegate.server.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.server.registration.Registration;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;

/** What a registration says of its device, as labels. */
class ReportedLabelsTest {
    private final List<RolloutInput> inputs = new ArrayList<>();
    private final LeshanRegistrationListener listener = new LeshanRegistrationListener(new Inbox() {
        @Override
        public boolean offer(RolloutInput input) {
            return inputs.add(input);
        }

        @Override
        public boolean concerns(Endpoint endpoint) {
            return true;
        }

        @Override
        public boolean watches(Endpoint endpoint) {
            return true;
        }
    });

    private Set<String> tags(Map<String, String> attributes, String links) throws Exception {
        inputs.clear();
        Registration registration = new Registration.Builder(
                        "id",
                        "pump-1",
                        new IpPeer(new InetSocketAddress("127.0.0.1", 5000)),
                        URI.create("coap://127.0.0.1:5683"))
                .additionalRegistrationAttributes(attributes)
                .objectLinks(new InterningLinkParser(100).parseCoreLinkFormat(links.getBytes(StandardCharsets.UTF_8)))
                .build();
        listener.registered(registration, null, null);
        return ((RolloutInput.Registered) inputs.get(0)).reported().tags();
    }

    @Test
    void a_registration_says_that_the_device_takes_patches() throws Exception {
        assertThat(tags(Map.of("delta", "bsdiff", "tags", "blue"), "</3/0>,</5/0>"))
                .containsExactly("blue", "delta:bsdiff");
    }

    @Test
    void the_link_of_object_5_says_so_too_and_no_other_link() throws Exception {
        assertThat(tags(Map.of(), "</3/0>,</5/0>;delta=bsdiff")).containsExactly("delta:bsdiff");
        assertThat(tags(Map.of(), "</3/0>;delta=bsdiff,</5/0>")).isEmpty();
    }

    @Test
    void what_is_no_label_is_counted_and_left_out() throws Exception {
        assertThat(tags(Map.of("delta", "\u0007"), "</5/0>")).isEmpty();
        assertThat(listener.invalidLabels()).isEqualTo(1);
    }
}
