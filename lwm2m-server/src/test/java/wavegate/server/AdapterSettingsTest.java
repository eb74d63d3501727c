package wavegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import wavegate.config.SettingsReader;
import wavegate.firmware.object.UpdateProtocol;

class AdapterSettingsTest {
    private static AdapterSettings of(String yaml) throws IOException {
        return AdapterSettings.of(SettingsReader.parse(yaml, Map.of()));
    }

    private static Set<UpdateProtocol> fetchable(String yaml) throws IOException {
        return of(yaml).delivery().uris().bases().keySet();
    }

    @Test
    void what_listens_at_every_address_is_in_no_package_uri_unless_it_has_a_name() throws Exception {
        assertThat(fetchable("coaps: {host: 0.0.0.0}")).isEmpty();
        assertThat(fetchable("coaps: {host: \"::\"}")).isEmpty();
        assertThat(fetchable("{coaps: {host: \"::\"}, public-uri: \"coaps://fota.example:5684\"}"))
                .containsExactly(UpdateProtocol.COAPS);
        assertThat(fetchable("{coaps: {host: 0.0.0.0}, coap: {enabled: true}}")).containsExactly(UpdateProtocol.COAP);
    }

    @Test
    void an_ipv6_address_stands_in_brackets() throws Exception {
        assertThat(of("coaps: {host: \"::1\", port: 5684}").delivery().uris().bases())
                .isEqualTo(Map.of(UpdateProtocol.COAPS, "coaps://[::1]:5684"));
        assertThat(of("coaps: {host: \"[::1]\", port: 5684}").uri()).isEqualTo("coaps://[::1]:5684");
    }

    @Test
    void a_request_is_waited_for_as_long_as_coap_repeats_it() throws Exception {
        assertThat(of("").lwm2m().ackTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(of("").delivery().responseTimeout()).isEqualTo(Duration.ofSeconds(110));

        AdapterSettings slow = of("delivery: {ack-timeout: 10s}");
        assertThat(slow.lwm2m().ackTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(slow.delivery().responseTimeout()).isEqualTo(Duration.ofSeconds(465 + 17));
    }
}
