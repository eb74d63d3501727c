package wavegate.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootstrapFileTest {
    private static final String DEVICE =
            """
            devices:
              - endpoint: pump-17
                bootstrap-identity: pump-17-bs
                bootstrap-key: "000102030405060708090a0b0c0d0e0f"
                server-uri: coaps://127.0.0.1:5684
                server-identity: pump-17
                server-key: "c0ffee030405060708090a0b0c0d0e0f"
                lifetime: 300
                binding: U
            """;

    @Test
    void a_device_entry_becomes_an_account() {
        BootstrapSettings settings = BootstrapFile.parse("coaps: {port: 0}\n" + DEVICE);

        assertThat(settings.coap().enabled()).isFalse();
        assertThat(settings.coaps()).isEqualTo(new BootstrapSettings.Listener(true, "127.0.0.1", 0));
        assertThat(settings.accounts())
                .containsExactly(new BootstrapAccount(
                        "pump-17",
                        "pump-17-bs",
                        HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f"),
                        "coaps://127.0.0.1:5684",
                        "pump-17",
                        HexFormat.of().parseHex("c0ffee030405060708090a0b0c0d0e0f"),
                        300,
                        "U"));
    }

    @Test
    void an_empty_file_listens_with_security_for_nobody() {
        assertThat(BootstrapFile.parse(""))
                .isEqualTo(new BootstrapSettings(BootstrapSettings.COAP, BootstrapSettings.COAPS, java.util.List.of()));
    }

    @Test
    void the_limits_of_its_sockets_are_read_and_a_bad_one_is_named() {
        BootstrapSettings settings = BootstrapFile.parse("limits: {source-hellos: 20, sessions-per-minute: 9}");

        assertThat(settings.process().datagrams().sourceHellos()).isEqualTo(20);
        assertThat(settings.limits().sessionsPerMinute()).isEqualTo(9);
        assertThatThrownBy(() -> BootstrapFile.parse("limits: {source-hellos: 0, answer: 0s}"))
                .hasMessageContaining("limits: source-hellos: 0 (expected: at least 1)")
                .hasMessageContaining("limits.answer");
        assertThatThrownBy(() -> BootstrapFile.parse("limits: {source-hellos: many}"))
                .hasMessageContaining("limits: source-hellos: not a whole number");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    endpoint: pump-17      | endpoint: 'pump 17'     | endpoint
                    lifetime: 300          | lifetime: 0             | lifetime of pump-17: 0
                    binding: U             | binding: ZZ             | binding of pump-17: ZZ
                    coaps://127.0.0.1:5684 | http://127.0.0.1        | server-uri of pump-17
                    "c0ffee030405060708090a0b0c0d0e0f" | c0ffeX      | server-key of pump-17: not hex
                    "c0ffee030405060708090a0b0c0d0e0f" | 12345678901 | server-key of pump-17: a number
                    "c0ffee030405060708090a0b0c0d0e0f" | c0ffee      | server-key of pump-17: 3 bytes
                    server-identity        | server-id               | server-id
                    """)
    void what_cannot_stand_is_named(String right, String wrong, String named) {
        assertThatThrownBy(() -> BootstrapFile.parse(DEVICE.replace(right, wrong)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named)
                .message()
                .doesNotContain("c0ffee");
    }

    @Test
    void one_identity_speaks_for_one_device() {
        String second = DEVICE.replace("devices:\n", "").replace("endpoint: pump-17", "endpoint: pump-18");

        assertThatThrownBy(() -> BootstrapFile.parse(DEVICE + second))
                .hasMessageContaining("bootstrap-identity of pump-18");
    }

    @Test
    void a_device_without_a_server_brings_its_key_and_a_rule_says_the_rest() {
        String device =
                """
                devices:
                  - {endpoint: pump-19, bootstrap-identity: bs-19, bootstrap-key: "c0ffee030405060708090a0b0c0d0e0f"}
                """;
        String rule = "rules: [{name: factory, match: \"pump-*\"}]\n";

        assertThat(BootstrapFile.parse(rule + device).accounts())
                .singleElement()
                .matches(BootstrapAccount::byRule);
        assertThatThrownBy(() -> BootstrapFile.parse(device)).hasMessageContaining("server-uri of pump-19: none");
        assertThatThrownBy(() -> BootstrapFile.parse(rule + device.replace("}", ", lifetime: 300}")))
                .hasMessageContaining("lifetime of pump-19: without a server-uri");
        assertThatThrownBy(() -> BootstrapFile.parse(rule + "devices: [{endpoint: pump-20}]"))
                .hasMessageContaining("server-uri of pump-20: none");
    }

    @Test
    void a_file_with_keys_that_others_may_read_is_refused(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(dir.resolve("bootstrap.yaml"), DEVICE);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> BootstrapFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("600");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(BootstrapFile.read(file).accounts()).hasSize(1);
    }

    @Test
    void an_account_shows_no_key() {
        assertThat(BootstrapFile.parse(DEVICE).accounts().get(0).toString()).doesNotContainIgnoringCase("c0ffee");
    }

    @Test
    void shards_rules_and_limits_are_read() {
        BootstrapSettings settings = BootstrapFile.parse(
                """
                limits: {sessions-per-minute: 100, session: 2m, grace: 7d}
                shards:
                  - {name: eu-1, uri: "coaps://eu-1.example:5684", weight: 2, api: "https://eu-1.example:8080", token-file: t}
                  - {name: lab, uri: "coap://127.0.0.1:5683"}
                rules:
                  - name: factory
                    match: "pump-*"
                    lifetime: 300
                    single-use: true
                    servers: [{owns: [5]}, {shard: lab, short-server-id: 9}]
                    labels: {batch: "2026-11"}
                overrides: {pump-17: lab}
                """);

        assertThat(settings.limits().sessionsPerMinute()).isEqualTo(100);
        assertThat(settings.limits().grace()).isEqualTo(java.time.Duration.ofDays(7));
        assertThat(settings.ring().shards()).extracting(shard -> shard.weight()).containsExactly(2, 1);
        assertThat(settings.rules().get(0).terms().singleUse()).isTrue();
        assertThat(settings.rules().get(0).terms().servers())
                .extracting(place -> place.shortServerId() + " " + place.shard() + place.owns())
                .containsExactly("1 [5]", "9 lab[]");
        assertThat(settings.overrides()).containsEntry("pump-17", "lab");
    }

    @Test
    void an_address_for_oscore_is_one_without_dtls() {
        String shard = "shards: [{name: eu-1, uri: \"coaps://eu-1:5684\", oscore-uri: \"coap://eu-1:5685\"}]";

        assertThat(BootstrapFile.parse(shard).shards())
                .extracting(BootstrapSettings.ShardAccess::oscoreUri)
                .containsExactly("coap://eu-1:5685");
        assertThatThrownBy(() -> BootstrapFile.parse(shard.replace("coap://eu-1", "coaps://eu-1")))
                .hasMessageContaining("oscore-uri of shard eu-1: coaps://eu-1:5685 (expected: coap://host:port");
        assertThatThrownBy(() -> BootstrapFile.parse(shard.replace("coap://eu-1", "http://eu-1")))
                .hasMessageContaining("oscore-uri of shard eu-1");
    }

    @Test
    void without_security_it_stays_on_this_machine_unless_that_is_said() {
        assertThatThrownBy(() -> BootstrapFile.parse("coap: {enabled: true, host: 0.0.0.0}"))
                .hasMessageContaining("coap.host")
                .hasMessageContaining("allow-beyond-loopback");
        assertThat(BootstrapFile.parse("coap: {enabled: true, host: 0.0.0.0, allow-beyond-loopback: true}")
                        .coap()
                        .host())
                .isEqualTo("0.0.0.0");
        assertThat(BootstrapFile.parse("coap: {host: 0.0.0.0}").coap().enabled())
                .isFalse();
    }

    @Test
    void all_faults_are_said_at_once() {
        assertThatThrownBy(
                        () -> BootstrapFile.parse(
                                """
                        coap: {port: 70000}
                        colour: red
                        limits: {sessions-per-minute: 0}
                        shards:
                          - {name: eu-1, uri: "http://eu-1"}
                          - {name: eu-2, uri: "coaps://eu-2:5684", api: "http://eu-2.example:8080", token-file: t}
                          - {name: eu-3, uri: "coaps://eu-3:5684", api: "https://eu-3.example:8080"}
                        rules:
                          - {name: r, match: "*", keys: rot13}
                        devices:
                          - {endpoint: "a b", server-uri: "coap://h:1"}
                        """))
                .message()
                .satisfies(message -> assertThat(message.lines())
                        .hasSize(8)
                        .anySatisfy(line -> assertThat(line).contains("key colour"))
                        .anySatisfy(line -> assertThat(line).contains("70000"))
                        .anySatisfy(line -> assertThat(line).contains("limits.sessions-per-minute: 0"))
                        .anySatisfy(line -> assertThat(line).contains("uri of shard eu-1"))
                        .anySatisfy(line -> assertThat(line).contains("api of shard eu-2"))
                        .anySatisfy(line -> assertThat(line).contains("token-file of shard eu-3"))
                        .anySatisfy(line -> assertThat(line).contains("keys: rot13"))
                        .anySatisfy(line -> assertThat(line).contains("endpoint")));
    }
}
