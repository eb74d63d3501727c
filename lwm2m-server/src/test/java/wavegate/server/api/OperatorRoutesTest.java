package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;

/** Filters, removal, other attempts, and what becomes of a campaign before it starts and after it has ended. */
class OperatorRoutesTest {
    private static final String A = "a".repeat(16);

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

    private static void assertProblem(ApiClient.Answer answer, int status, String code, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("type").asText()).isEqualTo("urn:wavegate:problem:" + code);
        assertThat(answer.text()).contains(detail);
    }

    private ApiClient.Answer posted(String path, String body, String header, String value) {
        return api.send(api.request("/api/v1" + path)
                .header("Content-Type", "application/json")
                .header(header, value)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private ApiClient.Answer put(String path, String body) {
        return api.method("PUT", path, body);
    }

    private void anUpdate(String endpoint) {
        UpdateId id = new UpdateId(new CampaignId("c1"), new Endpoint(endpoint));
        fleet.updates.put(
                id, Update.reserved(id, 0, new PackageId(A), "eu", "00", FirmwareVersion.of("2.0"), FakeFleet.NOW));
    }

    @Test
    void a_filter_is_saved_shown_used_and_removed() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.aDevice("dev-2", "eu", "m1", "1.4");
        fleet.aDevice("dev-3", "us", "m1", "1.0");

        assertThat(put("/filters/old", "{\"filter\": \"firmware<1.4\"}")
                        .json()
                        .get("filter")
                        .asText())
                .isEqualTo("firmware<1.4");
        assertThat(api.get("/filters").json().at("/items/0/name").asText()).isEqualTo("old");
        assertThat(api.get("/filters/old").json().get("filter").asText()).isEqualTo("firmware<1.4");
        assertThat(api.get("/devices?saved=old").json().get("items")).hasSize(2);
        JsonNode both = api.get("/devices?saved=old&filter=region==eu").json().get("items");
        assertThat(both).hasSize(1);
        assertThat(both.at("/0/endpoint").asText()).isEqualTo("dev-1");

        assertThat(api.method("DELETE", "/filters/old", "").status()).isEqualTo(200);
        assertProblem(api.get("/filters/old"), 404, "unknown-filter", "old");
        assertProblem(api.get("/devices?saved=old"), 404, "unknown-filter", "old");
        assertProblem(api.get("/devices?filter=colour==red"), 400, "invalid-parameter", "selector \\\"colour\\\"");
        assertProblem(put("/filters/new", "{\"filter\": \"firmware<\"}"), 422, "invalid-body", "cannot be read");
        assertThat(fleet.filters).isEmpty();
    }

    @Test
    void a_campaign_holds_what_a_saved_filter_says_when_it_is_made() {
        put("/filters/old", "{\"filter\": \"firmware<1.4\"}");
        ApiClient.Answer made =
                api.post("/campaigns", "{\"package\":\"" + A + "\",\"savedFilter\":\"old\",\"filter\":\"region==eu\"}");
        put("/filters/old", "{\"filter\": \"firmware<9\"}");

        assertThat(made.json().at("/spec/filter").asText()).isEqualTo("(firmware<1.4);(region==eu)");
        String id = made.json().get("id").asText();
        assertThat(api.get("/campaigns/" + id).json().at("/spec/filter").asText())
                .isEqualTo("(firmware<1.4);(region==eu)");
        assertProblem(
                api.post("/campaigns", "{\"package\":\"" + A + "\",\"savedFilter\":\"none\"}"),
                404,
                "unknown-filter",
                "none");
    }

    @Test
    void a_filter_that_is_too_long_with_the_saved_one_is_refused_by_name() {
        String half = "endpoint==" + "x".repeat(3000);
        put("/filters/long", "{\"filter\": \"" + half + "\"}");

        assertProblem(
                api.post(
                        "/campaigns",
                        "{\"package\":\"" + A + "\",\"savedFilter\":\"long\",\"filter\":\"" + half + "\"}"),
                422,
                "invalid-body",
                "savedFilter: with the filter beside it: filter of 6025 characters");
    }

    @Test
    void what_an_order_names_is_looked_up_on_a_worker() {
        fleet.aPackage("a", "2.0");
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        String order = "{\"id\":\"c9\",\"package\":\"" + A + "\"}";

        for (String[] call :
                new String[][] {{"POST", "/campaigns"}, {"POST", "/campaigns/actions/preview"}, {"PUT", "/campaigns/c9"}
                }) {
            fleet.lookedUpOn = "";
            api.method(call[0], call[1], order);
            assertThat(fleet.lookedUpOn).as(call[1]).startsWith("api");
        }
    }

    @Test
    void a_campaign_is_edited_submitted_approved_rejected_and_rolled_back() {
        fleet.aCampaign("c1", CampaignPhase.DRAFT);

        assertThat(api.post("/campaigns/c1/actions/submit", "")
                        .json()
                        .get("phase")
                        .asText())
                .isEqualTo("PENDING_APPROVAL");
        assertThat(api.post("/campaigns/c1/actions/approve", "{\"reason\":\"fine\"}")
                        .status())
                .isEqualTo(200);
        assertThat(api.post("/campaigns/c1/actions/reject", "{\"reason\":\"no\"}")
                        .json()
                        .get("phase")
                        .asText())
                .isEqualTo("DRAFT");
        api.post("/campaigns/c1/actions/submit", "");
        put("/filters/old", "{\"filter\": \"firmware<1.4\"}");
        ApiClient.Answer edited =
                put("/campaigns/c1", "{\"package\":\"" + A + "\",\"savedFilter\":\"old\",\"inFlight\":9,\"seed\":7}");
        assertThat(edited.status()).as(edited.text()).isEqualTo(200);
        fleet.aCampaign("c1", CampaignPhase.COMPLETED);
        ApiClient.Answer back =
                api.post("/campaigns/c1/actions/rollback", "{\"reason\":\"bad\",\"package\":\"" + A + "\"}");
        assertThat(back.status()).as(back.text()).isEqualTo(201);

        assertThat(fleet.orders)
                .contains(
                        "approve c1 fine admin=true",
                        "edit c1 in-flight=9 Optional[firmware<1.4]",
                        "rollBack c1 Optional[" + A + "] bad");
        assertThat(api.get("/audit?action=editCampaign")
                        .json()
                        .at("/items/0/details/after")
                        .asText())
                .contains("filter=firmware<1.4", "inFlight=9");
        assertProblem(
                put("/campaigns/c1", "{\"id\":\"c2\",\"package\":\"" + A + "\"}"), 422, "invalid-body", "\\\"c2\\\"");
        assertProblem(api.post("/campaigns/c1/actions/rollback", "{}"), 422, "invalid-body", "reason");
    }

    @Test
    void only_the_campaign_that_was_seen_is_rolled_back() {
        fleet.aCampaign("c1", CampaignPhase.COMPLETED);
        String body = "{\"reason\":\"bad\"}";

        assertProblem(
                posted("/campaigns/c1/actions/rollback", body, "If-Match", "\"0123456789abcdef\""),
                412,
                "changed-meanwhile",
                "c1");
        assertThat(fleet.orders).isEmpty();
        String seen = api.get("/campaigns/c1").headers().firstValue("ETag").orElseThrow();
        assertThat(posted("/campaigns/c1/actions/rollback", body, "If-Match", seen)
                        .status())
                .isEqualTo(201);
    }

    @Test
    void updates_are_tried_again_by_end_or_by_name_and_called_off() {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        anUpdate("dev-1");

        ApiClient.Answer some = posted(
                "/campaigns/c1/updates/actions/retry",
                "{\"reasons\":[\"LOST\",\"FAILED/stalled\"]}",
                "Idempotency-Key",
                "again-1");
        assertThat(some.text()).isEqualTo("{\"retried\":2,\"left\":{\"busy\":1},\"more\":0}");
        posted(
                "/campaigns/c1/updates/actions/retry",
                "{\"reasons\":[\"LOST\",\"FAILED/stalled\"]}",
                "Idempotency-Key",
                "again-1");
        api.post("/campaigns/c1/updates/dev-1/actions/retry", "{\"force\":true,\"reason\":\"new board\"}");
        ApiClient.Answer cancelled =
                api.post("/campaigns/c1/updates/dev-1/actions/cancel", "{\"reason\":\"on the bench\"}");

        assertThat(cancelled.json().get("endpoint").asText()).isEqualTo("dev-1");
        assertThat(fleet.orders).hasSize(3);
        assertThat(fleet.orders.get(0)).startsWith("retry c1 [FAILED/stalled, LOST] [] force=false");
        assertThat(fleet.orders.get(1)).startsWith("retry c1 [] [dev-1] force=true");
        assertThat(fleet.orders.get(2)).startsWith("cancelUpdate c1/dev-1");
        assertProblem(
                api.post("/campaigns/c1/updates/actions/retry", "{\"force\":true}"),
                422,
                "invalid-body",
                "why a closed image is tried again");
        assertProblem(api.post("/campaigns/c1/updates/dev-1/actions/cancel", "{}"), 422, "invalid-body", "reason");
    }

    @Test
    void a_device_is_removed_with_its_credentials_or_not_at_all() throws IOException {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.credentials.store().put(Use.LWM2M, new Credential.Psk("dev-1", "id-1", new byte[16]));
        fleet.credentials.store().put(Use.LWM2M, new Credential.Psk("dev-2", "id-2", new byte[16]));

        fleet.diskFull = true;
        assertProblem(
                api.method("DELETE", "/devices/dev-1?credentials=true", ""), 500, "storage-failed", "the server's log");
        assertThat(fleet.devices).containsKey(new Endpoint("dev-1"));
        fleet.diskFull = false;
        ApiClient.Answer removed = api.method("DELETE", "/devices/dev-1?credentials=true", "");

        assertThat(removed.text()).isEqualTo("{\"removed\":\"dev-1\",\"credentialsRevoked\":1}");
        assertThat(fleet.devices).isEmpty();
        assertThat(fleet.credentials.store().valid(Use.LWM2M, "dev-1")).isEmpty();
        assertProblem(api.method("DELETE", "/devices/dev-2?credentials=true", ""), 404, "unknown-device", "dev-2");
        assertThat(fleet.credentials.store().valid(Use.LWM2M, "dev-2")).hasSize(1);
    }

    @Test
    void a_device_is_removed_and_keeps_its_credentials() throws IOException {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.credentials.store().put(Use.LWM2M, new Credential.Psk("dev-1", "id-1", new byte[16]));

        assertThat(api.method("DELETE", "/devices/dev-1", "").text())
                .isEqualTo("{\"removed\":\"dev-1\",\"credentialsRevoked\":0}");
        assertThat(fleet.credentials.store().valid(Use.LWM2M, "dev-1")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE, /devices/dev-1, approver",
        "PUT, /filters/lab, viewer",
        "DELETE, /filters/lab, viewer",
        "PUT, /campaigns/c1, viewer",
        "POST, /campaigns/c1/actions/submit, viewer",
        "POST, /campaigns/c1/actions/approve, operator",
        "POST, /campaigns/c1/actions/reject, operator",
        "POST, /campaigns/c1/actions/rollback, operator",
        "POST, /campaigns/c1/updates/actions/retry, viewer",
        "POST, /campaigns/c1/updates/dev-1/actions/retry, viewer",
        "POST, /campaigns/c1/updates/dev-1/actions/cancel, viewer"
    })
    void the_role_below_the_least_one_may_not(String method, String path, String role) {
        String token = api.post("/tokens", "{\"name\":\"t\",\"role\":\"" + role + "\",\"expiresIn\":\"1h\"}")
                .json()
                .get("token")
                .asText();

        assertProblem(
                api.send(HttpRequest.newBuilder(URI.create(api.url() + "/api/v1" + path))
                        .header("Authorization", "Bearer " + token)
                        .method(method, BodyPublishers.noBody())
                        .build()),
                403,
                "forbidden",
                "role: " + role);
        assertThat(fleet.orders).isEmpty();
    }
}
