package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code wavegate server} as an operator meets it: a process with variables, a line of output and signals. */
class ServerCommandTest {
    private static final Pattern TOKEN = Pattern.compile("token \\(shown this once\\): (\\S+)");

    @TempDir
    private Path directory;

    private Map<String, String> environment(int httpPort) throws IOException {
        Map<String, String> environment = new HashMap<>();
        environment.put("WAVEGATE_DATA_DIR", directory.resolve("data").toString());
        environment.put("WAVEGATE_COAP_ENABLED", "true");
        environment.put("WAVEGATE_COAP_PORT", "0");
        environment.put("WAVEGATE_COAPS_PORT", "0");
        environment.put("WAVEGATE_HTTP_PORT", String.valueOf(httpPort));
        return environment;
    }

    @Test
    void it_starts_from_variables_shows_its_token_once_and_ends_cleanly_on_sigterm() throws Exception {
        int port = ChildServer.freeTcpPort();
        Path first = directory.resolve("first.log");
        String token;
        try (ChildServer server = ChildServer.start(first, environment(port))) {
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> server.output()
                    .contains("wavegate: listening"));
            token = token(server.output());
            Rest rest = new Rest(port, token);
            server.answers(rest);
            assertThat(rest.get("/campaigns").path("items")).isEmpty();
            assertThat(server.output()).contains("coap://127.0.0.1:", "coaps://127.0.0.1:", "http://127.0.0.1:" + port);
            assertThat(server.terminate()).isIn(0, 143);
        }

        Path second = directory.resolve("second.log");
        try (ChildServer server = ChildServer.start(second, environment(port))) {
            server.answers(new Rest(port, token));
            assertThat(server.output()).contains("as it was closed").doesNotContain("shown this once");
            server.terminate();
        }
        assertThat(Files.readString(second)).doesNotContain("WARN  [shutdown]", "ERROR");
    }

    @Test
    void a_first_start_with_defaults_is_reached_from_this_machine_alone_and_says_in_three_lines_how_to_open_it()
            throws Exception {
        Map<String, String> environment = environment(ChildServer.freeTcpPort());
        environment.remove("WAVEGATE_COAP_ENABLED");
        environment.remove("WAVEGATE_COAP_PORT");
        try (ChildServer server = ChildServer.start(directory.resolve("first.log"), environment)) {
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> server.output()
                    .contains("before either"));
            assertThat(server.output()
                            .lines()
                            .filter(line -> line.startsWith("wavegate: to let") || line.startsWith("wavegate: before")))
                    .hasSize(3);
            assertThat(server.output()).contains("coaps://127.0.0.1:").doesNotContain("coap://");
            List<InetAddress> bound = BoundAddresses.of(server.pid());
            assertThat(bound).hasSizeGreaterThanOrEqualTo(2).allMatch(InetAddress::isLoopbackAddress);
            assertThat(Files.getPosixFilePermissions(directory.resolve("data")))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            // Nobody comes in without the token, and none is known before it is made.
            for (String guess : List.of("admin", "wavegate", "password", "changeme")) {
                assertThat(new Rest(Integer.parseInt(environment.get("WAVEGATE_HTTP_PORT")), guess)
                                .status("/campaigns"))
                        .isEqualTo(401);
            }
        }
    }

    @Test
    void every_mistake_in_the_settings_is_named_at_once() throws Exception {
        Map<String, String> environment = environment(0);
        environment.put("WAVEGATE_ROLLOUT_TICK", "soon");
        environment.put("WAVEGATE_COAPS_PORT", "70000");
        environment.put("WAVEGATE_HTTP_HOST", "0.0.0.0");
        environment.put("WAVEGATE_NO_SUCH_KEY", "1");
        Path bootstrap = Files.writeString(
                directory.resolve("bootstrap.yaml"), "coaps: {port: 70001}\nlimits: {open-sessions: 0}\nno-such: 1\n");
        environment.put("WAVEGATE_BOOTSTRAP_ENABLED", "true");
        environment.put("WAVEGATE_BOOTSTRAP_FILE", bootstrap.toString());
        try (ChildServer server = ChildServer.start(directory.resolve("refused.log"), environment)) {
            assertThat(server.ended()).isEqualTo(2);
            assertThat(server.output())
                    .contains("rollout.tick", "soon", "coaps.port", "70000", "http.host", "0.0.0.0", "NO_SUCH_KEY")
                    .contains("bootstrap.file: port: 70001", "bootstrap.file: limits.open-sessions: 0", "key no-such");
        }
    }

    @Test
    void a_bad_variable_stops_the_start_and_is_named() throws Exception {
        Map<String, String> environment = environment(0);
        environment.put("WAVEGATE_ROLLOUT_TICK", "soon");
        try (ChildServer server = ChildServer.start(directory.resolve("refused.log"), environment)) {
            assertThat(server.ended()).isEqualTo(2);
            assertThat(server.output()).contains("rollout.tick", "soon", "WAVEGATE_ROLLOUT_TICK");
        }
    }

    @Test
    void a_second_server_on_the_same_data_is_refused() throws Exception {
        int port = ChildServer.freeTcpPort();
        Map<String, String> environment = environment(port);
        environment.put("WAVEGATE_TOKEN", "a-token-for-tests");
        Path output = directory.resolve("first.log");
        try (ChildServer server = ChildServer.start(output, environment)) {
            server.answers(new Rest(port, "a-token-for-tests"));
            environment.put("WAVEGATE_HTTP_PORT", "0");
            try (ChildServer second = ChildServer.start(directory.resolve("second.log"), environment)) {
                assertThat(second.ended()).isEqualTo(70);
                assertThat(second.output()).contains("ledger");
            }
        }
    }

    private static String token(String output) {
        Matcher matcher = TOKEN.matcher(output);
        assertThat(matcher.find()).as(output).isTrue();
        return matcher.group(1);
    }
}
