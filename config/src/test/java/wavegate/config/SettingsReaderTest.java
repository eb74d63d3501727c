package wavegate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
    private static final Map<String, String> NO_ENV = Map.of();

    /** Another valid value for every key: what shows that the key is read, and lands where it should. */
    private static Map<String, String> otherValues() {
        Map<String, String> other = new HashMap<>();
        for (SettingsKeys.Key key : SettingsKeys.defaults()) {
            String value;
            if (key.type() == boolean.class) {
                value = key.value().equals("true") ? "false" : "true";
            } else if (key.type() == int.class) {
                value = String.valueOf(Integer.parseInt(key.value()) + 1);
            } else if (key.type() == double.class) {
                value = String.valueOf(Double.parseDouble(key.value()) * 0.9 + 0.01);
            } else if (key.type() == Duration.class) {
                value = Durations.format(Durations.parse(key.value()).plusHours(80));
            } else if (key.type() == DataSize.class) {
                value = new DataSize(DataSize.parse(key.value()).bytes() * 2).toString();
            } else if (key.type() == List.class) {
                value = "0.3,1.0";
            } else if (key.type() == CredentialSettings.Clones.class) {
                value = "revoke";
            } else if (key.type() == ClassRuleSettings.Approver.class) {
                value = "admin";
            } else if (key.type() == UpdateSettings.Delivery.class) {
                value = "push";
            } else if (key.type() == Secret.class) {
                value = "0123456789abcdef";
            } else if (key.name().equals("public-uri")) {
                value = "coaps://fota.example:5684";
            } else {
                value = "other-" + key.value();
            }
            other.put(key.name(), value);
        }
        other.put("coaps.enabled", "true");
        other.put("http.oidc.leeway", "2m");
        other.put("delivery.ack-timeout", "10s");
        other.put("mqtt.uri", "mqtts://broker.example:8883");
        other.put("delivery.http.public-uri", "http://fota.example");
        other.put("ledger.checkpoint-url", "https://witness.example/wavegate");
        other.put("delivery.https.public-uri", "https://fota.example:8443");
        other.put("http.oidc.algorithms", "ES256");
        other.put("http.oidc.roles", "others=viewer");
        other.put("gate.soak-max", "300h");
        other.put("schedule.zones", "eu=Europe/Berlin us=America/New_York");
        other.put("update.backoff-max", "300h");
        return other;
    }

    @Test
    void every_default_is_what_is_written_here() {
        assertThat(SettingsKeys.lines(SettingsReader.parse("", NO_ENV)))
                .containsExactly(
                        "data-dir = data",
                        "public-uri = ",
                        "token = ",
                        "coap.enabled = false",
                        "coap.host = 127.0.0.1",
                        "coap.port = 5683",
                        "coap.allow-beyond-loopback = false",
                        "coaps.enabled = true",
                        "coaps.host = 127.0.0.1",
                        "coaps.port = 5684",
                        "coaps.private-key = ",
                        "coaps.certificate = ",
                        "coaps.tenants = tenants",
                        "coaps.max-life = 720h",
                        "coaps.connection-id-length = 6",
                        "coaps.max-connections = 150000",
                        "coaps.keep-connections = true",
                        "oscore.enabled = false",
                        "oscore.host = 127.0.0.1",
                        "oscore.port = 5685",
                        "limits.source-rate = 2000",
                        "limits.source-burst = 8000",
                        "limits.stranger-rate = 10000",
                        "limits.stranger-burst = 40000",
                        "limits.known-rate = 20000",
                        "limits.source-hellos = 200",
                        "limits.hellos = 4000",
                        "limits.handshakes = 4096",
                        "limits.source-handshakes = 512",
                        "limits.backlog = 16384",
                        "limits.remembered = 8192",
                        "limits.bodies = 512",
                        "limits.device-bodies = 2",
                        "limits.body = 16384",
                        "limits.registrations = 150000",
                        "limits.source-registrations = 512",
                        "limits.new-names-per-minute = 60000",
                        "limits.source-new-names-per-minute = 512",
                        "limits.crowded-new-names-per-minute = 600",
                        "limits.links = 64",
                        "limits.min-lifetime = 1m",
                        "limits.max-lifetime = 168h",
                        "http.host = 127.0.0.1",
                        "http.port = 8080",
                        "http.allow-plain-beyond-loopback = false",
                        "http.max-body = 1MiB",
                        "http.answer-within = 30s",
                        "http.event-interval = 250ms",
                        "http.tls.certificate = ",
                        "http.tls.key = ",
                        "http.tls.reload = 30s",
                        "http.oidc.issuer = ",
                        "http.oidc.audience = ",
                        "http.oidc.keys = ",
                        "http.oidc.refresh = 10m",
                        "http.oidc.leeway = 30s",
                        "http.oidc.algorithms = RS256,ES256,EdDSA",
                        "http.oidc.role-claim = roles",
                        "http.oidc.roles = ",
                        "http.limits.connections = 1000",
                        "http.limits.requests-per-second = 300",
                        "http.limits.anonymous-per-second = 20",
                        "http.limits.failures-per-minute = 60",
                        "http.limits.streams = 100",
                        "http.limits.uploads = 4",
                        "http.limits.upload-rate = 8KiB",
                        "http.limits.headers-within = 10s",
                        "http.limits.body-within = 30s",
                        "http.limits.max-headers = 16KiB",
                        "ledger.snapshot-every = 500000",
                        "ledger.archive-dir = ",
                        "ledger.checkpoint-file = ",
                        "ledger.checkpoint-url = ",
                        "rollout.inbox-size = 65536",
                        "rollout.tick = 200ms",
                        "rollout.gate-interval = 1m",
                        "rollout.batch = 512",
                        "rollout.reserve-chunk = 256",
                        "rollout.in-flight = 500",
                        "rollout.expected-crash-rate = 0.001",
                        "delivery.ack-timeout = 2s",
                        "delivery.allow-clear = false",
                        "delivery.http.enabled = false",
                        "delivery.http.host = 127.0.0.1",
                        "delivery.http.port = 8081",
                        "delivery.http.public-uri = ",
                        "delivery.http.connections = 2000",
                        "delivery.https.enabled = false",
                        "delivery.https.host = 127.0.0.1",
                        "delivery.https.port = 8443",
                        "delivery.https.public-uri = ",
                        "delivery.https.connections = 2000",
                        "delivery.budget.transfers = 0",
                        "delivery.budget.rate = 0B",
                        "delivery.budget.region-transfers = 0",
                        "delivery.budget.region-rate = 0B",
                        "delivery.budget.carrier-transfers = 0",
                        "delivery.budget.carrier-rate = 0B",
                        "delivery.budget.cell-transfers = 0",
                        "delivery.budget.cell-rate = 0B",
                        "delivery.budget.jitter = 2s",
                        "update.checking = 10m",
                        "update.download-stall = 30m",
                        "update.verifying = 5m",
                        "update.applying = 30m",
                        "update.await-return = 24h",
                        "update.verify-for = 30m",
                        "update.deferral = 72h",
                        "update.poll = 30s",
                        "update.backoff = 5m",
                        "update.backoff-max = 12h",
                        "update.attempts = 3",
                        "update.min-battery-percent = 0",
                        "update.max-boots = 3",
                        "update.delivery = pull",
                        "update.allow-reboot = false",
                        "waves.canary-region = ",
                        "waves.canary-share = 0.01",
                        "waves.canary-min = 25",
                        "waves.canary-max-share = 0.05",
                        "waves.shares = 0.05,0.2,0.5,1.0",
                        "waves.control-ratio = 9",
                        "waves.control-max = 5000",
                        "waves.quorum = 0.9",
                        "waves.fill-deadline = 24h",
                        "gate.pre-window = 24h",
                        "gate.soak = 24h",
                        "gate.soak-max = 72h",
                        "gate.settle = 30m",
                        "gate.coverage = 0.9",
                        "gate.max-ratio = 3.0",
                        "gate.crash-alpha = 0.01",
                        "gate.drift-alpha = 0.01",
                        "gate.later-alpha = 0.002",
                        "gate.min-drift = 0.15",
                        "gate.looks = 4",
                        "gate.min-per-arm = 15",
                        "gate.max-failure-share = 0.05",
                        "gate.max-lost-share = 0.01",
                        "gate.guardrail-kills = false",
                        "classes.security-patch.max-soak = 12h",
                        "classes.security-patch.approvals = 0",
                        "classes.security-patch.approver = approver",
                        "classes.fix.max-soak = 0s",
                        "classes.fix.approvals = 0",
                        "classes.fix.approver = approver",
                        "classes.feature.max-soak = 0s",
                        "classes.feature.approvals = 0",
                        "classes.feature.approver = approver",
                        "classes.carrier-variant.max-soak = 0s",
                        "classes.carrier-variant.approvals = 0",
                        "classes.carrier-variant.approver = approver",
                        "classes.other.max-soak = 0s",
                        "classes.other.approvals = 0",
                        "classes.other.approver = approver",
                        "schedule.zones = ",
                        "telemetry.observe = false",
                        "telemetry.period = 15m",
                        "mqtt.uri = ",
                        "mqtt.ca = ",
                        "mqtt.user = ",
                        "mqtt.password-file = ",
                        "mqtt.client-id = wavegate",
                        "mqtt.topic = wavegate",
                        "mqtt.backoff-max = 1m",
                        "terminals.enabled = true",
                        "terminals.interval = 6h",
                        "terminals.watched-interval = 15m",
                        "terminals.busy-interval = 1m",
                        "terminals.sessions = 150000",
                        "packages.trusted-keys = keys",
                        "packages.max-size = 512MiB",
                        "credentials.key-file = ",
                        "credentials.grace = 24h",
                        "credentials.clones = report",
                        "clients.profiles = ",
                        "bootstrap.enabled = false",
                        "bootstrap.file = ");
    }

    @Test
    void without_security_only_loopback_is_listened_at_unless_it_is_allowed_by_name() {
        for (String host : List.of("0.0.0.0", "192.0.2.7", "::", "fota.example", "1270.0.0.1", "127.0.0.1.example")) {
            String yaml = "coap: {enabled: true, host: \"" + host + "\"}";
            assertThat(catchThrowableOfType(SettingsRefused.class, () -> SettingsReader.parse(yaml, NO_ENV)))
                    .as(host)
                    .hasMessageContaining("coap.host")
                    .hasMessageContaining("allow-beyond-loopback: true");
            assertThat(SettingsReader.parse(yaml.replace("}", ", allow-beyond-loopback: true}"), NO_ENV)
                            .coap()
                            .host())
                    .isEqualTo(host);
        }
        for (String host : List.of("127.0.0.1", "127.1.2.3", "::1", "localhost")) {
            String yaml = "coap: {enabled: true, host: \"" + host + "\"}";
            assertThat(SettingsReader.parse(yaml, NO_ENV).coap().enabled()).isTrue();
        }
    }

    @Test
    void images_are_not_offered_at_every_address() {
        for (String host : List.of("0.0.0.0", "::", "[::]", "0:0:0:0:0:0:0:0", "0")) {
            String yaml = "{http: {tls: {certificate: c, key: k}}, delivery: {allow-clear: true,"
                    + " http: {enabled: true, host: \"%1$s\"}, https: {enabled: true, host: \"%1$s\"}}}"
                            .formatted(host);
            assertThat(catchThrowableOfType(SettingsRefused.class, () -> SettingsReader.parse(yaml, NO_ENV)))
                    .as(host)
                    .hasMessageContaining("delivery.http.public-uri")
                    .hasMessageContaining("delivery.https.public-uri")
                    .hasMessageContaining("since it listens at " + host);
            String named = yaml.replace("}, https:", ", public-uri: \"http://f.example\"}, https:")
                    .replace("\"}}}", "\", public-uri: \"https://f.example\"}}}");
            assertThat(SettingsReader.parse(named, NO_ENV).delivery().https().host())
                    .isEqualTo(host);
        }
        for (String host : List.of("127.0.0.1", "::1", "10.0.0.0", "fota.example", "fe80::")) {
            assertThat(HttpSettings.isEveryHost(host)).as(host).isFalse();
        }
    }

    @Test
    void every_key_is_read_from_yaml() {
        Map<String, String> other = otherValues();
        StringBuilder yaml = new StringBuilder();
        String section = "";
        for (SettingsKeys.Key key : SettingsKeys.defaults()) {
            int dot = key.name().indexOf('.');
            String in = dot < 0 ? "" : key.name().substring(0, dot);
            if (!in.equals(section)) {
                yaml.append(in).append(":\n");
                section = in;
            }
            yaml.append(dot < 0 ? "" : "  ")
                    .append(key.name().substring(dot + 1))
                    .append(": \"")
                    .append(other.get(key.name()))
                    .append("\"\n");
        }

        Settings settings = SettingsReader.parse(yaml.toString(), NO_ENV);

        assertValues(settings, other);
        assertThat(settings.token().value()).isEqualTo("0123456789abcdef");
    }

    @Test
    void every_key_is_read_from_its_variable_which_outranks_the_file() {
        Map<String, String> other = otherValues();
        Map<String, String> environment = new HashMap<>();
        SettingsKeys.defaults().forEach(key -> environment.put(key.env(), other.get(key.name())));

        assertValues(SettingsReader.parse("http: {port: 1234}", environment), other);
    }

    @Test
    void variables_are_named_after_their_keys_without_two_sharing_one() {
        assertThat(SettingsKeys.defaults())
                .extracting(SettingsKeys.Key::env)
                .doesNotHaveDuplicates()
                .contains("WAVEGATE_DATA_DIR", "WAVEGATE_HTTP_PORT", "WAVEGATE_TOKEN", "WAVEGATE_UPDATE_BACKOFF_MAX");
    }

    @Test
    void all_faults_are_reported_at_once_with_the_nearest_right_key() {
        SettingsRefused refused = refusedOf(
                """
                http:
                  prot: 8080
                  port: 70000
                  max-body: lots
                updat: {poll: 1s}
                gate:
                  soak: soon
                  coverage: 2
                  looks: 0
                coap: {enabled: maybe}
                """,
                Map.of("WAVEGATE_HTPP_PORT", "1", "WAVEGATE_UPDATE_ATTEMPTS", "0"));

        assertThat(refused.faults())
                .containsExactlyInAnyOrder(
                        "http.prot: unknown key, did you mean http.port?",
                        "updat.poll: unknown key, did you mean update.poll?",
                        "WAVEGATE_HTPP_PORT: unknown variable, did you mean WAVEGATE_HTTP_PORT?",
                        "http.max-body: \"lots\" (expected: a size like 512B, 64KiB, 16MiB, 2GiB)",
                        "http.port: 70000 (expected: 0 to 65535, 0 for any free port)",
                        "update.attempts: 0 (expected: at least 1) from WAVEGATE_UPDATE_ATTEMPTS",
                        "gate.soak: \"soon\" (expected: a duration like 250ms, 30s, 5m, 24h, 1h30m)",
                        "gate.coverage: 2.0 (expected: a share above 0, at most 1)",
                        "gate.looks: 0.0 (expected: 1.0 to 100.0)",
                        "coap.enabled: \"maybe\" (expected: true or false)");
        assertThat(refused).hasMessageContaining("http.prot").hasMessageContaining("gate.looks");
    }

    @Test
    void a_server_without_any_coap_endpoint_is_refused() {
        assertThat(refusedOf("coaps: {enabled: false}", NO_ENV).faults())
                .containsExactly("coap.enabled: false (expected: true for coap or for coaps)");
    }

    @Test
    void broken_yaml_a_key_given_twice_and_a_key_without_value_are_faults() {
        assertThat(refusedOf("http: [unclosed", NO_ENV).faults().get(0)).startsWith("not YAML: ");
        assertThat(refusedOf("data-dir: a\ndata-dir: b\n", NO_ENV).faults().get(0))
                .contains("data-dir");
        assertThat(refusedOf("data-dir:\n", NO_ENV).faults())
                .containsExactly("data-dir: no value (expected: one, or leave the key out)");
        assertThat(refusedOf("- a\n", NO_ENV).faults()).containsExactly("expected keys with values, found: ARRAY");
    }

    @Test
    void a_missing_file_is_a_fault_that_names_it(@TempDir Path dir) {
        SettingsRefused refused = catchThrowableOfType(
                SettingsRefused.class, () -> SettingsReader.read(Optional.of(dir.resolve("none.yaml")), NO_ENV));

        assertThat(refused.faults()).hasSize(1).first().asString().contains("none.yaml");
    }

    @Test
    void a_token_is_never_shown() {
        Settings settings = SettingsReader.parse("", Map.of("WAVEGATE_TOKEN", "open-sesame-open-sesame"));

        assertThat(SettingsKeys.lines(settings)).contains("token = ******");
        assertThat(settings.toString()).doesNotContain("sesame");
        assertThat(refusedOf("", Map.of("WAVEGATE_TOKEN", "sesame")).getMessage())
                .contains("token: ****** (expected: at least 16 characters")
                .doesNotContain("sesame");
    }

    @Test
    void variables_of_the_launcher_and_of_kubernetes_are_not_settings() {
        Settings settings = SettingsReader.parse(
                "",
                Map.of(
                        "WAVEGATE_JAVA_OPTS", "-Xmx1g",
                        "WAVEGATE_URL", "http://x",
                        "WAVEGATE_SERVICE_HOST", "10.0.0.1",
                        "WAVEGATE_PORT_8080_TCP_ADDR", "10.0.0.1"));

        assertThat(settings).isEqualTo(Settings.DEFAULT);
    }

    @Test
    void http_beyond_loopback_needs_tls_or_an_explicit_word() {
        for (String host : List.of("0.0.0.0", "192.0.2.1", "::", "127.0.0.1.example", "fota.example")) {
            SettingsRefused refused = catchThrowableOfType(
                    SettingsRefused.class, () -> SettingsReader.parse("http: {host: \"" + host + "\"}", NO_ENV));
            assertThat(refused).as(host).hasMessageContaining("http.host: \"" + host + "\"");
            assertThat(refused).hasMessageContaining("http.allow-plain-beyond-loopback");
            SettingsReader.parse("http: {host: \"" + host + "\", allow-plain-beyond-loopback: true}", NO_ENV);
            SettingsReader.parse("http: {host: \"" + host + "\", tls: {certificate: a.pem, key: b.pem}}", NO_ENV);
        }
        for (String host : List.of("127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost")) {
            SettingsReader.parse("http: {host: \"" + host + "\"}", NO_ENV);
        }
    }

    @Test
    void an_identity_provider_is_told_completely_and_its_keys_come_over_https_or_from_a_file() {
        SettingsRefused refused = catchThrowableOfType(
                SettingsRefused.class,
                () -> SettingsReader.parse(
                        "http: {oidc: {issuer: x, keys: \"http://keys.example/\", algorithms: \"HS256,none\", roles: a=king},"
                                + " tls: {key: k.pem}}",
                        NO_ENV));
        assertThat(refused)
                .hasMessageContaining("http.oidc.audience: \"\"")
                .hasMessageContaining("http.oidc.keys: \"http://keys.example/\"")
                .hasMessageContaining("http.oidc.algorithms: \"HS256,none\"")
                .hasMessageContaining("http.oidc.roles: \"a=king\"")
                .hasMessageContaining("http.tls.certificate: \"\"");
        for (String keys : List.of("https://u:p@idp.example/jwks", "file:///etc/passwd", "ftp://x/y", "https:///x")) {
            assertThat(catchThrowableOfType(
                            SettingsRefused.class,
                            () -> SettingsReader.parse(
                                    "http: {oidc: {issuer: x, audience: y, roles: a=viewer, keys: \"" + keys + "\"}}",
                                    NO_ENV)))
                    .as(keys)
                    .hasMessageContaining("http.oidc.keys");
        }
        for (String keys : List.of("https://idp.example/jwks", "http://127.0.0.1:9/jwks", "jwks.json")) {
            SettingsReader.parse(
                    "http: {oidc: {issuer: x, audience: y, roles: a=viewer, keys: \"" + keys + "\"}}", NO_ENV);
        }
    }

    @Test
    void the_file_beside_this_module_names_every_key_with_its_default() throws IOException {
        Path file = Path.of("server.yaml");
        String text = Files.readString(file);

        assertThat(SettingsReader.read(Optional.of(file), NO_ENV)).isEqualTo(Settings.DEFAULT);
        for (SettingsKeys.Key key : SettingsKeys.defaults()) {
            int depth = key.name().split("\\.").length - 1;
            assertThat(text).contains("\n" + "  ".repeat(depth) + lastPart(key.name()) + ":");
        }
    }

    @Test
    void the_reference_table_of_the_readme_names_every_key_its_variable_rule_and_its_default() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));

        for (SettingsKeys.Key key : SettingsKeys.defaults()) {
            String shown = key.value().isEmpty() ? "" : "`" + key.value() + "`";
            assertThat(readme).contains("| `" + key.name() + "` | " + shown + (shown.isEmpty() ? "|" : " |"));
        }
    }

    private static void assertValues(Settings settings, Map<String, String> expected) {
        for (SettingsKeys.Key key : SettingsKeys.of(settings)) {
            String value = key.type() == Secret.class ? "******" : expected.get(key.name());
            assertThat(key.name() + "=" + key.value()).isEqualTo(key.name() + "=" + value);
        }
    }

    private static SettingsRefused refusedOf(String yaml, Map<String, String> environment) {
        return catchThrowableOfType(SettingsRefused.class, () -> SettingsReader.parse(yaml, environment));
    }

    private static String lastPart(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
