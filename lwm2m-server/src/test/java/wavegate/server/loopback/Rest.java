package wavegate.server.loopback;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An operator's client of the API. A server that is not there is an {@link IOException}; an answer other than 2xx fails the test. */
final class Rest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI base;
    private final String token;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    Rest(int port, String token) {
        this.base = URI.create("http://127.0.0.1:" + port);
        this.token = token;
    }

    JsonNode get(String path) throws IOException {
        return json(request(path).GET().build());
    }

    /** Whatever is answered: status, headers and body in one text. Headers given replace the usual ones; the path may leave the API. */
    String raw(String method, String path, String body, Map<String, String> headers) throws IOException {
        HttpRequest.Builder request = request(path)
                .uri(base.resolve("/api/v1" + path).normalize())
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .setHeader("Content-Type", "application/json");
        headers.forEach(request::setHeader);
        HttpResponse<String> response = send(request.build());
        return response.statusCode() + " " + response.headers().map() + "\n" + response.body();
    }

    /** The status a GET is answered with, whatever it is. */
    int status(String path) throws IOException {
        return send(request(path).GET().build()).statusCode();
    }

    JsonNode post(String path, String body) throws IOException {
        return json(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    JsonNode put(String path, String body) throws IOException {
        return json(request(path)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body))
                .build());
    }

    JsonNode patch(String path, String body) throws IOException {
        return json(request(path)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString(body))
                .build());
    }

    JsonNode upload(Path envelope) throws IOException {
        return json(request("/packages")
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofFile(envelope))
                .build());
    }

    /** An order that is to be refused. @return the problem's {@code code} */
    String conflict(String path, String body) throws IOException {
        HttpResponse<String> response = send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
        if (response.statusCode() != 409) {
            throw new AssertionError(path + " was answered " + response.statusCode() + ": " + response.body());
        }
        return JSON.readTree(response.body()).path("type").asText().replace("urn:wavegate:problem:", "");
    }

    /** Uploads what is to be refused. @return the problem's {@code code} */
    String refused(Path envelope) throws IOException {
        HttpResponse<String> response = send(request("/packages")
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofFile(envelope))
                .build());
        if (response.statusCode() / 100 != 4) {
            throw new AssertionError(envelope + " was answered " + response.statusCode() + ": " + response.body());
        }
        return JSON.readTree(response.body()).path("type").asText().replace("urn:wavegate:problem:", "");
    }

    /** Every item of a paged list. {@code path} carries at least one query parameter. */
    List<JsonNode> all(String path) throws IOException {
        List<JsonNode> all = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = get(path + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
            page.path("items").forEach(all::add);
            cursor = page.path("next").asText();
        } while (!cursor.isEmpty());
        return all;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve("/api/v1" + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token);
    }

    /** An order that may come too late: a conflict is an answer too. */
    void ask(String path, String body) throws IOException {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = send(request);
        if (response.statusCode() / 100 != 2 && response.statusCode() != 409) {
            throw new AssertionError(request + " was answered " + response.statusCode() + ": " + response.body());
        }
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private JsonNode json(HttpRequest request) throws IOException {
        HttpResponse<String> response = send(request);
        if (response.statusCode() / 100 != 2) {
            throw new AssertionError(request + " was answered " + response.statusCode() + ": " + response.body());
        }
        return JSON.readTree(response.body());
    }
}
