package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Random;
import wavegate.config.DataSize;
import wavegate.config.HttpLimitSettings;
import wavegate.config.HttpSettings;
import wavegate.config.OidcSettings;
import wavegate.config.Secret;
import wavegate.server.api.access.Access;
import wavegate.server.api.access.TokenStore;

/** A live API over a fake fleet, and a client that speaks to it over a socket. */
final class ApiClient implements AutoCloseable {
    static final String TOKEN = "test-token-0123456789";
    static final long MAX_PACKAGE = 1 << 20;

    final ApiServer server;
    final int port;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    record Answer(int status, String type, String text, java.net.http.HttpHeaders headers) {
        JsonNode json() {
            try {
                return new ObjectMapper().readTree(text);
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + text, e);
            }
        }

        String detail() {
            return json().path("detail").asText();
        }
    }

    ApiClient(FakeFleet fleet) throws IOException {
        this(fleet, Duration.ofSeconds(10));
    }

    ApiClient(FakeFleet fleet, Duration answerWithin) throws IOException {
        this(fleet, settings().answeringWithin(answerWithin));
    }

    /** Loopback at any port, small bodies, and limits that tests of anything else do not meet. */
    static HttpSettings settings() {
        HttpLimitSettings d = HttpLimitSettings.DEFAULT;
        return HttpSettings.DEFAULT
                .at("127.0.0.1", 0)
                .withMaxBody(new DataSize(64 * 1024))
                .with(new HttpLimitSettings(
                        d.connections(),
                        100_000,
                        100_000,
                        100_000,
                        d.streams(),
                        d.uploads(),
                        d.uploadRate(),
                        d.headersWithin(),
                        d.bodyWithin(),
                        d.maxHeaders()));
    }

    ApiClient(FakeFleet fleet, HttpSettings settings) throws IOException {
        server = new ApiServer(
                fleet.ports(),
                settings,
                MAX_PACKAGE,
                access(settings.oidc()),
                CampaignDefaults.STANDARD,
                java.time.InstantSource.system(),
                new Random(1));
        port = server.start();
    }

    /** A store with the configured token, an admin's, in a folder of its own. */
    static Access access(OidcSettings oidc) throws IOException {
        return new Access(
                TokenStore.open(
                        Files.createTempDirectory("tokens").resolve("tokens.json"),
                        new Secret(TOKEN),
                        java.time.InstantSource.system(),
                        new Random(2),
                        none -> {}),
                oidc,
                java.time.InstantSource.system());
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    HttpClient http() {
        return http;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + TOKEN);
    }

    Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body(),
                    response.headers());
        } catch (IOException e) {
            throw new AssertionError(request + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    Answer get(String path) {
        return send(request("/api/v1" + path).GET().build());
    }

    Answer post(String path, String json) {
        return send(request("/api/v1" + path)
                .header("Content-Type", "application/json")
                .POST(json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build());
    }

    Answer method(String method, String path, String json) {
        return send(request("/api/v1" + path)
                .header("Content-Type", "application/json")
                .method(method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build());
    }

    @Override
    public void close() {
        server.close();
    }
}
