package wavegate.bootstrap.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscoveredTest {
    private static Discovered of(String links) {
        return Discovered.parse(Discovered.Extent.ALL, links);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    Leshan, fresh          | </>;lwm2m=1.1,</0>;ver=1.1,</0/0>;uri="coaps://h:5784",</1>;ver=1.1,</3>;ver=1.1,</3/0>,</5/0>      | 1.1 | [0]    | []  | [0]
                    Leshan, with account   | </>;lwm2m=1.1,</0/0>;uri="coaps://h:5784",</0/1>;ssid=1;uri="coaps://h:5684",</1/0>;ssid=1,</3/0>   | 1.1 | [0, 1] | [0] | [0]
                    Anjay, account at 1    | </>;lwm2m="1.1",</0/1>;uri="coaps://h:5784",</0/2>;ssid=1;uri="coaps://a,b;c:5684",</1/1>;ssid=1    | 1.1 | [1, 2] | [1] | [1]
                    Anjay 1.0              | </>;lwm2m=1.0,</0/0>,</0/1>;ssid=101,</1/0>;ssid=101,</3/0>,</5/0>                                  | 1.0 | [0, 1] | [0] | [0]
                    first edition          | lwm2m="1.0",</0/0>,</0/1>;ssid=101,</0/2>;ssid=102,</1/0>;ssid=101,</1/1>;ssid=102,</2/0>,</3/0>    | 1.0 | [0, 1, 2] | [0, 1] | [0]
                    wakaama                | </>;lwm2m=1.1,</0/0>;uri="coap://h:5783",</0/1>;ssid=123;uri="coap://h:5683",</1/0>;ssid=123,</2>    | 1.1 | [0, 1] | [0] | [0]
                    Zephyr, no account yet | </>;lwm2m="1.1",</0>,</0/0>;uri="coaps://h:5784",</1>,</3>,</3/0>,</5>,</5/0>                       | 1.1 | [0]    | []  | [0]
                    hidden bootstrap       | </>;lwm2m=1.1,</0/1>;ssid=1,</1/0>;ssid=1                                                           | 1.1 | [1]    | [0] | []
                    """)
    void the_answers_of_real_clients_are_understood(
            String client, String links, String version, String security, String servers, String bootstrap) {
        Discovered device = of(links);

        assertThat(device.version()).contains(version);
        assertThat(device.instancesOf(0).toString()).isEqualTo(security);
        assertThat(device.instancesOf(1).toString()).isEqualTo(servers);
        assertThat(device.bootstrapAccounts().toString()).isEqualTo(bootstrap);
    }

    @Test
    void what_cannot_be_read_is_passed_over() {
        Discovered device = of("</0/0/1>,</0/99999>,<//>,</x/0>,,;;,</0/7>;ssid=\"no\";uri=\"unclosed,</1/1>");

        assertThat(device.objects()).containsExactly(0);
        assertThat(device.instancesOf(0)).containsExactly(7);
    }

    @Test
    void no_answer_throws() {
        Random random = new Random(7);
        String alphabet = "</>,;=\"0123456789 lwm2ssid\u0000\u202e.";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(60); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(of(text.toString()).instancesOf(0)).allMatch(number -> number <= 65_534);
        }
    }
}
