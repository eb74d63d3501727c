package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.leshan.client.object.Security;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Seeds a server with secrets, uses and misuses them, and looks for them in all it leaves behind: files of the data directory, log, answers
 * to mistakes, figures, audit, arguments of the process.
 */
class SecretsTest {
    private static final int KEYS = 16;

    @TempDir
    private Path directory;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, byte[]> secrets = new LinkedHashMap<>();
    private final Map<String, byte[]> places = new LinkedHashMap<>();
    private Map<String, String> environment;
    private Path data;
    private Path log;
    private Rest rest;
    private int coaps;

    @Test
    void no_secret_is_found_in_files_logs_figures_arguments_or_answers_to_mistakes() throws Exception {
        data = directory.resolve("data");
        log = directory.resolve("server.log");
        coaps = ServerUnderTest.freePort();
        int http = ChildServer.freeTcpPort();
        byte[] given = text("setting token");
        environment = new HashMap<>(Map.of(
                "WAVEGATE_DATA_DIR", data.toString(),
                "WAVEGATE_TOKEN", new String(given, StandardCharsets.US_ASCII),
                "WAVEGATE_COAPS_PORT", String.valueOf(coaps),
                "WAVEGATE_HTTP_PORT", String.valueOf(http)));
        rest = new Rest(http, environment.get("WAVEGATE_TOKEN"));

        try (ChildServer server = ChildServer.start(log, environment)) {
            server.answers(rest);
            for (int i = 0; i < KEYS; i++) {
                addKey("module-" + i, i % 4 == 3 ? "bootstrap" : "lwm2m");
            }
            rotate("module-1");
            for (String role : List.of("viewer", "operator", "approver")) {
                String token = rest.post("/tokens", "{\"name\": \"%s\", \"role\": \"%s\"}".formatted(role, role))
                        .path("token")
                        .asText();
                secrets.put("token of " + role, token.getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(secrets).hasSizeGreaterThanOrEqualTo(20);
            secrets.put("key of the store", Files.readAllBytes(directory.resolve("data.key")));
            comesAndGoes("module-0");
            misuses();
            rest.post("/credentials/module-2/actions/revoke", "{\"reason\": \"lost\"}");
            read();
            places.put("arguments", Files.readAllBytes(Path.of("/proc", String.valueOf(server.pid()), "cmdline")));
            server.terminate();
        }
        Map<String, byte[]> closed = files();
        try (ChildServer server = ChildServer.start(log, environment)) {
            server.answers(rest);
            comesAndGoes("module-4");
            server.kill();
        }
        closed.forEach((name, bytes) -> places.put(name + " after a planned end", bytes));
        files().forEach((name, bytes) -> places.put(name + " after a kill", bytes));
        places.put("log", Files.readAllBytes(log));

        assertThat(places).hasSizeGreaterThan(15);
        assertThat(found()).isEmpty();
        System.out.printf(
                Locale.ROOT,
                "secrets: %d sought in %d spellings over %d places, %,d bytes%n",
                secrets.size(),
                secrets.values().stream()
                        .mapToInt(each -> Spellings.of(each).size())
                        .sum(),
                places.size(),
                places.values().stream().mapToLong(each -> each.length).sum());
    }

    /** The search itself would find what it looks for. */
    @Test
    void a_secret_is_recognised_in_every_spelling_and_at_every_offset() {
        byte[] secret = bytes("secret", 16);
        for (String before : List.of("", "a", "ab", "abc")) {
            byte[] whole = concat(before.getBytes(StandardCharsets.US_ASCII), secret, new byte[] {7, 7});
            for (byte[] place : List.of(
                    whole,
                    HexFormat.of().formatHex(whole).getBytes(StandardCharsets.US_ASCII),
                    HexFormat.of().withUpperCase().formatHex(whole).getBytes(StandardCharsets.US_ASCII),
                    Base64.getEncoder().encode(whole),
                    Base64.getUrlEncoder().withoutPadding().encode(whole))) {
                places.clear();
                places.put("here", place);
                assertThat(found()).hasSize(1);
            }
        }
        places.put("here", bytes("another", 64));
        secrets.remove("another");
        assertThat(found()).isEmpty();
    }

    private void addKey(String endpoint, String use) throws IOException {
        byte[] key = bytes("key of " + endpoint, 16);
        rest.post(
                "/credentials",
                "{\"endpoint\": \"%s\", \"use\": \"%s\", \"key\": \"%s\"}"
                        .formatted(endpoint, use, HexFormat.of().formatHex(key)));
    }

    private void rotate(String endpoint) throws IOException {
        rest.post(
                "/credentials/" + endpoint + "/actions/rotate",
                "{\"identity\": \"again\", \"key\": \"%s\"}"
                        .formatted(HexFormat.of().formatHex(bytes("new key of " + endpoint, 16))));
    }

    /** A device with the right key registers; one with another key does not. */
    private void comesAndGoes(String endpoint) throws Exception {
        byte[] identity = endpoint.getBytes(StandardCharsets.US_ASCII);
        byte[] key = secrets.get("key of " + endpoint);
        try (LeshanModule module =
                new LeshanModule(endpoint, Security.psk("coaps://127.0.0.1:" + coaps, 1, identity, key), Map.of())) {
            await("registered").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                            rest.status("/devices/" + endpoint))
                    .isEqualTo(200));
            assertThat(module.firmware.state).isZero();
        }
        try (LeshanModule stranger =
                new LeshanModule("module-5", Security.psk("coaps://127.0.0.1:" + coaps, 1, identity, key), Map.of())) {
            assertThat(rest.status("/devices/module-5")).isEqualTo(404);
            assertThat(stranger.firmware.state).isZero();
        }
    }

    /** Mistakes of people who hold secrets: the answer must not hand them on. */
    private void misuses() throws IOException {
        String key = HexFormat.of().formatHex(secrets.get("key of module-6"));
        String token = new String(secrets.get("token of viewer"), StandardCharsets.US_ASCII);
        for (String body : List.of(
                "{\"endpoint\": \"module-6\", \"key\": \"" + key + "\"}",
                "{\"endpoint\": \"new-1\", \"key\": \"" + key + "0\"}",
                "{\"endpoint\": \"new-1\", \"key\": \"" + key + "\", \"kye\": \"" + key + "\"}",
                "{\"endpoint\": \"new-1\", \"identity\": \"module-0\", \"key\": \"" + key + "\"}",
                "{\"endpoint\": \"new-1\", \"key\": \"" + key,
                "[\"" + key + "\"]")) {
            String answer = rest.raw("POST", "/credentials", body, Map.of());
            assertThat(answer).as(body).startsWith("4");
            places.put("answer to " + places.size(), answer.getBytes(StandardCharsets.UTF_8));
        }
        places.put(
                "answer to a token cut short",
                rest.raw("GET", "/devices", "", Map.of("Authorization", "Bearer " + token + "x"))
                        .getBytes(StandardCharsets.UTF_8));
        places.put(
                "answer to another scheme",
                rest.raw("GET", "/devices", "", Map.of("Authorization", "Basic " + token))
                        .getBytes(StandardCharsets.UTF_8));
        places.put(
                "answer to a token in the address",
                rest.raw("GET", "/devices?token=" + token, "", Map.of()).getBytes(StandardCharsets.UTF_8));
    }

    private void read() throws IOException {
        for (String path : List.of(
                "/credentials?limit=100",
                "/credentials/module-1",
                "/tokens",
                "/audit?limit=200",
                "/devices?limit=100")) {
            places.put("GET " + path, rest.raw("GET", path, "", Map.of()).getBytes(StandardCharsets.UTF_8));
        }
        places.put("figures", rest.raw("GET", "/../../metrics", "", Map.of()).getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (var all = Files.walk(data)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                files.put(data.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private List<String> found() {
        List<String> found = new ArrayList<>();
        secrets.forEach((secret, bytes) -> {
            List<byte[]> spellings = Spellings.of(bytes);
            places.forEach((place, content) -> {
                if (spellings.stream().anyMatch(spelling -> Spellings.contains(content, spelling))) {
                    found.add(secret + " in " + place);
                }
            });
        });
        return found;
    }

    private byte[] bytes(String name, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        secrets.put(name, bytes);
        return bytes;
    }

    private byte[] text(String name) {
        byte[] bytes = HexFormat.of().formatHex(bytes(name, 16)).getBytes(StandardCharsets.US_ASCII);
        secrets.put(name, bytes);
        return bytes;
    }

    private static byte[] concat(byte[]... parts) {
        var out = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
