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
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
            JsonNode fleet = report.get("fleet");
            assertThat(fleet.get("devices").asInt()).isEqualTo(8);
            assertThat(fleet.get("byVersion").get("1.0.0").asInt()).isEqualTo(8);
            assertThat(fleet.get("traffic").get("bytesOut").asInt()).isGreaterThan(8 * 200);
            assertThat(report.get("timeline")).hasSize(3);
            assertThat(report.get("campaign").isNull()).isTrue();
            assertThat(server.byEndpoint).hasSize(8);
        }
    }

    @Test
    void a_live_line_is_printed_each_second_fit_for_a_log() {
        try (TinyLwM2mServer server = TinyLwM2mServer.started(0)) {
            String uri = "coap://127.0.0.1:" + server.address().getPort();

            int exit = run("--devices", "4", "--server", uri, "--for", "2s", "--scenario", "bad-firmware");

            assertThat(exit).isZero();
            assertThat(out.toString().lines().filter(line -> line.contains("4/4 registered")))
                    .hasSize(2);
            assertThat(out.toString()).contains("ok   4 of 4 have their user data");
            assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
            assertThat(out.toString().replaceAll("\\R", "")).matches("\\P{Cntrl}*");
        }
    }

    @Test
    void the_report_is_written_as_files(@TempDir Path directory) throws IOException {
        try (TinyLwM2mServer server = TinyLwM2mServer.started(0)) {
            String uri = "coap://127.0.0.1:" + server.address().getPort();

            run("--devices", "6", "--server", uri, "--for", "1s", "--report", directory.toString());

            JsonNode report =
                    new ObjectMapper().readTree(directory.resolve("report.json").toFile());
            JsonNode image = report.get("images").get(0);
            assertThat(image.get("running").asInt()).isEqualTo(6);
            assertThat(image.get("sha256").asText()).hasSize(64);
            assertThat(image.get("intact").asBoolean()).isTrue();
            assertThat(Files.readString(directory.resolve("report.html")))
                    .contains(
                            "<svg",
                            "6 virtual modules, healthy",
                            image.get("sha256").asText())
                    .doesNotContain("<script", "http://", "https://");
            assertThat(Files.readAllLines(directory.resolve("devices.csv")))
                    .hasSize(7)
                    .anyMatch(line ->
                            line.contains(server.byEndpoint.keySet().iterator().next()));
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
        assertThat(run("--server", "coap://127.0.0.1", "--scenario", "helthy")).isEqualTo(2);
        assertThat(run("--server", "http://x")).isEqualTo(2);
        assertThat(run("--server", "coap://127.0.0.1", "--devices", "0")).isEqualTo(2);
        assertThat(run("--server", "coap://127.0.0.1", "--for", "soon")).isEqualTo(2);
        assertThat(run("--server", "coap://127.0.0.1", "--campaign")).isEqualTo(2);
        assertThat(run("--devices", "1")).isEqualTo(2);
        assertThat(run("--server", "coap://127.0.0.1", "--terminals", "1.5")).isEqualTo(2);
        assertThat(err.toString()).contains("--terminals: 1.5 (expected: 0..0.9)");

        assertThat(err.toString())
                .contains("did you mean healthy?")
                .contains("server: \"http://x\" (expected: coap://host:port or coaps://host:port)")
                .contains("devices: 0 (expected: 1..1000000)")
                .contains("--for: \"soon\" (expected: a duration like")
                .contains("--campaign with --server")
                .contains("no server (expected: --server or --bootstrap)");
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
