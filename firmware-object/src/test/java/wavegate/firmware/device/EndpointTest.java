package wavegate.firmware.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EndpointTest {
    @Test
    void the_names_real_devices_use_are_endpoints() {
        for (String name : new String[] {
            "a",
            "urn:imei:490154203237518",
            "urn:dev:ops:32473-Refrigerator-5002",
            "pump_17.north",
            "A-Z",
            "x".repeat(64)
        }) {
            assertThat(new Endpoint(name)).hasToString(name);
            assertThat(Endpoint.isValid(name)).isTrue();
        }
    }

    @Test
    void a_name_that_could_reach_past_logs_pages_or_topics_is_refused() {
        for (String name : new String[] {
            "",
            " ",
            "a b",
            "a/b",
            "../a",
            "a\nb",
            "a\u0000",
            "<b>",
            "a+b",
            "a#",
            "a\"b",
            "caf\u00e9",
            "\u0430",
            "x".repeat(65)
        }) {
            assertThat(Endpoint.isValid(name)).as(name).isFalse();
            assertThatThrownBy(() -> new Endpoint(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("endpoint: \"")
                    .hasMessageEndingWith("(expected: 1 to 64 of A-Z a-z 0-9 : . _ -)");
        }
    }

    @Test
    void a_refused_name_is_shown_short_and_printable() {
        assertThatThrownBy(() -> new Endpoint("a\nb\u001b[31m")).hasMessageStartingWith("endpoint: \"a?b?[31m\"");
        assertThatThrownBy(() -> new Endpoint("x".repeat(100_000)))
                .hasMessageStartingWith("endpoint: \"" + "x".repeat(64) + "...\"");
    }

    @Test
    void endpoints_are_ordered_by_name() {
        assertThat(new Endpoint("pump-1")).isLessThan(new Endpoint("pump-2"));
        assertThat(new Endpoint("pump-1")).isEqualByComparingTo(new Endpoint("pump-1"));
    }
}
