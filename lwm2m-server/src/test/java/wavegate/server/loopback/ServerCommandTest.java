package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
            Awaitility.await().atMost(java.time.Duration.ofSeconds(60)).until(() -> server.output()
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
