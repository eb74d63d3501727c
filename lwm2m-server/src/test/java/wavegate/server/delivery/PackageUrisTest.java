package wavegate.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.UpdateProtocol;

class PackageUrisTest {
    private static final String COAP = "coap://h:5683/fw/t";
    private static final String COAPS = "coaps://h:5684/fw/t";

    private final PackageUris both = new PackageUris(DeliverySettings.reachableAt("coap://h:5683", "coaps://h:5684"));

    @Test
    void a_device_is_sent_where_it_has_a_key() {
        assertThat(both.uri(true, Set.of(UpdateProtocol.COAP, UpdateProtocol.COAPS), "t"))
                .isEqualTo(COAPS);
        assertThat(both.uri(false, Set.of(UpdateProtocol.COAP, UpdateProtocol.COAPS), "t"))
                .isEqualTo(COAP);
        assertThat(both.uri(true, Set.of(), "t")).isEqualTo(COAPS);
        assertThat(both.uri(true, Set.of(UpdateProtocol.HTTP), "t")).isEqualTo(COAPS);
    }

    @Test
    void a_device_that_lists_one_of_the_two_is_sent_there() {
        assertThat(both.uri(true, Set.of(UpdateProtocol.COAP), "t")).isEqualTo(COAP);
        assertThat(both.uri(false, Set.of(UpdateProtocol.COAPS), "t")).isEqualTo(COAPS);
    }

    @Test
    void what_is_off_here_is_not_named() {
        PackageUris secureOnly = new PackageUris(DeliverySettings.reachableAt("", "coaps://h:5684"));
        PackageUris openOnly = new PackageUris(DeliverySettings.reachableAt("coap://h:5683", ""));

        assertThat(secureOnly.uri(true, Set.of(UpdateProtocol.COAP), "t")).isEqualTo(COAPS);
        assertThat(secureOnly.uri(false, Set.of(), "t")).isEqualTo(COAPS);
        assertThat(openOnly.uri(true, Set.of(UpdateProtocol.COAPS), "t")).isEqualTo(COAP);
    }
}
