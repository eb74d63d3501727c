package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.rollout.RolloutInput;

class TelemetryRoutesTest {
    private static final FakeFleet fleet = new FakeFleet();
    private static final ApiClient api = startedClient();

    private static ApiClient startedClient() {
        try {
            return new ApiClient(fleet);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @BeforeEach
    void twoDevices() {
        fleet.clear();
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.aDevice("unwatched", "eu", "m1", "1.0");
    }

    private static JsonNode post(String type, String body) {
        ApiClient.Answer answer = api.send(api.request("/api/v1/telemetry")
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void a_list_of_reports_is_stored_and_told_to_the_gates_that_watch() {
        JsonNode taken = post(
                "application/json",
                """
                [{"endpoint": "dev-1", "at": 1000, "values": {"crash-count": 3, "energy-used-mah": 1.5}},
                 {"endpoint": "unwatched", "values": {"battery-percent": 80}}]""");

        assertThat(taken.get("taken").asInt()).isEqualTo(2);
        assertThat(taken.get("faults")).isEmpty();
        assertThat(fleet.told).hasSize(1);
        RolloutInput.HealthReported told = (RolloutInput.HealthReported) fleet.told.get(0);
        assertThat(told.report().endpoint().name()).isEqualTo("dev-1");
        assertThat(told.report().value(Metric.CRASH_COUNT)).hasValue(3);
        assertThat(told.report().deviceTime())
                .as("1970 is not believed")
                .isEqualTo(told.report().receivedAt());
    }

    @Test
    void a_bad_line_takes_no_other_with_it_and_is_named() {
        JsonNode taken = post(
                "application/x-ndjson",
                """
                {"endpoint": "dev-1", "values": {"crash-count": 1}}
                no json
                {"endpoint": "nobody", "values": {"crash-count": 1}}

                {"endpoint": "dev-1", "values": {"crash-count": -1}}
                {"endpoint": "dev-1", "values": {"crashes": 1}}
                {"endpoint": "dev-1", "boot": 3, "values": {"crash-count": 1}}
                {"endpoint": "dev-1", "values": {"crash-count": 2}}
                """);

        assertThat(taken.get("taken").asInt()).isEqualTo(2);
        assertThat(taken.get("refused").asInt()).isEqualTo(5);
        assertThat(taken.get("faults").findValuesAsText("row")).containsExactly("2", "3", "5", "6", "7");
        assertThat(taken.at("/faults/1/fault").asText()).contains("nobody", "a device that has been seen");
        assertThat(taken.at("/faults/2/fault").asText()).contains("values.crash-count", "0 or more");
        assertThat(taken.at("/faults/3/fault").asText()).contains("crashes", "crash-count");
        assertThat(taken.at("/faults/4/fault").asText()).contains("seq");
    }

    @Test
    void a_report_sent_again_counts_once_by_boot_and_number_or_by_time() {
        String numbered = "{\"endpoint\": \"dev-1\", \"boot\": 7, \"seq\": 2, \"values\": {\"crash-count\": 1}}";
        String timed = "{\"endpoint\": \"dev-1\", \"at\": \"2026-05-01T12:00:00Z\", \"values\": {\"crash-count\": 1}}";

        JsonNode first = post("application/x-ndjson", numbered + "\n" + timed);
        JsonNode again =
                post("application/x-ndjson", numbered + "\n" + timed + "\n" + numbered.replace(": 2,", ": 3,"));

        assertThat(first.get("taken").asInt()).isEqualTo(2);
        assertThat(again.get("doubled").asInt()).isEqualTo(2);
        assertThat(again.get("taken").asInt()).isEqualTo(1);
        assertThat(fleet.told).hasSize(3);
    }

    @Test
    void what_is_no_json_is_refused_whole() {
        ApiClient.Answer cut = api.send(api.request("/api/v1/telemetry")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("[{\"endpoint\": "))
                .build());
        ApiClient.Answer other = api.send(api.request("/api/v1/telemetry")
                .header("Content-Type", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build());

        assertThat(cut.status()).isEqualTo(400);
        assertThat(other.status()).isEqualTo(415);
    }
}
