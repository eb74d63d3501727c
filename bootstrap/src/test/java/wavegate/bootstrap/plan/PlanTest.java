package wavegate.bootstrap.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {
    private static final byte[] KEY = "a-key-of-16-byte".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    static ServerAccount server(int id, Integer... owns) {
        return new ServerAccount(
                id,
                "coaps://s" + id + ".example:5684",
                new Keys.Psk("id-" + id, KEY),
                Optional.empty(),
                300,
                "U",
                new TreeSet<>(Arrays.asList(owns)));
    }

    private static Discovered device(String links) {
        return links == null ? Discovered.NOTHING : Discovered.parse(Discovered.Extent.ALL, links);
    }

    private static String paths(Plan plan) {
        return plan.steps().stream()
                .map(step -> (step instanceof Step.Delete ? "-" : "") + step.path())
                .collect(Collectors.joining(" "));
    }

    private static Step.Write write(Plan plan, String path) {
        return plan.steps().stream()
                .filter(step -> step instanceof Step.Write && step.path().equals(path))
                .map(Step.Write.class::cast)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    fresh from the factory         | </0/0>,</3/0>                                                | /0/1 /1/0                 | /0/1 /0/2 /1/0 /1/1
                    bootstrap account elsewhere    | </0/1>,</3/0>                                                | /0/0 /1/0                 | /0/0 /0/2 /1/0 /1/1
                    has an account already         | </0/0>,</0/1>;ssid=1,</1/0>;ssid=1                           | -/0 -/1 /0/1 /1/0         | -/0 -/1 /0/1 /0/2 /1/0 /1/1
                    bootstrap account between two  | </0/0>;ssid=1,</0/1>,</0/2>;ssid=2,</1/3>;ssid=1,</1/5>      | -/0 -/1 /0/0 /1/0         | -/0 -/1 /0/0 /0/2 /1/0 /1/1
                    bootstrap account hidden       | </0/3>;ssid=1,</1/0>;ssid=1                                  | -/0 -/1 /0/3 /1/0         | -/0 -/1 /0/3 /0/10 /1/0 /1/1
                    two accounts without ssid      | </0/0>,</0/10>,</1/0>                                        | -/0 -/1 /0/11 /1/0        | -/0 -/1 /0/11 /0/12 /1/0 /1/1
                    access control and OSCORE left | </0/0>,</1/0>,</2/0>,</2/1>,</21/0>                          | -/1 -/2 -/21 /0/1 /1/0    | -/1 -/2 -/21 /0/1 /0/2 /1/0 /1/1
                    cannot be asked                |                                                              | -/0 -/1 /0/10 /1/0        | -/0 -/1 /0/10 /0/11 /1/0 /1/1
                    """)
    void instance_numbers_follow_from_what_is_there(String name, String links, String one, String two) {
        assertThat(paths(Plan.of(device(links), List.of(server(1))))).isEqualTo(one);
        assertThat(paths(Plan.of(device(links), List.of(server(1), server(2))))).isEqualTo(two);
    }

    @Test
    void a_server_is_written_as_its_objects_say() {
        Plan plan = Plan.of(device("</0/0>"), List.of(server(7)));

        Map<Integer, Resource.Value> security = byId(write(plan, "/0/1"));
        assertThat(security.get(0)).isEqualTo(new Resource.Text("coaps://s7.example:5684"));
        assertThat(security.get(1)).isEqualTo(new Resource.Truth(false));
        assertThat(security.get(2)).isEqualTo(new Resource.Whole(0));
        assertThat(((Resource.Opaque) security.get(3)).bytes()).asString().isEqualTo("id-7");
        assertThat(((Resource.Opaque) security.get(5)).bytes()).isEqualTo(KEY);
        assertThat(security.get(10)).isEqualTo(new Resource.Whole(7));
        assertThat(byId(write(plan, "/1/0")))
                .containsEntry(0, new Resource.Whole(7))
                .containsEntry(1, new Resource.Whole(300))
                .containsEntry(7, new Resource.Text("U"));
        assertThat(plan.toString()).doesNotContain("a-key-of").doesNotContain("97, 45");
    }

    @Test
    void several_servers_get_access_control_for_what_they_own() {
        Plan plan = Plan.of(
                device("</0/0>,</2>,</3/0>,</5/0>,</5/1>,</9>"), List.of(server(1, 5, 9), server(2, 3), server(3)));

        assertThat(paths(plan)).isEqualTo("/0/1 /0/2 /0/3 /1/0 /1/1 /1/2 /2/0 /2/1 /2/2");
        assertThat(byId(write(plan, "/2/0")))
                .containsEntry(0, new Resource.Whole(3))
                .containsEntry(1, new Resource.Whole(0))
                .containsEntry(2, new Resource.Wholes(Map.of(1, 1L, 2, 15L, 3, 1L)))
                .containsEntry(3, new Resource.Whole(2));
        assertThat(byId(write(plan, "/2/2")))
                .containsEntry(0, new Resource.Whole(5))
                .containsEntry(1, new Resource.Whole(1))
                .containsEntry(3, new Resource.Whole(1));
        assertThat(plan.notes()).containsExactly("no access control for object 9: the device named no instance");
    }

    @Test
    void a_device_without_object_2_is_noted() {
        Plan plan = Plan.of(device("</0/0>,</3/0>"), List.of(server(1, 3)));

        assertThat(paths(plan)).isEqualTo("/0/1 /1/0");
        assertThat(plan.notes()).containsExactly("no access control: the device did not name object 2");
    }

    @Test
    void oscore_is_written_at_a_free_number_and_linked() {
        ServerAccount plain = server(1);
        ServerAccount asked = new ServerAccount(
                1,
                "coap://s.example:5683",
                new Keys.NoSec(),
                Optional.of(new ServerAccount.OscoreKeys(KEY, KEY, new byte[] {1}, new byte[] {2})),
                300,
                "U",
                plain.owns());
        Plan plan = Plan.of(device("</0/0>,</21/0>"), List.of(asked));

        assertThat(paths(plan)).isEqualTo("-/21 /0/1 /21/1 /1/0");
        assertThat(byId(write(plan, "/0/1")))
                .containsEntry(17, new Resource.Link(21, 1))
                .containsEntry(2, new Resource.Whole(3));
    }

    @Test
    void two_servers_of_one_id_are_refused() {
        assertThatThrownBy(() -> Plan.of(Discovered.NOTHING, List.of(server(1), server(1))))
                .hasMessage("short server id 1 occurs twice");
    }

    private static Map<Integer, Resource.Value> byId(Step.Write write) {
        return write.resources().stream().collect(Collectors.toMap(Resource::id, Resource::value));
    }
}
