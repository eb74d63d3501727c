package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.CampaignPhase;

class CampaignEventsTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final FakeFleet fleet = new FakeFleet();
    private ApiClient api;

    @BeforeEach
    void start() throws IOException {
        api = new ApiClient(fleet);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    /** Reads a stream on a thread of its own. */
    private final class Reader implements AutoCloseable {
        final List<String> lines = new CopyOnWriteArrayList<>();
        final AtomicBoolean ended = new AtomicBoolean();
        private final InputStream body;

        Reader() throws IOException, InterruptedException {
            this(ApiClient.TOKEN);
        }

        Reader(String token) throws IOException, InterruptedException {
            HttpRequest request = api.request("/api/v1/events")
                    .setHeader("Authorization", "Bearer " + token)
                    .build();
            HttpResponse<InputStream> response = api.http().send(request, HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
            body = response.body();
            Thread thread = new Thread(this::read, "event-reader");
            thread.setDaemon(true);
            thread.start();
        }

        private void read() {
            try (var reader = new java.io.BufferedReader(new java.io.InputStreamReader(body, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    lines.add(line);
                }
            } catch (IOException e) {
                // The test closed the stream, or the server did.
            }
            ended.set(true);
        }

        long count(String part) {
            return lines.stream().filter(line -> line.contains(part)).count();
        }

        void awaitLine(String part) {
            await("\"" + part + "\" among " + lines).atMost(LIMIT).until(() -> count(part) > 0);
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    @Test
    void a_new_client_is_told_everything_and_then_what_changes_once() throws Exception {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        fleet.aCampaign("c2", CampaignPhase.PAUSED);
        try (Reader reader = new Reader()) {
            reader.awaitLine("\"id\":\"c1\"");
            reader.awaitLine("\"id\":\"c2\"");
            reader.awaitLine("event: kill-switches");

            api.post("/campaigns/c1/actions/pause", "{\"reason\":\"night\"}");
            reader.awaitLine("\"reason\":\"night\"");
            api.post("/kill-switches", "{\"scope\":\"all\",\"reason\":\"fire\"}");
            reader.awaitLine("\"reason\":\"fire\"");

            assertThat(reader.count("\"id\":\"c1\"")).isEqualTo(2);
            assertThat(reader.count("\"id\":\"c2\"")).isEqualTo(1);
            assertThat(reader.count("event: kill-switches")).isEqualTo(2);
        }
    }

    @Test
    void a_second_client_is_told_everything_too() throws Exception {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        try (Reader first = new Reader()) {
            first.awaitLine("\"id\":\"c1\"");
            try (Reader second = new Reader()) {
                second.awaitLine("\"id\":\"c1\"");
            }
            assertThat(first.count("\"id\":\"c1\"")).isEqualTo(1);
        }
    }

    @Test
    void a_client_that_comes_when_none_was_listening_sees_what_is_true_now() throws Exception {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        try (Reader first = new Reader()) {
            first.awaitLine("\"id\":\"c1\"");
        }
        fleet.aCampaign("c1", CampaignPhase.COMPLETED);

        try (Reader second = new Reader()) {
            second.awaitLine("\"phase\":\"COMPLETED\"");
        }
    }

    @Test
    void a_stream_whose_token_was_revoked_ends_and_the_others_go_on() throws Exception {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        var made =
                api.post("/tokens", "{\"name\":\"guest\",\"role\":\"viewer\"}").json();
        try (Reader stays = new Reader();
                Reader ends = new Reader(made.get("token").asText())) {
            stays.awaitLine("\"id\":\"c1\"");
            ends.awaitLine("\"id\":\"c1\"");

            assertThat(api.method("DELETE", "/tokens/" + made.get("id").asText(), "")
                            .status())
                    .isEqualTo(204);
            await().atMost(LIMIT).untilTrue(ends.ended);

            for (String reason : List.of("first", "second")) {
                api.post("/kill-switches", "{\"scope\":\"all\",\"reason\":\"" + reason + "\"}");
                stays.awaitLine("\"reason\":\"" + reason + "\"");
            }
            assertThat(ends.count("\"reason\":\"first\"")).isZero();
        }
    }

    @Test
    void the_stream_ends_when_the_server_closes() throws Exception {
        try (Reader reader = new Reader()) {
            reader.awaitLine("event: kill-switches");

            api.close();

            await().atMost(LIMIT).untilTrue(reader.ended);
        }
    }
}
