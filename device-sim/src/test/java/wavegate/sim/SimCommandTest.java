package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SimCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return new CommandLine(new SimCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    @Test
    void a_fleet_runs_for_its_duration_and_reports_as_json() throws IOException {
        try (TinyLwM2mServer server = TinyLwM2mServer.started(0)) {
            String uri = "coap://127.0.0.1:" + server.address().getPort();

            int exit = run("--devices", "8", "--server", uri, "--duration", "2", "--json");

            assertThat(exit).isZero();
            JsonNode report = new ObjectMapper().readTree(out.toString());
            assertThat(report.get("devices").asInt()).isEqualTo(8);
            assertThat(report.get("byVersion").get("1.0.0").asInt()).isEqualTo(8);
            assertThat(server.byEndpoint).hasSize(8);
        }
    }

    @Test
    void a_live_line_is_printed_each_second() {
        try (TinyLwM2mServer server = TinyLwM2mServer.started(0)) {
            String uri = "coap://127.0.0.1:" + server.address().getPort();

            int exit = run("--devices", "4", "--server", uri, "--duration", "2", "--scenario", "bad-firmware");

            assertThat(exit).isZero();
            assertThat(out.toString().lines().filter(line -> line.contains("registered 4/4")))
                    .hasSize(2);
            assertThat(out.toString()).contains("user data intact 4");
        }
    }

    @Test
    void a_fleet_that_finds_no_server_exits_with_3() throws IOException {
        int port;
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(run("--devices", "2", "--server", "coap://127.0.0.1:" + port, "--duration", "1", "--json"))
                .isEqualTo(3);
    }

    @Test
    void bad_arguments_are_named_and_exit_with_2() {
        assertThat(run("--scenario", "helthy")).isEqualTo(2);
        assertThat(run("--server", "http://x")).isEqualTo(2);
        assertThat(run("--devices", "0")).isEqualTo(2);

        assertThat(err.toString())
                .contains("did you mean healthy?")
                .contains("server: \"http://x\" (expected: coap://host:port or coaps://host:port)")
                .contains("devices: 0 (expected: 1..1000000)");
    }

    private static int port(String uri, boolean bootstrap) {
        return SimCommand.contact("server", uri, bootstrap).address().getPort();
    }

    @Test
    void a_secure_server_wants_a_key_file_and_only_one_server_is_named() {
        assertThat(run("--server", "coaps://127.0.0.1")).isEqualTo(2);
        assertThat(run("--server", "coap://127.0.0.1", "--bootstrap", "coap://127.0.0.1"))
                .isEqualTo(2);

        assertThat(err.toString())
                .contains("coaps:// without --psk-file")
                .contains("--server with --bootstrap (expected: one of them)");
    }

    @Test
    void an_address_without_a_port_means_that_of_its_protocol() {
        assertThat(port("coap://127.0.0.1", false)).isEqualTo(5683);
        assertThat(port("coaps://127.0.0.1", false)).isEqualTo(5684);
        assertThat(port("coaps://127.0.0.1", true)).isEqualTo(5784);
        assertThatThrownBy(() -> port("coap:nothing", false)).hasMessageContaining("expected: coap://host:port");
    }
}
