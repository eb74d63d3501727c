package wavegate.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import wavegate.firmware.object.UpdateProtocol;

class PackageUrisTest {
    private final PackageUris both = PackageUris.of("coap://h:5683", "coaps://h:5684");

    @Test
    void a_device_is_sent_where_it_has_a_key() {
        assertThat(both.scheme(true, Set.of(UpdateProtocol.COAP, UpdateProtocol.COAPS), Set.of()))
                .contains(UpdateProtocol.COAPS);
        assertThat(both.scheme(false, Set.of(UpdateProtocol.COAP, UpdateProtocol.COAPS), Set.of()))
                .contains(UpdateProtocol.COAP);
        assertThat(both.scheme(true, Set.of(), Set.of())).contains(UpdateProtocol.COAPS);
    }

    @Test
    void what_is_off_here_is_not_named() {
        assertThat(PackageUris.of("", "coaps://h:5684").scheme(false, Set.of(UpdateProtocol.COAPS), Set.of()))
                .contains(UpdateProtocol.COAPS);
        assertThat(PackageUris.of("coap://h:5683", "").scheme(true, Set.of(UpdateProtocol.COAP), Set.of()))
                .isEmpty();
        assertThat(both.scheme(false, Set.of(UpdateProtocol.HTTP), Set.of())).contains(UpdateProtocol.COAP);
    }

    @Test
    void a_scheme_that_was_refused_is_not_named_again() {
        assertThat(both.scheme(true, Set.of(UpdateProtocol.COAPS), Set.of(UpdateProtocol.COAPS)))
                .isEmpty();
    }

    @Test
    void a_uri_is_base_path_and_token() {
        PackageUris web = new PackageUris(Map.of(UpdateProtocol.HTTPS, "https://fota.example"), false);

        assertThat(web.uri(UpdateProtocol.HTTPS, "0011223344556677"))
                .isEqualTo("https://fota.example/fw/0011223344556677");
    }

    @Test
    void a_base_of_another_scheme_or_with_a_path_is_refused() {
        assertThatThrownBy(() -> PackageUris.of("coaps://h:5684", ""))
                .hasMessage("base URI: \"coaps://h:5684\" (expected: coap://host:port, at most 200 characters)");
        assertThatThrownBy(() -> PackageUris.of("coap://h/", "")).hasMessageContaining("base URI");
    }
}
