package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders under an Idempotency-Key, sent again to a server that was started since. */
class KeysOverRestartTest {
    private static final String STOP = "{\"scope\": \"all\", \"reason\": \"fire\"}";
    private static final String CREDENTIAL = "{\"endpoint\": \"m-1\", \"identity\": \"id-1\"}";

    @TempDir
    Path directory;

    /** Status and all of the answer. */
    private static String post(Rest rest, String path, String body, String key) throws IOException {
        return rest.raw("POST", path, body, Map.of("Idempotency-Key", key));
    }

    @Test
    void what_was_carried_out_before_a_restart_is_not_carried_out_again() throws Exception {
        String token;
        try (WholeServer first = new WholeServer(directory)) {
            token = first.token;
            assertThat(post(first.rest, "/kill-switches", STOP, "k-1")).startsWith("201");
            String id = first.rest
                    .get("/kill-switches")
                    .path("items")
                    .path(0)
                    .path("id")
                    .asText();
            assertThat(first.rest.raw("DELETE", "/kill-switches/" + id + "?reason=over", "", Map.of()))
                    .startsWith("204");
            assertThat(post(first.rest, "/credentials", CREDENTIAL, "k-2")).startsWith("201");
            assertThat(post(first.rest, "/credentials", CREDENTIAL, "k-3"))
                    .as("refused")
                    .startsWith("409");
        }
        try (WholeServer second = new WholeServer(directory)) {
            Rest rest = new Rest(second.server.httpPort(), token);

            assertThat(post(rest, "/kill-switches", STOP, "k-1"))
                    .startsWith("409")
                    .contains("already-done", "kill-switches/");
            assertThat(rest.get("/kill-switches").path("items"))
                    .as("lifted and not raised again")
                    .isEmpty();
            assertThat(post(rest, "/kill-switches", STOP.replace("fire", "smoke"), "k-1"))
                    .startsWith("422")
                    .contains("idempotency-key-reused");
            assertThat(post(rest, "/credentials", CREDENTIAL, "k-2"))
                    .startsWith("409")
                    .contains("already-done");
            assertThat(post(rest, "/kill-switches", STOP, "k-3"))
                    .as("a refused order does not use up its key")
                    .startsWith("201");
        }
    }
}
