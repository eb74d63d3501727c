package wavegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import wavegate.config.HttpSettings;
import wavegate.config.OidcSettings;
import wavegate.config.Secret;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.server.api.ApiServer;
import wavegate.server.api.CampaignDefaults;
import wavegate.server.api.FakeFleet;
import wavegate.server.api.access.Access;
import wavegate.server.api.access.TokenStore;

class CommandLineTest {
    private static final String TOKEN = "test-token-0123456789";
    private static final String A = "a".repeat(16);

    @TempDir
    private Path dir;

    private final FakeFleet fleet = new FakeFleet();
    private ApiServer api;
    private String url = "";

    private record Run(int code, String out, String err) {
        JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + out, e);
            }
        }
    }

    @BeforeEach
    void start() throws IOException {
        api = new ApiServer(
                fleet.ports(),
                HttpSettings.DEFAULT.at("127.0.0.1", 0),
                1 << 20,
                new Access(
                        TokenStore.open(
                                dir.resolve("tokens.json"),
                                new Secret(TOKEN),
                                InstantSource.system(),
                                new Random(2),
                                none -> {}),
                        OidcSettings.OFF,
                        InstantSource.system()),
                CampaignDefaults.STANDARD,
                InstantSource.system(),
                new Random(1));
        url = "http://127.0.0.1:" + api.start();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private Run bare(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WavegateCommand.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int code = line.execute(args);
        return new Run(code, out.toString(), err.toString());
    }

    private Run run(String... args) {
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(List.of("--server", url, "--token", TOKEN));
        return bare(all.toArray(String[]::new));
    }

    @Test
    void help_names_every_command_and_without_one_it_is_wrong_use() {
        Run help = bare("--help");

        assertThat(help.code()).isEqualTo(ExitCode.OK);
        assertThat(help.out()).contains("sim", "package", "device", "campaign", "kill", "Exit codes");
        assertThat(bare().code()).isEqualTo(ExitCode.USAGE);
        assertThat(bare("campaign").code()).isEqualTo(ExitCode.USAGE);
        assertThat(bare("campaign").err()).contains("preview", "decide", "updates");
        assertThat(bare("campain").code()).isEqualTo(ExitCode.USAGE);
        assertThat(bare("campain").err()).contains("campaign");
    }

    @Test
    void every_command_describes_itself() {
        assertDescribed(WavegateCommand.line());
    }

    private static void assertDescribed(CommandLine line) {
        String name = line.getCommandSpec().qualifiedName();
        assertThat(line.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
        line.getCommandSpec().args().forEach(argument -> assertThat(argument.description())
                .as(name + " " + argument.paramLabel())
                .isNotEmpty());
        line.getSubcommands().values().forEach(CommandLineTest::assertDescribed);
    }

    @Test
    void a_token_is_stripped_and_one_with_a_stray_character_is_refused_without_being_shown() {
        assertThat(bare("device", "list", "--server", url, "--token", " " + TOKEN + "\r\n")
                        .code())
                .isEqualTo(ExitCode.OK);
        for (String stray : List.of("\r", "\u0000", " ", "\u00e9", "\u200b")) {
            Run refused = bare("device", "list", "--server", url, "--token", "secret-head" + stray + "secret-tail");
            assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).contains("--token", "printable");
            assertThat(refused.out() + refused.err()).doesNotContain("secret-head", "secret-tail");
        }
    }

    @Test
    void a_server_that_is_not_there_is_exit_code_3_and_named() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }

        Run run = bare("campaign", "list", "--server", "http://127.0.0.1:" + free, "--token", "x");

        assertThat(run.code()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(run.err()).contains("no server at http://127.0.0.1:" + free, "WAVEGATE_URL");
    }

    @Test
    void a_wrong_or_missing_token_says_where_one_comes_from() {
        Run wrong = bare("device", "list", "--server", url, "--token", "wrong");
        Run missing = bare("device", "list", "--server", url, "--token", "");

        assertThat(wrong.code()).isEqualTo(ExitCode.FAILED);
        assertThat(wrong.err()).contains("does not take this token");
        assertThat(missing.err()).contains("WAVEGATE_TOKEN");
    }

    @Test
    void a_token_is_made_listed_rotated_and_revoked() {
        String made = run("token", "create", "--role", "viewer", "--expires-in", "90d", "ci")
                .out();
        String token = made.lines().findFirst().orElseThrow().replaceFirst(".*: ", "");
        String id = token.substring(3, 11);

        assertThat(token).matches("wg_[a-z2-7]{8}_[A-Za-z0-9_-]{43}");
        assertThat(run("token", "list").out()).contains(id, "viewer", "valid").doesNotContain(token);
        assertThat(run("token", "rotate", "--grace", "1h", id).out())
                .contains("shown this once")
                .doesNotContain(token);
        assertThat(bare("device", "list", "--server", url, "--token", token).code())
                .isEqualTo(ExitCode.OK);
        assertThat(run("token", "revoke", id).out()).contains("revoked: " + id);
        assertThat(bare("device", "list", "--server", url, "--token", token).code())
                .isEqualTo(ExitCode.FAILED);
    }

    @Test
    void a_url_that_is_none_is_wrong_use() {
        Run run = bare("device", "list", "--server", "nonsense");

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("\"nonsense\" (expected: like http://127.0.0.1:8080)");
    }

    @Test
    void a_package_is_uploaded_listed_and_revoked() throws IOException {
        Path file = Files.writeString(dir.resolve("app.wgp"), "good" + "x".repeat(1000));

        Run upload = run("package", "upload", file.toString());

        assertThat(upload.err()).isEmpty();
        assertThat(upload.out()).contains("b".repeat(16) + "  app 2.0  1000 bytes");
        assertThat(run("package", "list").out()).contains("ID", "b".repeat(16), "2.0", "no");
        assertThat(run("package", "revoke", "b".repeat(16)).code()).isEqualTo(ExitCode.OK);
        assertThat(run("package", "list", "--json")
                        .json()
                        .at("/items/0/revoked")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void a_file_that_is_missing_or_refused_is_exit_code_1_with_the_reason() throws IOException {
        Path bad = Files.writeString(dir.resolve("bad.wgp"), "evil");

        assertThat(run("package", "upload", bad.toString()).code()).isEqualTo(ExitCode.FAILED);
        assertThat(run("package", "upload", bad.toString()).err()).contains("signature: does not fit");
        assertThat(run("package", "upload", dir.resolve("none").toString()).err())
                .contains("no such file");
    }

    @Test
    void devices_are_listed_through_all_pages_and_filtered() {
        for (int i = 0; i < 25; i++) {
            fleet.aDevice(String.format("dev-%02d", i), i < 20 ? "eu" : "us", "m1", "1.0");
        }
        fleet.register("dev-03");

        Run all = run("device", "list", "--limit", "1005", "--json");
        Run some = run("device", "list", "--region", "us");

        assertThat(all.json().get("items")).hasSize(25);
        assertThat(some.out().lines()).hasSize(6);
        assertThat(run("device", "list", "--limit", "4").out().lines()).hasSize(5);
        assertThat(run("device", "list", "--limit", "5").out()).contains("127.0.0.1:40000");
    }

    @Test
    void a_device_is_shown_labelled_and_its_telemetry_and_updates_listed() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.append(new HealthReport(
                new Endpoint("dev-1"), FakeFleet.NOW, FakeFleet.NOW, Map.of(Metric.BATTERY_PERCENT, 81.0)));

        assertThat(run("device", "wake", "dev-1").out()).contains("dev-1: trigger sent");
        assertThat(run("device", "wake", "nobody").code()).isEqualTo(ExitCode.FAILED);
        Run label = run("device", "label", "dev-1", "--carrier", "one", "--tags", "lab,red");

        assertThat(label.out()).contains("region=eu carrier=one tags=lab,red");
        assertThat(run("device", "label", "dev-1", "--tags", "").out()).contains("carrier=one tags=-");
        assertThat(run("device", "show", "dev-1").out()).contains("\"carrier\" : \"one\"");
        assertThat(run("device", "telemetry", "dev-1").out()).contains("battery-percent=81.0");
        assertThat(run("device", "updates", "dev-1").out()).contains("CAMPAIGN");
        assertThat(run("device", "show", "dev-9").code()).isEqualTo(ExitCode.FAILED);
        assertThat(run("device", "show", "dev-9").err()).contains("no device \"dev-9\"");
    }

    @Test
    void a_preview_says_what_the_canary_cannot_see() {
        fleet.aPackage("a", "2.0");
        fleet.aDevice("dev-1", "eu", "m1", "1.0");

        Run preview = run("campaign", "preview", "--package", A);

        assertThat(preview.out())
                .contains(
                        "1 devices eligible, canary in region eu",
                        "left out: 1 already-there",
                        "the canary cannot find any crash ratio",
                        "HELD",
                        "note: The canary is too small.");
    }

    @Test
    void a_campaign_is_made_of_a_file_and_options_over_it() throws IOException {
        Path file = Files.writeString(
                dir.resolve("order.yaml"),
                """
                name: from file
                gate:
                  soak: 2h
                  looks: 2
                waves: {shares: [0.5, 1]}
                """);

        Run made = run(
                "campaign",
                "create",
                "--package",
                A,
                "--id",
                "c1",
                "--file",
                file.toString(),
                "--region",
                "eu",
                "--region",
                "us",
                "--set",
                "gate.soak=3h",
                "--set",
                "inFlight=50",
                "--set",
                "waves.shares=[0.2,1]",
                "--start",
                "--json");

        assertThat(made.err()).isEmpty();
        JsonNode campaign = made.json();
        assertThat(campaign.get("phase").asText()).isEqualTo("SCHEDULED");
        assertThat(campaign.at("/spec/name").asText()).isEqualTo("from file");
        assertThat(campaign.at("/spec/gate/soak").asText()).isEqualTo("3h");
        assertThat(campaign.at("/spec/gate/looks").asInt()).isEqualTo(2);
        assertThat(campaign.at("/spec/inFlight").asInt()).isEqualTo(50);
        assertThat(campaign.at("/spec/waves/shares/0").asDouble()).isEqualTo(0.2);
        assertThat(campaign.at("/spec/filter/regions")).hasSize(2);
    }

    @Test
    void an_order_that_cannot_be_read_is_wrong_use_and_one_that_is_refused_says_why() {
        assertThat(run("campaign", "create", "--file", dir.resolve("none").toString())
                        .code())
                .isEqualTo(ExitCode.USAGE);
        Run refused = run("campaign", "create", "--package", "xyz", "--set", "gate.soak=soon");
        assertThat(refused.code()).isEqualTo(ExitCode.FAILED);
        assertThat(refused.err()).contains("package id: \"xyz\"", "gate.soak: \"soon\"");
    }

    @Test
    void a_campaign_is_driven_and_a_conflict_names_what_is_allowed() {
        fleet.aCampaign("c1", CampaignPhase.RUNNING, held());

        assertThat(run("campaign", "pause", "c1", "--reason", "night").out()).contains("c1  PAUSED: night");
        Run conflict = run("campaign", "start", "c1");
        assertThat(conflict.code()).isEqualTo(ExitCode.FAILED);
        assertThat(conflict.err()).contains("PAUSED", "(allowed: resume, abort, rollback, decide)");
        assertThat(run("campaign", "resume", "c1").code()).isEqualTo(ExitCode.OK);
        assertThat(run("campaign", "decide", "c1", "0", "pass", "--reason", "looked")
                        .code())
                .isEqualTo(ExitCode.OK);
        assertThat(fleet.orders).contains("decide c1 0 PASS looked");
        assertThat(run("campaign", "abort", "c1", "--reason", "over").out()).contains("ABORTING");
        assertThat(run("campaign", "list").out()).contains("c1", "ABORTING", "over");
        assertThat(bare("campaign", "pause", "c1").code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void status_shows_waves_and_why() {
        fleet.aCampaign("c1", CampaignPhase.RUNNING, held());

        assertThat(run("campaign", "status", "c1").out())
                .contains(
                        "c1  RUNNING",
                        "0 canary",
                        "HELD",
                        "coverage 71 %",
                        "allowed: pause, abort, retry, rollback, decide");
        assertThat(run("campaign", "updates", "c1", "--phase", "FAILED").out()).contains("ENDPOINT");
        assertThat(run("campaign", "gates", "c1").code()).isEqualTo(ExitCode.OK);
        assertThat(run("campaign", "updates", "c1", "--phase", "ASLEEP").err()).contains("phase: \"ASLEEP\"");
    }

    @Test
    void filters_are_saved_listed_used_and_removed() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.aDevice("dev-2", "eu", "m1", "2.0");

        assertThat(run("filter", "save", "old", "firmware<1.4").out()).isEqualTo("old  firmware<1.4\n");
        assertThat(run("filter", "list").out()).contains("NAME", "old", "firmware<1.4");
        assertThat(run("device", "list", "--saved-filter", "old").out())
                .contains("dev-1")
                .doesNotContain("dev-2");
        assertThat(run("device", "list", "--filter", "firmware>=1.4").out())
                .contains("dev-2")
                .doesNotContain("dev-1");
        assertThat(run("filter", "remove", "old").out()).isEqualTo("old removed\n");
        assertThat(run("filter", "save", "old", "firmware<").err()).contains("cannot be read");
    }

    @Test
    void a_device_is_removed_with_or_without_its_credentials() {
        fleet.aDevice("dev-1", "eu", "m1", "1.0");
        fleet.aDevice("dev-2", "eu", "m1", "1.0");

        assertThat(run("device", "remove", "dev-1").out()).isEqualTo("dev-1 removed\n");
        assertThat(run("device", "remove", "dev-2", "--credentials").code()).isEqualTo(ExitCode.OK);
        assertThat(fleet.devices).isEmpty();
        assertThat(fleet.audited.toString()).contains("credentials=kept", "credentials=revoked");
        assertThat(run("device", "remove", "dev-1").code()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void a_campaign_is_submitted_approved_rejected_and_rolled_back() {
        fleet.aCampaign("c1", CampaignPhase.DRAFT);

        assertThat(run("campaign", "submit", "c1").out()).contains("c1  PENDING_APPROVAL");
        assertThat(run("campaign", "approve", "c1", "--reason", "fine").code()).isEqualTo(ExitCode.OK);
        assertThat(run("campaign", "reject", "c1", "--reason", "no").out()).contains("c1  DRAFT");
        fleet.aCampaign("c2", CampaignPhase.COMPLETED);
        assertThat(run("campaign", "rollback", "c2", "--package", A, "--reason", "bad")
                        .code())
                .isEqualTo(ExitCode.OK);
        assertThat(fleet.orders).containsExactly("approve c1 fine admin=true", "rollBack c2 Optional[" + A + "] bad");
        assertThat(bare("campaign", "approve", "c1").err()).contains("--reason");
    }

    @Test
    void a_filter_as_text_does_not_go_with_one_of_lists() throws IOException {
        Path order = Files.writeString(dir.resolve("order.yaml"), "package: " + A + "\nfilter: firmware<1.4\n");

        Run inFile = run("campaign", "create", "--file", order.toString(), "--region", "eu");
        Run given = run("campaign", "create", "--package", A, "--filter", "firmware<1.4", "--tag", "lab");

        for (Run each : List.of(inFile, given)) {
            assertThat(each.code()).isEqualTo(ExitCode.USAGE);
            assertThat(each.err()).contains("filter in RSQL: not with --region");
        }
        assertThat(run("campaign", "create", "--file", order.toString(), "--json")
                        .json()
                        .at("/spec/filter")
                        .asText())
                .isEqualTo("firmware<1.4");
    }

    @Test
    void updates_are_tried_again_and_called_off() {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        UpdateId id = new UpdateId(new CampaignId("c1"), new Endpoint("dev-1"));
        fleet.updates.put(
                id, Update.reserved(id, 0, new PackageId(A), "eu", "00", FirmwareVersion.of("2.0"), FakeFleet.NOW));

        assertThat(run("campaign", "retry", "c1", "--ended", "LOST,stalled", "--endpoint", "dev-1")
                        .out())
                .contains("2 updates have another attempt", "left as they are: busy 1");
        assertThat(run("campaign", "retry", "c1", "--force").err()).contains("why a closed image is tried again");
        assertThat(run("campaign", "retry", "c1", "--force", "--reason", "new board")
                        .code())
                .isEqualTo(ExitCode.OK);
        assertThat(run("campaign", "cancel", "c1", "dev-1", "--reason", "on the bench")
                        .out())
                .contains("dev-1");
        assertThat(fleet.orders).hasSize(3);
        assertThat(fleet.orders.get(0)).startsWith("retry c1 [LOST, stalled] [dev-1] force=false");
        assertThat(fleet.orders.get(1)).startsWith("retry c1 [] [] force=true");
        assertThat(fleet.orders.get(2)).startsWith("cancelUpdate c1/dev-1");
    }

    @Test
    void watching_ends_with_the_campaign_and_tells_how_by_its_exit_code() {
        ended("good", CampaignPhase.COMPLETED);
        ended("bad", CampaignPhase.ABORTED);

        assertThat(run("campaign", "status", "good", "--watch").code()).isEqualTo(ExitCode.OK);
        Run bad = run("campaign", "status", "bad", "--watch", "--json");
        assertThat(bad.code()).isEqualTo(ExitCode.FAILED);
        assertThat(bad.json().get("phase").asText()).isEqualTo("ABORTED");
    }

    private void ended(String id, CampaignPhase phase) {
        fleet.aCampaign(id, CampaignPhase.RUNNING);
        fleet.campaigns.computeIfPresent(
                new CampaignId(id),
                (key, status) -> new wavegate.server.rollout.CampaignStatus(
                        status.campaign().to(phase, "", FakeFleet.NOW),
                        status.notReserved(),
                        status.phases(),
                        status.reasons(),
                        status.lastGate(),
                        FakeFleet.NOW));
    }

    @Test
    void a_kill_switch_is_raised_listed_and_lifted() {
        Run kill = run("kill", "region", "eu", "--reason", "smoke");

        assertThat(kill.code()).isEqualTo(ExitCode.OK);
        assertThat(kill.out()).contains("stopped: region eu  (kill switch k1)", "31 updates called off, 4 applying");
        assertThat(run("kill", "list").out()).contains("k1", "region", "eu", "smoke");
        assertThat(run("kill", "lift", "k1", "--reason", "fire out").out()).contains("k1 lifted");
        assertThat(fleet.orders).containsExactly("lift k1 fire out");
        assertThat(run("kill", "all", "--reason", "x", "--json")
                        .json()
                        .at("/killSwitch/scope")
                        .asText())
                .isEqualTo("all");
        assertThat(bare("kill", "all").code()).isEqualTo(ExitCode.USAGE);
        assertThat(bare("kill", "all").err()).contains("--reason");
    }

    private static Wave held() {
        return new Wave(
                0,
                WavePhase.HELD,
                10,
                90,
                FakeFleet.NOW,
                FakeFleet.NOW,
                java.time.Instant.MAX,
                1,
                "coverage 71 % < 90 %");
    }

    @Test
    void credentials_are_added_rotated_imported_listed_and_revoked_and_no_key_is_an_argument() throws IOException {
        Path key = Files.writeString(dir.resolve("key.hex"), "000102030405060708090a0b0c0d0e0f\n");
        Run added = run("credential", "add", "m-1", "--identity", "id-1", "--key-file", key.toString());
        assertThat(added.err()).isEmpty();
        assertThat(added.out()).contains("m-1  psk id-1  ACTIVE").doesNotContain("000102030405");

        Run rotated = run("credential", "rotate", "m-1", "--identity", "id-2");
        assertThat(rotated.out()).containsPattern("key \\(shown this once\\): [0-9a-f]{32}\n");

        Path csv = Files.writeString(
                dir.resolve("fleet.csv"),
                "# endpoint,identity,key\nm-2,id-3,101112131415161718191a1b1c1d1e1f\nm-1,id-4,101112131415161718191a1b1c1d1e1f\nm-3,id-5,xyz\n");
        Run imported = run("credential", "import", csv.toString());
        assertThat(imported.code()).isEqualTo(ExitCode.FAILED);
        assertThat(imported.out())
                .contains("line 3: m-1: has a credential", "line 4: key:", "1 added, 2 refused")
                .doesNotContain("1011121314", "xyz");

        assertThat(run("credential", "list").out())
                .contains("m-1", "id-1", "RETIRING", "id-2", "ACTIVE", "m-2", "id-3")
                .doesNotContain("000102030405");
        assertThat(run("credential", "revoke", "m-1", "--reason", "lost").out()).isEqualTo("m-1 revoked\n");
        assertThat(run("credential", "list", "m-1", "--json")
                        .json()
                        .at("/items/0/state")
                        .asText())
                .isEqualTo("REVOKED");
        assertThat(run("credential", "rotate", "m-1", "--identity", "id-9").code())
                .isEqualTo(ExitCode.FAILED);
        assertThat(run("credential", "revoke", "m-9", "--reason", "lost").err()).contains("m-9: has no credential");
    }
}
