package wavegate.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import wavegate.config.SettingsReader;
import wavegate.server.Server;
import wavegate.server.ledger.LedgerVerifier;

/** Every route of the OpenAPI document, so that those to come are attacked too, with everything a client can get wrong or do on purpose. */
class RestUnderAttackTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> ROLES = List.of("viewer", "operator", "approver", "admin");
    private static final int MAX_BODY = 16 << 10;

    @TempDir
    private static Path directory;

    private static Server server;
    private static Logger root;
    private static final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private static final Map<String, String> tokens = new LinkedHashMap<>();
    private static final List<Route> routes = new ArrayList<>();
    private static final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static Set<String> files = Set.of();
    private static long factsBefore;
    private static long heapBefore;

    /** An operation of the document. */
    private record Route(String method, String path, String operation, String role) {
        boolean takesBody() {
            return !method.equals("GET") && !method.equals("DELETE");
        }

        boolean takesPackage() {
            return operation.equals("uploadPackage");
        }

        /** With the same text for every parameter. */
        String at(String value) {
            return path.replaceAll("\\{[a-z]+}", value.replace("$", "\\$"));
        }

        /** Where nothing is. */
        String atNothing() {
            return path.replace("/packages/{id}", "/packages/" + "0".repeat(16))
                    .replace("/tokens/{id}", "/tokens/aaaaaaaa")
                    .replace("{n}", "0")
                    .replaceAll("\\{[A-Za-z]+}", "nothing");
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private record Answer(int status, HttpHeaders headers, String text) {
        boolean isProblem() {
            return headers.firstValue("Content-Type").orElse("").startsWith("application/problem+json");
        }
    }

    @BeforeAll
    static void start() throws IOException {
        String[] first = {""};
        server = new Server(
                SettingsReader.parse(
                        """
                        data-dir: "%1$s/data"
                        packages: {trusted-keys: "%1$s/keys"}
                        coaps: {enabled: true, host: 127.0.0.1, port: 0}
                        http:
                          host: 127.0.0.1
                          port: 0
                          max-body: 16KiB
                          limits: {requests-per-second: 100000, anonymous-per-second: 100000, failures-per-minute: 100000, headers-within: 1s, body-within: 1s}
                        """
                                .formatted(directory),
                        Map.of()),
                made -> first[0] = made,
                failure -> {
                    throw new AssertionError(failure);
                });
        tokens.put("admin", first[0]);
        for (String role : ROLES) {
            tokens.put(role, made(role, "1h").get("token").asText());
        }
        tokens.put("expired", made("admin", "1ms").get("token").asText());
        JsonNode revoked = made("admin", "1h");
        tokens.put("revoked", revoked.get("token").asText());
        assertThat(sent("DELETE", "/tokens/" + revoked.get("id").asText(), first[0], "")
                        .status())
                .isEqualTo(204);
        new ObjectMapper(new YAMLFactory())
                .readTree(http("GET", "/openapi.yaml", "", "").text())
                .get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    if (operation.getValue().has("operationId")) {
                        routes.add(new Route(
                                operation.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                operation.getValue().get("operationId").asText(),
                                operation.getValue().path("x-wavegate-role").asText()));
                    }
                }));
        assertThat(routes).hasSizeGreaterThan(25);
        root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        log.start();
        root.addAppender(log);
        files = names();
        factsBefore = factsBesidesAudit();
        heapBefore = heap();
    }

    private static JsonNode made(String role, String life) throws IOException {
        Answer answer = sent(
                "POST",
                "/tokens",
                tokens.get("admin"),
                "{\"name\":\"" + role + "\",\"role\":\"" + role + "\",\"expiresIn\":\"" + life + "\"}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return JSON.readTree(answer.text());
    }

    /** What all attacks together have cost; run after the last of them. */
    @AfterAll
    static void nothing_happened_but_refusals() throws IOException {
        try {
            long facts = factsBesidesAudit();
            long audited = server.view().audited(any -> true, "", 1000).items().size();
            long grown = heap() - heapBefore;
            long lines = log.list.size();
            long bytes = log.list.stream()
                    .mapToLong(event -> event.getFormattedMessage().length())
                    .sum();
            System.out.printf(
                    "rest under attack: routes=%d effects=%d audited=%d log lines=%d bytes=%d heap growth=%.1f MiB%n",
                    routes.size(), facts - factsBefore, audited, lines, bytes, grown / 1048576.0);
            assertThat(facts).as("facts that changed something").isEqualTo(factsBefore);
            Set<String> added = new TreeSet<>(names());
            added.removeAll(files);
            assertThat(added)
                    .as("files of the server's own making alone")
                    .allMatch(name -> name.matches("data/(ledger|registrations|view|telemetry)[a-z0-9./-]*"))
                    .noneMatch(name -> name.matches(".*(nothing|passwd|windows|script|xxx|\\.\\.).*"));
            assertThat(audited).as("audited calls").isLessThan(1000);
            assertThat(lines)
                    .as("log lines: %s", log.list.stream().limit(10).toList())
                    .isLessThan(100);
            assertThat(log.list).noneMatch(event -> event.getFormattedMessage().contains("request failed"));
            assertThat(grown).as("heap growth").isLessThan(64L << 20);
        } finally {
            root.detachAppender(log);
            server.close();
        }
    }

    private static long factsBesidesAudit() throws IOException {
        StringWriter out = new StringWriter();
        LedgerVerifier.export(directory.resolve("data/ledger"), out);
        return out.toString()
                .lines()
                .filter(line -> !line.contains("\"type\":\"Audited\""))
                .count();
    }

    private static Set<String> names() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return new TreeSet<>(
                    all.map(path -> directory.relativize(path).toString()).toList());
        }
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static Answer sent(String method, String path, String token, String body) {
        return http(method, "/api/v1" + path, token, body);
    }

    private static Answer http(String method, String path, String token, String body) {
        return answered(request(path, token)
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build());
    }

    private static HttpRequest.Builder request(String path, String token) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
                .timeout(Duration.ofSeconds(10));
        return token.isEmpty() ? builder : builder.header("Authorization", "Bearer " + token);
    }

    /** Of a stream that does not end only the head is read. */
    private static Answer answered(HttpRequest request) {
        try {
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                boolean endless =
                        response.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream");
                String text = endless ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8);
                return new Answer(response.statusCode(), response.headers(), text);
            }
        } catch (IOException e) {
            throw new AssertionError(request + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void assertRefused(Answer answer, String what) {
        assertThat(answer.status()).as(what + " " + answer.text()).isBetween(400, 499);
        assertThat(answer.isProblem())
                .as(what + " " + answer.headers() + answer.text())
                .isTrue();
    }

    @Test
    void no_route_lets_anyone_in_without_a_good_token() {
        Map<String, String> bad = Map.of(
                "none",
                "",
                "garbage",
                "let-me-in",
                "shape",
                "wg_aaaaaaaa_" + "A".repeat(43),
                "known id",
                tokens.get("admin").substring(0, 12) + "A".repeat(43),
                "long",
                "x".repeat(4000),
                "unsigned",
                "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290Iiwicm9sZXMiOlsiYWRtaW4iXX0.",
                "expired",
                tokens.get("expired"),
                "revoked",
                tokens.get("revoked"));
        int tried = 0;
        for (Route route : routes) {
            for (Map.Entry<String, String> token : bad.entrySet()) {
                String what = route + " with token: " + token.getKey();
                Answer answer = sent(route.method(), route.atNothing(), token.getValue(), "");
                assertThat(answer.status()).as(what).isEqualTo(401);
                assertThat(answer.isProblem()).as(what).isTrue();
                assertThat(answer.headers().firstValue("WWW-Authenticate"))
                        .as(what)
                        .isPresent();
                tried++;
            }
        }
        System.out.println("rest under attack: bad tokens refused=" + tried);
    }

    @Test
    void every_route_takes_the_role_it_names_and_none_below_it() {
        int refused = 0;
        for (Route route : routes) {
            int needed = ROLES.indexOf(route.role());
            assertThat(needed).as(route.toString()).isNotNegative();
            for (int i = 0; i < ROLES.size(); i++) {
                String what = route + " as " + ROLES.get(i);
                String token = tokens.get(ROLES.get(i));
                Answer answer = sent(route.method(), route.atNothing(), token, "");
                if (i < needed) {
                    assertThat(answer.status()).as(what).isEqualTo(403);
                    assertThat(answer.isProblem()).as(what).isTrue();
                    assertThat(answer.text()).as(what).contains(route.role());
                    refused++;
                } else {
                    assertThat(answer.status())
                            .as(what + " " + answer.text())
                            .isNotIn(401, 403)
                            .isLessThan(500);
                }
            }
        }
        System.out.println("rest under attack: roles refused=" + refused);
    }

    @Test
    void a_hostile_name_in_a_path_reaches_nothing() {
        List<String> hostile = List.of(
                "..%2f..%2f..%2fetc%2fpasswd",
                "%2e%2e",
                "%2e%2e%2f",
                "..%5c..%5cwindows",
                "%00",
                "a%00b",
                "%0d%0aSet-Cookie:%20x=y",
                "%ff%fe",
                "%f0%9f%92%a9",
                "%e2%80%ae",
                "x".repeat(3000),
                "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
                "'%20or%20'1'='1",
                "$%7Bjndi:ldap:%2F%2F127.0.0.1%2Fx%7D",
                "a%2Fb",
                "%25%32%65",
                "-1",
                "99999999999999999999");
        int tried = 0;
        for (Route route : routes) {
            if (!route.path().contains("{")) {
                continue;
            }
            for (String name : hostile) {
                String what = route + " at " + name.substring(0, Math.min(40, name.length()));
                Answer answer = sent(route.method(), route.at(name), tokens.get("admin"), "");
                assertRefused(answer, what);
                assertThat(answer.headers().firstValue("Set-Cookie")).as(what).isEmpty();
                assertThat(answer.text()).as(what).doesNotContain("<script>").doesNotContain("root:");
                tried++;
            }
        }
        System.out.println("rest under attack: hostile names refused=" + tried);
    }

    @Test
    void a_hostile_body_changes_nothing() {
        Map<String, byte[]> hostile = new LinkedHashMap<>();
        hostile.put("oversized", ("{\"x\":\"" + "x".repeat(MAX_BODY) + "\"}").getBytes(StandardCharsets.UTF_8));
        for (String text : List.of(
                "{",
                "[]",
                "null",
                "true",
                "\"text\"",
                "{}{}",
                "{\"a\":1,\"a\":2}",
                "{\"__proto__\":{\"admin\":true}}",
                "{\"reason\":1}",
                "{\"reason\":{\"$gt\":\"\"}}",
                "{\"n\":NaN}",
                "{\"n\":1e999999}",
                "{\"n\":" + "9".repeat(5000) + "}",
                "[".repeat(8000),
                "{\"a\":".repeat(2000),
                "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
                "\u0000")) {
            hostile.put(text.substring(0, Math.min(20, text.length())), text.getBytes(StandardCharsets.UTF_8));
        }
        hostile.put("no UTF-8", new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', ':', '1', '}'});
        hostile.put("half a surrogate", "{\"reason\":\"\\ud800\",\"x\":1}".getBytes(StandardCharsets.UTF_8));
        int tried = 0;
        for (Route route : routes) {
            if (!route.takesBody()) {
                continue;
            }
            for (Map.Entry<String, byte[]> body : hostile.entrySet()) {
                for (String type : List.of(
                        "application/json",
                        "text/plain",
                        "application/x-www-form-urlencoded",
                        "multipart/form-data; boundary=x",
                        "")) {
                    String what = route + " with " + body.getKey() + " as " + type;
                    HttpRequest.Builder request = request("/api/v1" + route.atNothing(), tokens.get("admin"));
                    if (!type.isEmpty()) {
                        request.header("Content-Type", route.takesPackage() ? "application/octet-stream" : type);
                    }
                    assertRefused(
                            answered(request.method(route.method(), BodyPublishers.ofByteArray(body.getValue()))
                                    .build()),
                            what);
                    tried++;
                }
            }
        }
        System.out.println("rest under attack: hostile bodies refused=" + tried);
    }

    @Test
    void hostile_queries_and_headers_are_refused_or_passed_over() {
        for (Route route : routes) {
            for (String query :
                    List.of("?a=b", "?limit=-1", "?cursor=%00", "?cursor=" + "A".repeat(3000), "?%ff=%fe")) {
                Answer answer = sent(route.method(), route.atNothing() + query, tokens.get("admin"), "");
                assertThat(answer.status()).as(route + query + answer.text()).isLessThan(500);
            }
            for (String header : List.of("If-Match", "Idempotency-Key", "X-Forwarded-For", "Range", "Expect-CT")) {
                Answer answer = answered(request("/api/v1" + route.atNothing(), tokens.get("admin"))
                        .header(header, "\"'><script>../../" + "z".repeat(500))
                        .method(route.method(), BodyPublishers.noBody())
                        .build());
                assertThat(answer.status())
                        .as(route + " " + header + answer.text())
                        .isLessThan(500);
            }
        }
    }

    @Test
    void clients_that_drip_are_cut_while_an_honest_one_is_served() throws IOException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.httpPort());
                slow.add(socket);
                String head = i % 2 == 0
                        ? "GET /api/v1/campaigns HTTP/1.1\r\nX: "
                        : "POST /api/v1/kill-switches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                + tokens.get("admin")
                                + "\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{";
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            }
            long began = System.nanoTime();
            assertThat(sent("GET", "/campaigns", tokens.get("viewer"), "").status())
                    .isEqualTo(200);
            Duration honest = Duration.ofNanos(System.nanoTime() - began);
            int cut = 0;
            for (Socket socket : slow) {
                socket.setSoTimeout(10_000);
                InputStream in = socket.getInputStream();
                while (in.read() >= 0) {
                    // What is said before the cut is of no interest.
                }
                cut++;
            }
            Duration all = Duration.ofNanos(System.nanoTime() - began);
            System.out.printf(
                    "rest under attack: drips cut=%d within=%d ms, honest answer in %d ms%n",
                    cut, all.toMillis(), honest.toMillis());
            assertThat(cut).isEqualTo(200);
            assertThat(honest).isLessThan(Duration.ofSeconds(5));
            assertThat(all).isLessThan(Duration.ofSeconds(20));
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void a_request_without_a_host_or_with_a_broken_path_is_the_clients_mistake_and_no_line_in_the_log()
            throws IOException {
        int before = log.list.size();
        for (String text : List.of(
                "GET / HTTP/1.1\r\n\r\n",
                "GET /api/v1/campaigns HTTP/1.1\r\nAuthorization: Bearer " + tokens.get("viewer") + "\r\n\r\n",
                "GET /%zz HTTP/1.1\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /api/v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /api/v1/kill-switches HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.httpPort())) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
                String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
                assertThat(answer).as(text).startsWith("HTTP/1.1 4");
            }
        }
        assertThat(log.list.subList(before, log.list.size())).isEmpty();
    }

    @Test
    void what_is_no_http_is_dropped() throws IOException {
        for (String text : List.of(
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET /\u0000 HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\n\r\n",
                "POST /api/v1/campaigns HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/campaigns HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                "POST /api/v1/campaigns HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.httpPort())) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
                socket.shutdownOutput();
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                assertThat(answer)
                        .as(text.substring(0, Math.min(40, text.length())))
                        .doesNotContain("HTTP/1.1 5");
            }
        }
        assertThat(sent("GET", "/campaigns", tokens.get("viewer"), "").status()).isEqualTo(200);
    }
}
