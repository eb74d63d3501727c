package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Arm;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.gate.MetricDecision;
import wavegate.firmware.gate.UpdateCounts;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.rollout.CampaignStatus;

class ApiServerTest {
    private static final String A = "a".repeat(16);

    private static final FakeFleet fleet = new FakeFleet();
    private static ApiClient api;

    @BeforeAll
    static void start() throws IOException {
        api = new ApiClient(fleet);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @BeforeEach
    void empty() {
        fleet.clear();
    }

    @Test
    void an_uploaded_envelope_becomes_a_package() {
        ApiClient.Answer made = upload("good" + "x".repeat(300_000), "application/octet-stream");

        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.headers().firstValue("Location")).contains("/api/v1/packages/" + "b".repeat(16));
        assertThat(made.json().get("sizeBytes").asLong()).isEqualTo(300_000);
        assertThat(api.get("/packages").json().get("items")).hasSize(1);
        assertThat(api.get("/packages/" + "b".repeat(16)).json().get("version").asText())
                .isEqualTo("2.0");
    }

    @Test
    void an_envelope_that_is_refused_says_why_and_is_no_package() {
        ApiClient.Answer refused = upload("evil" + "x".repeat(300_000), "application/octet-stream");

        assertProblem(refused, 422, "bad-signature", "signature: does not fit");
        assertThat(api.get("/packages").json().get("items")).isEmpty();
    }

    @Test
    void an_envelope_that_is_too_long_or_of_another_type_is_refused() {
        assertProblem(upload("good", "text/plain"), 415, "unsupported-media-type", "text/plain");
        assertProblem(
                upload("good" + "x".repeat(2 << 20), "application/octet-stream"), 413, "body-too-large", "1048576");
    }

    @Test
    void a_revoked_package_is_shown_as_revoked() {
        fleet.aPackage("a", "2.0");

        assertThat(api.post("/packages/" + A + "/actions/revoke", "")
                        .json()
                        .get("revoked")
                        .asBoolean())
                .isTrue();
        assertProblem(api.post("/packages/" + "c".repeat(16) + "/actions/revoke", ""), 404, "unknown-package", "cccc");
    }

    @Test
    void devices_are_filtered_and_paged() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.aDevice("dev-2", "eu", "m1", "1.0.0");
        fleet.aDevice("dev-3", "us", "m1", "1.0");
        fleet.aDevice("dev-4", "eu", "m2", "1.0");
        fleet.aDevice("dev-5", "eu", "m1", "2.0");

        JsonNode first =
                api.get("/devices?region=eu&model=m1&version=1.0&limit=1").json();
        JsonNode second = api.get("/devices?region=eu&model=m1&version=1.0&limit=1&cursor="
                        + first.get("next").asText())
                .json();

        assertThat(first.get("items")).hasSize(1);
        assertThat(first.at("/items/0/endpoint").asText()).isEqualTo("dev-1");
        assertThat(second.at("/items/0/endpoint").asText()).isEqualTo("dev-2");
        assertThat(second.get("next").asText()).isEmpty();
        assertThat(api.get("/devices?region=eu&region=us").json().get("items")).hasSize(5);
    }

    @Test
    void a_device_is_shown_with_its_registration() {
        fleet.aDevice("urn:dev-1", "eu", "m1", "1.0");
        assertThat(api.get("/devices/urn:dev-1").json().get("session").isNull()).isTrue();

        fleet.register("urn:dev-1");

        JsonNode device = api.get("/devices/urn:dev-1").json();
        assertThat(device.at("/session/lifetime").asText()).isEqualTo("5m");
        assertThat(device.at("/session/objects/5").asText()).isEqualTo("1.1");
        assertThat(device.at("/labels/region").asText()).isEqualTo("eu");
    }

    @Test
    void labels_are_patched_one_by_one() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");

        api.method("PATCH", "/devices/dev-1", "{\"carrier\":\"one\",\"tags\":[\"lab\"]}");
        JsonNode device = api.method("PATCH", "/devices/dev-1", "{\"region\":\"us\",\"tags\":[]}")
                .json();

        assertThat(device.at("/operatorLabels/region").asText()).isEqualTo("us");
        assertThat(device.at("/operatorLabels/carrier").asText()).isEqualTo("one");
        assertThat(device.at("/operatorLabels/tags")).isEmpty();
        assertThat(device.at("/labels/region").asText()).isEqualTo("us");
    }

    @Test
    void a_device_shows_what_client_it_is_taken_for_and_an_operator_outranks_that() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");

        JsonNode unknown = api.get("/devices/dev-1").json();
        JsonNode set = api.method("PATCH", "/devices/dev-1", "{\"clientProfile\":\"zephyr\"}")
                .json();
        JsonNode kept =
                api.method("PATCH", "/devices/dev-1", "{\"carrier\":\"one\"}").json();
        JsonNode taken = api.method("PATCH", "/devices/dev-1", "{\"clientProfile\":\"\"}")
                .json();

        assertThat(unknown.at("/client/profile").asText()).isEqualTo("careful");
        assertThat(unknown.at("/client/reason").asText()).isEqualTo("unknown client");
        assertThat(set.at("/client/profile").asText()).isEqualTo("zephyr");
        assertThat(set.at("/client/reason").asText()).isEqualTo("set by an operator");
        assertThat(kept.at("/operatorLabels/clientProfile").asText()).isEqualTo("zephyr");
        assertThat(taken.at("/client/profile").asText()).isEqualTo("careful");
    }

    @Test
    void updates_and_telemetry_of_a_device_are_listed() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        anUpdate("c1", "dev-1", 0);
        fleet.append(new HealthReport(
                new Endpoint("dev-1"),
                FakeFleet.NOW,
                FakeFleet.NOW,
                Map.of(Metric.CRASH_COUNT, 2.0, Metric.ENERGY_USED_MAH, 1.5)));

        JsonNode update = api.get("/devices/dev-1/updates").json().at("/items/0");
        JsonNode report = api.get("/devices/dev-1/telemetry?limit=5").json().at("/items/0");

        assertThat(update.get("phase").asText()).isEqualTo("IDLE");
        assertThat(update.get("detail").asText()).isEqualTo("reserved");
        assertThat(update.has("token")).isFalse();
        assertThat(report.at("/values/crash-count").asDouble()).isEqualTo(2);
        assertThat(report.at("/values/energy-used-mah").asDouble()).isEqualTo(1.5);
    }

    @Test
    void a_campaign_needs_only_its_package_and_takes_the_key_as_its_id() {
        HttpRequest.Builder request = api.request("/api/v1/campaigns")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "release-2");
        String body = "{\"package\":\"" + A + "\",\"seed\":5}";

        ApiClient.Answer first =
                api.send(request.POST(BodyPublishers.ofString(body)).build());
        ApiClient.Answer again =
                api.send(request.POST(BodyPublishers.ofString(body)).build());

        assertThat(first.status()).as(first.text()).isEqualTo(201);
        assertThat(first.json().get("id").asText()).isEqualTo("release-2");
        assertThat(first.json().get("phase").asText()).isEqualTo("DRAFT");
        assertThat(first.json().at("/spec/gate/soak").asText()).isEqualTo("24h");
        assertThat(again.status()).isEqualTo(201);
        assertThat(api.get("/campaigns").json().get("items")).hasSize(1);
        assertProblem(
                api.post("/campaigns", "{\"id\":\"release-2\",\"package\":\"" + A + "\",\"seed\":6}"),
                409,
                "campaign-exists",
                "release-2");
    }

    @Test
    void a_campaign_without_a_wished_id_is_given_one() {
        String id = api.post("/campaigns", "{\"package\":\"" + A + "\"}")
                .json()
                .get("id")
                .asText();

        assertThat(id).matches("c-[0-9a-f]{12}");
        assertThat(api.get("/campaigns/" + id).status()).isEqualTo(200);
    }

    @Test
    void what_was_shown_as_a_spec_is_accepted_as_an_order_of_the_same_campaign() {
        String order = "{\"package\":\"" + A
                + "\",\"name\":\"r 2\",\"filter\":{\"regions\":[\"eu\",\"us\"],\"versions\":[\"1.0\"]},"
                + "\"waves\":{\"canaryMin\":30,\"shares\":[0.2,1],\"fillDeadline\":\"PT90M\"},"
                + "\"gate\":{\"soak\":\"1h30m\",\"guardrailKills\":true,\"metrics\":["
                + "{\"id\":\"boots\",\"source\":\"boot-count\",\"role\":\"shadow\",\"alpha\":0.05,\"maxRatio\":4},"
                + "{\"id\":\"crash\",\"role\":\"required\",\"margin\":1.5}]},"
                + "\"update\":{\"delivery\":\"push\",\"poll\":\"250ms\"},"
                + "\"budget\":{\"bytesPerSecond\":1000,\"window\":\"22:00-05:30\"},\"inFlight\":7,\"expectedCrashRate\":0.5}";

        JsonNode first = api.post("/campaigns", order).json().get("spec");
        JsonNode second = api.post("/campaigns", first.toString()).json().get("spec");

        assertThat(second).isEqualTo(first);
        assertThat(first.at("/gate/metrics/0/source").asText()).isEqualTo("boot-count");
        assertThat(first.at("/gate/metrics/1/margin").asDouble()).isEqualTo(1.5);
        assertThat(first.at("/waves/fillDeadline").asText()).isEqualTo("1h30m");
        assertThat(first.at("/update/delivery").asText()).isEqualTo("push");
        assertThat(first.at("/update/poll").asText()).isEqualTo("250ms");
    }

    @Test
    void every_fault_of_an_order_is_named_at_once() {
        ApiClient.Answer refused = api.post(
                "/campaigns",
                "{\"package\":\"xyz\",\"gates\":{},\"gate\":{\"soak\":\"soon\",\"looks\":1.5,\"alpha\":1},"
                        + "\"waves\":{\"shares\":[0.5]},\"inFlight\":0}");

        assertProblem(refused, 422, "invalid-body", "xyz");
        List<String> errors = new ArrayList<>();
        refused.json().get("errors").forEach(error -> errors.add(error.asText()));
        assertThat(errors)
                .anyMatch(error -> error.startsWith("package id: \"xyz\" (expected: 16 lower-case hex digits)"))
                .anyMatch(error -> error.startsWith("gate.soak: \"soon\" (expected: a duration"))
                .anyMatch(error -> error.startsWith("gate.looks: 1.5 (expected: a whole number)"))
                .anyMatch(error -> error.startsWith("gate.alpha: unknown field"))
                .anyMatch(error -> error.startsWith("gates: unknown field (expected: one of id, package, name"))
                .anyMatch(error -> error.startsWith("waves.wave shares: [0.5] (expected: the last is 1.0)"))
                .anyMatch(error -> error.startsWith("in-flight budget: 0"));
    }

    @Test
    void a_preview_shows_waves_exclusions_and_what_the_canary_can_see() {
        fleet.aPackage("a", "2.0");
        fleet.aDevice("dev-1", "eu", "m1", "1.0");

        JsonNode plan = api.post("/campaigns/actions/preview", "{\"package\":\"" + A + "\"}")
                .json();

        assertThat(plan.at("/waves/0/size").asInt()).isEqualTo(1);
        assertThat(plan.at("/excluded/already-there").asInt()).isEqualTo(1);
        assertThat(plan.get("detectableRatio").isNull()).isTrue();
        assertThat(plan.get("ratioMet").asBoolean()).isFalse();
        assertProblem(
                api.post("/campaigns/actions/preview", "{\"package\":\"" + "d".repeat(16) + "\"}"),
                404,
                "unknown-package",
                "dddd");
    }

    @Test
    void a_campaign_is_started_paused_resumed_and_aborted() {
        api.post("/campaigns", "{\"id\":\"c1\",\"package\":\"" + A + "\"}");

        assertThat(phaseOf(api.post("/campaigns/c1/actions/start", ""))).isEqualTo("SCHEDULED");
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        ApiClient.Answer paused = api.post("/campaigns/c1/actions/pause", "{\"reason\":\"night\"}");
        assertThat(phaseOf(paused)).isEqualTo("PAUSED");
        assertThat(paused.json().get("reason").asText()).isEqualTo("night");
        assertThat(phaseOf(api.post("/campaigns/c1/actions/resume", ""))).isEqualTo("RUNNING");
        assertThat(phaseOf(api.post("/campaigns/c1/actions/abort", "{\"reason\":\"wrong package\"}")))
                .isEqualTo("ABORTING");
    }

    @Test
    void a_conflict_names_the_actions_that_are_allowed() {
        fleet.aCampaign("c1", CampaignPhase.PAUSED);

        ApiClient.Answer refused = api.post("/campaigns/c1/actions/start", "");

        assertProblem(refused, 409, "wrong-phase", "PAUSED");
        assertThat(refused.json().get("allowedActions")).hasSize(3);
        assertThat(refused.json().at("/allowedActions/0").asText()).isEqualTo("resume");
    }

    @Test
    void a_held_wave_is_decided_with_a_reason() {
        fleet.aCampaign("c1", CampaignPhase.RUNNING, heldWave());

        assertThat(api.get("/campaigns/c1").json().get("allowedActions").toString())
                .contains("decide");
        assertThat(api.post("/campaigns/c1/waves/0/actions/decide", "{\"verdict\":\"pass\",\"reason\":\"looked\"}")
                        .status())
                .isEqualTo(200);
        assertThat(fleet.orders).containsExactly("decide c1 0 PASS looked");
        assertProblem(
                api.post("/campaigns/c1/waves/0/actions/decide", "{\"verdict\":\"inconclusive\",\"reason\":\"x\"}"),
                422,
                "invalid-body",
                "verdict: \"inconclusive\" (expected: pass, fail or extend)");
        assertProblem(
                api.post("/campaigns/c1/waves/x/actions/decide", "{\"verdict\":\"pass\",\"reason\":\"x\"}"),
                400,
                "invalid-parameter",
                "n: \"x\"");
    }

    @Test
    void counters_waves_and_the_gate_of_a_campaign_are_shown() {
        CampaignStatus status = fleet.aCampaign("c1", CampaignPhase.RUNNING, heldWave());
        fleet.status(
                status,
                List.of(new EnumMap<>(Map.of(UpdatePhase.SUCCESS, 6, UpdatePhase.FAILED, 2))),
                Map.of("FAILED/integrity", 2),
                aDecision());

        JsonNode campaign = api.get("/campaigns/c1").json();

        assertThat(campaign.get("devices").asInt()).isEqualTo(10);
        assertThat(campaign.get("notReserved").asInt()).isEqualTo(2);
        assertThat(campaign.at("/phases/SUCCESS").asInt()).isEqualTo(6);
        assertThat(campaign.at("/reasons").get("FAILED/integrity").asInt()).isEqualTo(2);
        assertThat(campaign.at("/waves/0/phase").asText()).isEqualTo("HELD");
        assertThat(campaign.at("/waves/0/phases/FAILED").asInt()).isEqualTo(2);
        assertThat(campaign.at("/gate/metrics/0/figures/e-value").asDouble()).isEqualTo(3.5);
        assertThat(campaign.at("/gate/metrics/0/figures/ratio").isNull()).isTrue();
        assertThat(campaign.get("endedAt").isNull()).isTrue();
    }

    @Test
    void updates_of_a_campaign_are_filtered_by_phase_detail_and_wave_and_paged() {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        anUpdate("c1", "dev-1", 0);
        anUpdate("c1", "dev-2", 1);
        anUpdate("c1", "dev-3", 1);

        assertThat(api.get("/campaigns/c1/updates?phase=idle&phase=FAILED")
                        .json()
                        .get("items"))
                .hasSize(3);
        assertThat(api.get("/campaigns/c1/updates?phase=verify-post").json().get("items"))
                .isEmpty();
        assertThat(api.get("/campaigns/c1/updates?detail=reserved&wave=0")
                        .json()
                        .get("items"))
                .hasSize(1);
        JsonNode page = api.get("/campaigns/c1/updates?wave=1&limit=1").json();
        assertThat(page.at("/items/0/endpoint").asText()).isEqualTo("dev-2");
        assertThat(api.get("/campaigns/c1/updates?wave=1&limit=1&cursor="
                                + page.get("next").asText())
                        .json()
                        .at("/items/0/endpoint")
                        .asText())
                .isEqualTo("dev-3");
    }

    @Test
    void gate_decisions_are_shown_with_their_evidence() {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        MemberEvidence member = MemberEvidence.joining(new Endpoint("dev-1"), Arm.CANARY);
        fleet.judged.add(new Fact.GateJudged(
                FakeFleet.NOW,
                new CampaignId("c1"),
                new WaveEvidence(
                        9,
                        0,
                        FakeFleet.NOW,
                        FakeFleet.NOW,
                        FakeFleet.NOW,
                        1,
                        new UpdateCounts(10, 10, 9, 8, 1, 0, 0, 0),
                        List.of(member),
                        List.of()),
                aDecision()));

        JsonNode brief = api.get("/campaigns/c1/gates").json().at("/items/0");
        JsonNode full =
                api.get("/campaigns/c1/gates?members=true&limit=1").json().at("/items/0");

        assertThat(brief.get("verdict").asText()).isEqualTo("FAIL");
        assertThat(brief.at("/evidence/counts/settled").asInt()).isEqualTo(9);
        assertThat(brief.at("/evidence").has("members")).isFalse();
        assertThat(full.at("/evidence/members/0/endpoint").asText()).isEqualTo("dev-1");
        assertThat(full.at("/evidence/members/0/preRate").isNull()).isTrue();
    }

    @Test
    void a_kill_switch_raises_the_fence_answers_with_a_receipt_and_is_lifted_with_a_reason() {
        DispatchScope scope = new DispatchScope(new CampaignId("c1"), new PackageId(A), "eu");
        fleet.fence.dispatch(scope, () -> {});

        ApiClient.Answer made =
                api.post("/kill-switches", "{\"scope\":\"region\",\"value\":\"eu\",\"reason\":\"smoke\"}");

        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(fleet.fence.isUp(scope)).isTrue();
        assertThat(made.json().at("/killSwitch/scope").asText()).isEqualTo("region");
        assertThat(made.json().get("lastDispatchAt").asText()).isEqualTo(FakeFleet.NOW.toString());
        assertThat(made.json().get("cancelled").asInt()).isEqualTo(31);
        String id = made.json().at("/killSwitch/id").asText();
        JsonNode list = api.get("/kill-switches").json();
        assertThat(list.get("items")).hasSize(1);
        assertThat(list.get("receipts")).hasSize(1);
        assertProblem(api.method("DELETE", "/kill-switches/" + id, ""), 400, "invalid-parameter", "reason");
        assertThat(api.method("DELETE", "/kill-switches/" + id + "?reason=fire%20out", "")
                        .status())
                .isEqualTo(204);
        assertThat(fleet.orders).containsExactly("lift " + id + " fire out");
        assertProblem(
                api.method("DELETE", "/kill-switches/" + id + "?reason=again", ""), 404, "unknown-kill-switch", id);
    }

    @Test
    void every_call_that_changes_something_is_audited_with_who_what_and_what_came_of_it() {
        fleet.aPackage("a", "2.0");
        fleet.aCampaign("c1", CampaignPhase.RUNNING);

        api.post("/campaigns/actions/preview", "{\"package\":\"" + A + "\"}");
        api.get("/campaigns");
        api.post("/campaigns/c1/actions/pause", "{\"reason\":\"night\"}");
        api.post("/campaigns/c1/actions/start", "");
        api.method("DELETE", "/kill-switches/none?reason=why", "");

        JsonNode calls = api.get("/audit").json().get("items");
        assertThat(calls).hasSize(3);
        assertThat(calls.at("/2/action").asText()).isEqualTo("pauseCampaign");
        assertThat(calls.at("/2/subject").asText()).isEqualTo("campaigns/c1/actions/pause");
        assertThat(calls.at("/2/outcome").asText()).isEqualTo("done");
        assertThat(calls.at("/2/details/reason").asText()).isEqualTo("night");
        assertThat(calls.at("/2/details/from").asText()).isEqualTo("127.0.0.1");
        assertThat(calls.at("/1/outcome").asText()).isEqualTo("wrong-phase");
        assertThat(calls.at("/1/details/status").asText()).isEqualTo("409");
        assertThat(calls.at("/0/outcome").asText()).isEqualTo("unknown-kill-switch");
        assertThat(api.get("/audit?outcome=done&action=pauseCampaign").json().get("items"))
                .hasSize(1);
        assertThat(calls.toString()).doesNotContain(ApiClient.TOKEN);
    }

    @Test
    void refused_calls_cannot_fill_the_ledger() throws IOException {
        FakeFleet attacked = new FakeFleet();
        try (ApiClient client = new ApiClient(attacked)) {
            for (int i = 0; i < 300; i++) {
                client.send(HttpRequest.newBuilder(URI.create(client.url() + "/api/v1/kill-switches"))
                        .POST(BodyPublishers.ofString("{}"))
                        .build());
            }
            assertThat(attacked.audited).hasSizeBetween(20, 30);
            assertThat(attacked.audited.get(0).audited().actor()).isEqualTo("nobody");

            client.post("/kill-switches", "{\"scope\":\"world\",\"reason\":\"x\"}");

            assertThat(Integer.parseInt(
                            attacked.audited.get(0).audited().details().get("refusalsNotRecorded")))
                    .isGreaterThan(200);
        }
    }

    private static ApiClient.Answer posted(String path, String body, String header, String value) {
        return api.send(api.request("/api/v1" + path)
                .header("Content-Type", "application/json")
                .header(header, value)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    @Test
    void an_action_with_a_tag_applies_only_to_the_campaign_that_was_seen() {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        String seen = api.get("/campaigns/c1").headers().firstValue("ETag").orElseThrow();
        assertThat(api.get("/campaigns/c1").headers().firstValue("ETag")).contains(seen);

        ApiClient.Answer paused = posted("/campaigns/c1/actions/pause", "{\"reason\":\"a\"}", "If-Match", seen);
        ApiClient.Answer late = posted("/campaigns/c1/actions/resume", "", "If-Match", seen);

        assertThat(paused.status()).isEqualTo(200);
        assertThat(paused.headers().firstValue("ETag").orElseThrow()).isNotEqualTo(seen);
        assertProblem(late, 412, "changed-meanwhile", "c1");
        assertThat(phaseOf(api.get("/campaigns/c1"))).isEqualTo("PAUSED");
        assertThat(posted("/campaigns/c1/actions/resume", "", "If-Match", "*").status())
                .isEqualTo(200);
    }

    @Test
    void an_order_under_a_key_is_carried_out_once_and_another_under_the_same_key_is_refused() {
        String body = "{\"scope\":\"all\",\"reason\":\"fire\"}";

        ApiClient.Answer first = posted("/kill-switches", body, "Idempotency-Key", "k-1");
        ApiClient.Answer again = posted("/kill-switches", body, "Idempotency-Key", "k-1");
        ApiClient.Answer other = posted("/kill-switches", body.replace("fire", "smoke"), "Idempotency-Key", "k-1");

        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
        assertThat(fleet.receipts).hasSize(1);
        assertProblem(other, 422, "idempotency-key-reused", "k-1");
        assertThat(fleet.audited).hasSize(2);

        assertThat(posted("/kill-switches", "{\"scope\":\"x\"}", "Idempotency-Key", "k-2")
                        .status())
                .isEqualTo(422);
        assertThat(posted("/kill-switches", body, "Idempotency-Key", "k-2").status())
                .as("a refused order does not use up its key")
                .isEqualTo(201);
    }

    @Test
    void a_secret_is_not_kept_for_the_next_time_a_key_is_given() {
        String body = "{\"name\":\"ci\",\"role\":\"viewer\"}";

        assertThat(posted("/tokens", body, "Idempotency-Key", "t-1").status()).isEqualTo(201);
        assertProblem(posted("/tokens", body, "Idempotency-Key", "t-1"), 409, "already-done", "secret");
    }

    @Test
    void a_token_is_made_for_a_role_rotated_and_revoked() {
        ApiClient.Answer made = api.post("/tokens", "{\"name\":\"ci\",\"role\":\"viewer\",\"expiresIn\":\"1h\"}");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        String id = made.json().get("id").asText();
        String token = made.json().get("token").asText();

        assertThat(withToken(token, "GET", "/campaigns").status()).isEqualTo(200);
        assertProblem(
                withToken(token, "POST", "/campaigns"),
                403,
                "forbidden",
                "role: viewer (expected: operator or one above it)");
        assertProblem(withToken(token, "GET", "/tokens"), 403, "forbidden", "expected: admin)");
        String rotated = api.post("/tokens/" + id + "/actions/rotate", "")
                .json()
                .get("token")
                .asText();
        assertProblem(withToken(token, "GET", "/campaigns"), 401, "unauthorized", "not one of this server");
        assertThat(withToken(rotated, "GET", "/campaigns").status()).isEqualTo(200);
        assertThat(api.method("DELETE", "/tokens/" + id, "").status()).isEqualTo(204);
        assertProblem(withToken(rotated, "GET", "/campaigns"), 401, "unauthorized", "revoked");
        assertThat(api.get("/tokens").text()).contains(id).doesNotContain(token).doesNotContain(rotated);
        assertThat(fleet.audited.toString()).contains("createToken").doesNotContain(token.substring(12));
        assertProblem(api.post("/tokens", "{\"name\":\"\",\"role\":\"king\"}"), 422, "invalid-body", "role: \"king\"");
        assertProblem(api.post("/tokens", "{\"name\":\"\",\"role\":\"admin\"}"), 422, "invalid-body", "token name");
        assertProblem(api.method("DELETE", "/tokens/aaaaaaaa", ""), 404, "unknown-token", "aaaaaaaa");
    }

    private static ApiClient.Answer withToken(String token, String method, String path) {
        return api.send(HttpRequest.newBuilder(URI.create(api.url() + "/api/v1" + path))
                .header("Authorization", "Bearer " + token)
                .method(method, BodyPublishers.noBody())
                .build());
    }

    @Test
    void an_order_that_does_not_become_durable_is_answered_in_time() throws IOException {
        FakeFleet slow = new FakeFleet();
        slow.aCampaign("c1", CampaignPhase.RUNNING);
        slow.stuck = true;
        try (ApiClient client = new ApiClient(slow, Duration.ofMillis(200))) {
            assertProblem(
                    client.post("/campaigns/c1/actions/pause", "{\"reason\":\"x\"}"),
                    504,
                    "not-yet-durable",
                    "it may still happen");
        }
    }

    @Test
    void metrics_count_what_the_ports_say() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.register("dev-1");
        CampaignStatus status = fleet.aCampaign("c1", CampaignPhase.RUNNING, heldWave());
        fleet.status(status, List.of(new EnumMap<>(Map.of(UpdatePhase.SUCCESS, 6))), Map.of(), aDecision());

        String text = api.send(api.request("/metrics").build()).text();

        assertThat(text.lines())
                .contains(
                        "wavegate_devices 1",
                        "wavegate_registrations 1",
                        "wavegate_ledger_sequence 42",
                        "wavegate_campaigns{phase=\"RUNNING\"} 1",
                        "wavegate_updates{campaign=\"c1\",phase=\"SUCCESS\"} 6",
                        "wavegate_dispatches_refused_total 0",
                        "wavegate_invariant_violations_total{invariant=\"conservation\",number=\"6\"} 2",
                        "wavegate_transitions_ignored_total{machine=\"update\",phase=\"RETRY\",event=\"Hint\"} 3",
                        "# TYPE wavegate_datagrams_admitted_total counter",
                        "wavegate_datagrams_admitted_total{socket=\"coaps\"} 7",
                        "# TYPE wavegate_datagrams_shed_total counter",
                        "wavegate_datagrams_shed_total{socket=\"coaps\",reason=\"no-session\"} 3");
    }

    @Test
    void health_and_readiness_need_no_token() {
        assertThat(open("/healthz").status()).isEqualTo(200);
        assertThat(open("/readyz").status()).isEqualTo(200);

        fleet.ready = false;

        assertThat(open("/readyz").status()).isEqualTo(503);
        assertThat(open("/healthz").status()).isEqualTo(200);
    }

    @Test
    void the_page_is_served_with_a_policy_that_lets_it_reach_this_server_alone() {
        ApiClient.Answer page = open("/");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.type()).startsWith("text/html");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'")
                .doesNotContain("unsafe")
                .doesNotContain("http");
        assertThat(page.text()).contains("/ui/app.js").doesNotContain("//cdn").doesNotContain("<script>");
        for (String file : List.of("/ui/app.js", "/ui/view.js", "/ui/style.css", "/ui/icon.svg")) {
            ApiClient.Answer part = open(file);
            assertThat(part.status()).as(file).isEqualTo(200);
            String tag = part.headers().firstValue("ETag").orElseThrow();
            assertThat(api.send(HttpRequest.newBuilder(URI.create(api.url() + file))
                                    .header("If-None-Match", tag)
                                    .build())
                            .status())
                    .isEqualTo(304);
        }
    }

    static Stream<String[]> operations() throws IOException {
        List<String[]> operations = new ArrayList<>();
        document().get("paths").properties().forEach(path -> {
            for (String method : List.of("get", "post", "put", "patch", "delete")) {
                if (path.getValue().has(method)) {
                    operations.add(new String[] {method.toUpperCase(java.util.Locale.ROOT), path.getKey()});
                }
            }
        });
        return operations.stream();
    }

    private static String exampleOf(String path) {
        return path.replace("/packages/{id}", "/packages/" + A)
                .replace("/campaigns/{id}", "/campaigns/c1")
                .replace("/kill-switches/{id}", "/kill-switches/k1")
                .replace("/tokens/{id}", "/tokens/aaaaaaaa")
                .replace("/credential-rotations/{id}", "/credential-rotations/0123456789abcdef")
                .replace("{from}", A)
                .replace("{endpoint}", "dev-1")
                .replace("{name}", "lab")
                .replace("{n}", "0");
    }

    @ParameterizedTest
    @MethodSource("operations")
    void every_operation_of_the_document_needs_a_token(String method, String path) {
        HttpRequest bare = HttpRequest.newBuilder(URI.create(api.url() + "/api/v1" + exampleOf(path)))
                .method(method, BodyPublishers.noBody())
                .build();
        HttpRequest wrong = HttpRequest.newBuilder(bare.uri())
                .header("Authorization", "Bearer not-the-token")
                .method(method, BodyPublishers.noBody())
                .build();

        assertProblem(api.send(bare), 401, "unauthorized", "no token");
        assertProblem(api.send(wrong), 401, "unauthorized", "not one of this server");
        assertThat(api.send(bare).headers().firstValue("WWW-Authenticate")).isPresent();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void every_operation_of_the_document_is_answered_and_refuses_a_parameter_it_does_not_know(
            String method, String path) {
        ApiClient.Answer answer = api.method(method, exampleOf(path) + "?colour=red", "");

        assertThat(answer.type()).startsWith("application/problem+json");
        if (path.equals("/packages") && method.equals("POST")) {
            assertThat(answer.status()).as(answer.text()).isIn(400, 415);
        } else {
            assertProblem(answer, 400, "invalid-parameter", "colour");
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void another_method_on_a_known_path_is_405_with_those_that_do(String method, String path) {
        ApiClient.Answer answer = api.method("OPTIONS", exampleOf(path), "{}");

        assertProblem(answer, 405, "method-not-allowed", "OPTIONS");
        assertThat(answer.headers().firstValue("Allow").orElse("")).contains(method);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | /devices?limit=0 | 400 | limit: \"0\" (expected: a whole number, 1 to 1000)",
                "GET | /devices?limit=1001 | 400 | limit: \"1001\"",
                "GET | /devices?limit=ten | 400 | limit: \"ten\"",
                "GET | /devices?cursor=%25%25 | 400 | cursor: \"%%\"",
                "GET | /devices/a%20b | 400 | endpoint: endpoint: \"a b\"",
                "GET | /devices/nobody | 404 | no device \"nobody\"",
                "GET | /devices/nobody/updates | 404 | no device \"nobody\"",
                "GET | /devices/nobody/telemetry | 404 | no device \"nobody\"",
                "GET | /packages/xyz | 400 | package id: \"xyz\"",
                "GET | /packages/0123456789abcdef | 404 | no package \"0123456789abcdef\"",
                "GET | /campaigns/Nope | 400 | campaign id: \"Nope\"",
                "GET | /campaigns/nope | 404 | no campaign \"nope\"",
                "GET | /campaigns/nope/updates | 404 | no campaign \"nope\"",
                "GET | /campaigns/nope/gates | 404 | no campaign \"nope\"",
                "GET | /campaigns/nope/updates?phase=SLEEPING | 400 | phase: \"SLEEPING\" (expected: one of idle,",
                "GET | /campaigns/nope/updates?wave=-1 | 400 | wave: \"-1\"",
                "GET | /campaigns/nope/gates?members=perhaps | 400 | members: \"perhaps\"",
                "POST | /campaigns/nope/actions/start | 404 | no campaign \"nope\"",
                "GET | /nothing | 404 | /api/v1/nothing",
                "GET | /campaigns/c1/actions | 404 | /api/v1/campaigns/c1/actions",
            })
    void bad_input_is_refused_by_name(String method, String path, int status, String detail) {
        ApiClient.Answer answer = api.method(method, path, "");

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.detail()).contains(detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /campaigns | {} | 422 | package: missing (expected: text)",
                "POST | /campaigns | [] | 400 | body: ARRAY (expected: a JSON object)",
                "POST | /campaigns | {\"package\": | 400 | body:",
                "POST | /campaigns | {} {} | 400 | body:",
                "POST | /campaigns | {\"package\":1} | 422 | package: 1 (expected: text)",
                "POST | /campaigns/actions/preview | {\"filter\":[]} | 422 | filter: [] (expected: an object)",
                "POST | /campaigns/c1/actions/pause | {} | 422 | reason: missing",
                "POST | /campaigns/c1/actions/pause | {\"reason\":\" \"} | 422 | reason: 0 characters",
                "POST | /campaigns/c1/actions/start | {\"now\":true} | 422 | now: unknown field",
                "POST | /kill-switches | {\"scope\":\"world\",\"reason\":\"x\"} | 422 | scope: \"world\" (expected: one of campaign,",
                "POST | /kill-switches | {\"scope\":\"all\",\"value\":\"x\",\"reason\":\"x\"} | 422 | kill switch of all: \"x\"",
                "POST | /kill-switches | {\"scope\":\"all\"} | 422 | reason: missing",
                "PATCH | /devices/dev-1 | {\"region\":\"a b\"} | 422 | region: \"a b\"",
                "PATCH | /devices/dev-1 | {\"tags\":[1]} | 422 | tags: [1] (expected: a list of texts)",
                "PATCH | /devices/dev-1 | {\"colour\":\"red\"} | 422 | colour: unknown field (expected: one of region, carrier, tags, clientProfile)",
                "PATCH | /devices/dev-1 | {\"clientProfile\":\"zephir\"} | 422 | clientProfile: \"zephir\" (expected: one of careful, zephyr, or nothing)",
                "PATCH | /devices/nobody | {\"region\":\"eu\"} | 404 | no device \"nobody\"",
            })
    void a_bad_body_is_refused_by_name(String method, String path, String body, int status, String detail) {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");

        ApiClient.Answer answer = api.method(method, path, body);

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.detail()).contains(detail);
    }

    @Test
    void a_body_that_is_too_long_of_another_type_or_missing_is_refused() {
        assertProblem(
                api.post("/campaigns", "{\"name\":\"" + "x".repeat(70_000) + "\"}"), 413, "body-too-large", "64KiB");
        assertProblem(
                api.send(api.request("/api/v1/campaigns")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("package=1"))
                        .build()),
                415,
                "unsupported-media-type",
                "application/x-www-form-urlencoded");
        assertProblem(api.post("/campaigns", ""), 400, "malformed-body", "no body");
    }

    @Test
    void the_schemas_of_the_document_name_the_fields_that_are_read_and_shown() throws IOException {
        JsonNode schemas = document().at("/components/schemas");
        CampaignStatus status = fleet.aCampaign("c1", CampaignPhase.RUNNING, heldWave());
        fleet.status(status, List.of(new EnumMap<>(Map.of(UpdatePhase.SUCCESS, 6))), Map.of(), aDecision());
        JsonNode campaign = api.get("/campaigns/c1").json();
        JsonNode spec = campaign.get("spec");

        assertThat(names(campaign)).isEqualTo(names(schemas.at("/Campaign/properties")));
        assertThat(names(campaign.at("/waves/0"))).isEqualTo(names(schemas.at("/Wave/properties")));
        assertThat(names(spec.get("filter"))).isEqualTo(names(schemas.at("/DeviceFilter/properties")));
        assertThat(names(spec.get("waves"))).isEqualTo(names(schemas.at("/WavePlan/properties")));
        assertThat(names(spec.get("gate"))).isEqualTo(names(schemas.at("/GatePolicy/properties")));
        assertThat(names(spec.get("update"))).isEqualTo(names(schemas.at("/UpdatePolicy/properties")));
        fleet.aPackage("a", "2.0");
        assertThat(names(api.get("/packages/" + A).json())).isEqualTo(names(schemas.at("/Package/properties")));
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.register("dev-1");
        JsonNode device = api.get("/devices/dev-1").json();
        assertThat(names(device)).isEqualTo(names(schemas.at("/Device/properties")));
        assertThat(names(device.get("session"))).isEqualTo(names(schemas.at("/Session/properties")));
        anUpdate("c1", "dev-1", 0);
        assertThat(names(api.get("/devices/dev-1/updates").json().at("/items/0")))
                .isEqualTo(names(schemas.at("/Update/properties")));
        List<String> phases = new ArrayList<>();
        schemas.at("/UpdatePhase/enum").forEach(phase -> phases.add(phase.asText()));
        assertThat(phases)
                .containsExactly(Stream.of(UpdatePhase.values()).map(Enum::name).toArray(String[]::new));
    }

    @Test
    void the_document_is_served_as_it_lies_on_the_class_path() throws IOException {
        assertThat(new ObjectMapper(new YAMLFactory())
                        .readTree(open("/openapi.yaml").text()))
                .isEqualTo(document());
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        names.sort(null);
        return names;
    }

    private static JsonNode document() throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(LivePage.bytes("/wavegate/api/openapi.yaml"));
    }

    private ApiClient.Answer open(String path) {
        return api.send(HttpRequest.newBuilder(URI.create(api.url() + path)).build());
    }

    private ApiClient.Answer upload(String content, String type) {
        return api.send(api.request("/api/v1/packages")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(content))
                .build());
    }

    private static String phaseOf(ApiClient.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().get("phase").asText();
    }

    private static void assertProblem(ApiClient.Answer answer, int status, String code, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.json().get("type").asText()).isEqualTo("urn:wavegate:problem:" + code);
        assertThat(answer.json().get("status").asInt()).isEqualTo(status);
        assertThat(answer.detail()).contains(detail);
    }

    private void anUpdate(String campaign, String endpoint, int wave) {
        UpdateId id = new UpdateId(new CampaignId(campaign), new Endpoint(endpoint));
        fleet.updates.put(
                id, Update.reserved(id, wave, new PackageId(A), "eu", "00", FirmwareVersion.of("2.0"), FakeFleet.NOW));
    }

    private static Wave heldWave() {
        return new Wave(
                0, WavePhase.HELD, 10, 90, FakeFleet.NOW, FakeFleet.NOW, Instant.MAX, 1, "coverage 71 % < 90 %");
    }

    private static GateDecision aDecision() {
        return new GateDecision(
                9,
                0,
                FakeFleet.NOW,
                Verdict.FAIL,
                false,
                "crashes",
                1,
                List.of(new MetricDecision(
                        "crash", Verdict.FAIL, "ten times as often", Map.of("e-value", 3.5, "ratio", Double.NaN))));
    }
}
