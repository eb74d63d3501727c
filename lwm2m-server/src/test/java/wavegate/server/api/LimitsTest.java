package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import wavegate.config.DataSize;
import wavegate.config.HttpLimitSettings;
import wavegate.firmware.campaign.CampaignPhase;

class LimitsTest {
    private static final HttpLimitSettings SMALL = new HttpLimitSettings(
            20,
            10,
            5,
            10,
            4,
            1,
            new DataSize(8 << 10),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            new DataSize(4 << 10));

    private final FakeFleet fleet = new FakeFleet();

    private ApiClient api() throws IOException {
        return new ApiClient(fleet, ApiClient.settings().with(SMALL));
    }

    private static Socket connected(ApiClient api) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port);
        socket.setSoTimeout(5000);
        return socket;
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** Drips into a connection until it is cut; how long that took. */
    private static Duration untilCut(Socket socket, String drop) throws IOException {
        long began = System.nanoTime();
        OutputStream out = socket.getOutputStream();
        socket.setSoTimeout(50);
        boolean cut = false;
        while (!cut && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(10)) {
            try {
                out.write(drop.getBytes(StandardCharsets.US_ASCII));
                out.flush();
                cut = socket.getInputStream().read() < 0;
            } catch (SocketTimeoutException e) {
                cut = false;
            } catch (SocketException e) {
                cut = true;
            }
        }
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Test
    void a_token_that_asks_too_often_is_told_when_to_come_back_but_may_still_kill() throws IOException {
        try (ApiClient api = api()) {
            List<ApiClient.Answer> answers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                answers.add(api.get("/campaigns"));
            }
            ApiClient.Answer last = answers.stream()
                    .filter(answer -> answer.status() == 429)
                    .findFirst()
                    .orElseThrow();
            assertThat(answers.get(0).status()).isEqualTo(200);
            assertThat(last.type()).startsWith("application/problem+json");
            assertThat(last.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isBetween(1L, 2L);
            assertThat(api.post("/kill-switches", "{\"scope\":\"all\",\"reason\":\"now\"}")
                            .status())
                    .isEqualTo(201);
        }
    }

    @Test
    void an_address_that_shows_bad_tokens_is_refused_but_not_the_good_token_that_comes_from_there() throws IOException {
        try (ApiClient api = api()) {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                statuses.add(api.send(HttpRequest.newBuilder(URI.create(api.url() + "/api/v1/campaigns"))
                                .header("Authorization", "Bearer guess-" + i)
                                .build())
                        .status());
            }
            assertThat(statuses).contains(401, 429).doesNotContain(200);
            assertThat(statuses.stream().filter(status -> status == 401).count())
                    .isBetween(10L, 12L);
            assertThat(api.get("/campaigns").status()).isEqualTo(200);
        }
    }

    @Test
    void pages_are_not_given_out_without_end_either() throws IOException {
        try (ApiClient api = api()) {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                statuses.add(api.send(HttpRequest.newBuilder(URI.create(api.url() + "/healthz"))
                                .build())
                        .status());
            }
            assertThat(statuses).contains(200, 429);
        }
    }

    @Test
    void a_header_that_drips_is_cut() throws IOException {
        try (ApiClient api = api();
                Socket socket = connected(api)) {
            say(socket, "GET /healthz HTTP/1.1\r\nX: ");
            assertThat(untilCut(socket, "a")).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test
    void a_body_that_drips_is_answered_408_and_cut() throws IOException {
        fleet.aCampaign("c1", CampaignPhase.RUNNING);
        try (ApiClient api = api();
                Socket socket = connected(api)) {
            say(
                    socket,
                    "POST /api/v1/campaigns/c1/actions/pause HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                            + ApiClient.TOKEN
                            + "\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{");
            byte[] answer = socket.getInputStream().readNBytes(12);
            assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 408");
            assertThat(untilCut(socket, "a")).isLessThan(Duration.ofSeconds(3));
            assertThat(fleet.campaigns.values().iterator().next().campaign().phase())
                    .isEqualTo(CampaignPhase.RUNNING);
        }
    }

    @Test
    void more_connections_than_allowed_are_closed_and_places_come_back() throws IOException {
        try (ApiClient api = api()) {
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 40; i++) {
                    sockets.add(connected(api));
                }
                assertThat(untilCut(sockets.get(39), "")).isLessThan(Duration.ofSeconds(3));
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            await().atMost(Duration.ofSeconds(5))
                    .ignoreExceptions()
                    .until(() -> api.get("/campaigns").status() == 200);
        }
    }

    @Test
    void one_address_holds_half_of_the_connections_and_another_may_still_kill() throws IOException {
        HttpLimitSettings d = HttpLimitSettings.DEFAULT;
        HttpLimitSettings patient = new HttpLimitSettings(
                20, 10, 5, 10, 4, 1, d.uploadRate(), Duration.ofMinutes(1), Duration.ofMinutes(1), d.maxHeaders());
        try (ApiClient api = new ApiClient(fleet, ApiClient.settings().with(patient))) {
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 40; i++) {
                    sockets.add(connected(api));
                }
                assertThat(untilCut(sockets.get(39), "")).isLessThan(Duration.ofSeconds(5));
                Socket other = new Socket();
                sockets.add(other);
                other.bind(new InetSocketAddress("127.0.0.2", 0));
                other.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), api.port));
                other.setSoTimeout(5000);
                String order = "{\"scope\":\"all\",\"reason\":\"now\"}";
                say(
                        other,
                        "POST /api/v1/kill-switches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ApiClient.TOKEN
                                + "\r\nContent-Type: application/json\r\nContent-Length: " + order.length()
                                + "\r\n\r\n" + order);
                assertThat(new String(other.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 201");
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void long_and_many_headers_are_refused() throws IOException {
        try (ApiClient api = api()) {
            assertThat(api.send(api.request("/api/v1/campaigns")
                                    .header("X-Long", "x".repeat(8000))
                                    .build())
                            .status())
                    .isEqualTo(431);
            HttpRequest.Builder many = api.request("/api/v1/campaigns");
            for (int i = 0; i < 120; i++) {
                many.header("X-" + i, "x");
            }
            assertThat(api.send(many.build()).status()).isEqualTo(431);
        }
    }

    @Test
    void one_token_may_hold_half_of_the_event_streams() throws IOException {
        try (ApiClient api = api()) {
            List<Socket> sockets = new ArrayList<>();
            try {
                List<String> answers = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    Socket socket = connected(api);
                    sockets.add(socket);
                    say(
                            socket,
                            "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ApiClient.TOKEN
                                    + "\r\n\r\n");
                    answers.add(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII));
                }
                assertThat(answers).containsExactly("HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 503");
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void one_upload_too_many_is_sent_away() throws IOException {
        try (ApiClient api = api();
                Socket first = connected(api);
                Socket second = connected(api)) {
            String head = "POST /api/v1/packages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ApiClient.TOKEN
                    + "\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\n";
            say(first, head + "good");
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> api.get("/campaigns").status() == 200);
            say(second, head + "good");
            assertThat(new String(second.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 503");
            say(first, "x".repeat(996));
            assertThat(new String(first.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 201");
        }
    }
}
