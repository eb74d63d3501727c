package wavegate.server.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;

/** Calls to a server's REST API. Whatever is not the answer that was asked for is a {@link CallFailed}. */
final class ServerCalls {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    /** How often a server that asks for patience is given some. */
    private static final int TIMES_TO_WAIT = 5;

    private static final Duration UPLOAD = Duration.ofMinutes(30);

    private final URI base;
    private final String token;
    private final HttpClient http;

    /** Over https it trusts whom Java trusts. */
    ServerCalls(URI base, String token) {
        this(base, token, client().build());
    }

    /** @param trusted whom it trusts over https, and nobody else */
    ServerCalls(URI base, String token, SSLContext trusted) {
        this(base, token, client().sslContext(trusted).build());
    }

    private ServerCalls(URI base, String token, HttpClient http) {
        this.base = base;
        this.token = token;
        this.http = http;
    }

    private static HttpClient.Builder client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
    }

    JsonNode get(String path) {
        return json(request(path, ANSWER).GET());
    }

    JsonNode post(String path, JsonNode body) {
        return json(request(path, ANSWER)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
    }

    JsonNode post(String path, String contentType, String body) {
        return json(request(path, ANSWER).header("Content-Type", contentType).POST(BodyPublishers.ofString(body)));
    }

    JsonNode put(String path, JsonNode body) {
        return json(request(path, ANSWER)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body.toString())));
    }

    JsonNode patch(String path, JsonNode body) {
        return json(request(path, ANSWER)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString(body.toString())));
    }

    void delete(String path) {
        json(request(path, ANSWER).DELETE());
    }

    JsonNode upload(String path, Path file) {
        return upload("POST", path, file);
    }

    JsonNode upload(String method, String path, Path file) {
        BodyPublisher body;
        try {
            body = BodyPublishers.ofFile(file);
        } catch (IOException e) {
            throw new CallFailed(ExitCode.FAILED, file + ": no such file");
        }
        return json(request(path, UPLOAD)
                .header("Content-Type", "application/octet-stream")
                .method(method, body));
    }

    /** One event of the server's stream. */
    record Event(String type, JsonNode data) {}

    /** The server's events until the caller closes the stream or the server ends it. */
    Stream<Event> events() {
        HttpRequest request = request("/events", Duration.ofDays(1)).GET().build();
        HttpResponse<Stream<String>> response = send(request, BodyHandlers.ofLines());
        if (response.statusCode() != 200) {
            throw refused(
                    response.statusCode(), String.join("\n", response.body().toList()));
        }
        Stream<String> lines = response.body();
        Iterator<String> from = lines.iterator();
        return Stream.generate(() -> nextEvent(from))
                .takeWhile(Optional::isPresent)
                .map(Optional::get)
                .onClose(lines::close);
    }

    private static Optional<Event> nextEvent(Iterator<String> lines) {
        String type = "";
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.startsWith("event: ")) {
                type = line.substring(7);
            } else if (line.startsWith("data: ")) {
                return Optional.of(new Event(type, parse(line.substring(6))));
            }
        }
        return Optional.empty();
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path, Duration limit) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(base.resolve("/api/v1" + path)).timeout(limit);
        if (!token.isEmpty()) {
            builder.header("Authorization", "Bearer " + token);
        }
        return builder;
    }

    private JsonNode json(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        HttpResponse<String> response = send(request, BodyHandlers.ofString());
        for (int i = 0; i < TIMES_TO_WAIT && response.statusCode() == 429; i++) {
            await(response.headers().firstValueAsLong("Retry-After").orElse(1));
            response = send(request, BodyHandlers.ofString());
        }
        if (response.statusCode() / 100 != 2) {
            throw refused(response.statusCode(), response.body());
        }
        return response.body().isEmpty() ? JSON.createObjectNode() : parse(response.body());
    }

    private static void await(long seconds) {
        try {
            Thread.sleep(Duration.ofSeconds(Math.min(seconds, 10)).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallFailed(ExitCode.FAILED, "interrupted");
        }
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (HttpTimeoutException e) {
            throw new CallFailed(ExitCode.UNREACHABLE, "no answer from " + base + " in time");
        } catch (ConnectException e) {
            throw new CallFailed(
                    ExitCode.UNREACHABLE,
                    "no server at " + base + " (start one with ./wavegate server, or name it with --server or"
                            + " WAVEGATE_URL)");
        } catch (SSLHandshakeException e) {
            throw new CallFailed(
                    ExitCode.UNREACHABLE,
                    "the certificate of " + base + " is not to be trusted: " + e.getMessage()
                            + " (whose it may be: --ca or WAVEGATE_CA)");
        } catch (IOException e) {
            throw new CallFailed(ExitCode.UNREACHABLE, "the connection to " + base + " broke: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallFailed(ExitCode.FAILED, "interrupted");
        }
    }

    private CallFailed refused(int status, String body) {
        if (status == 401) {
            return new CallFailed(
                    ExitCode.FAILED,
                    token.isEmpty()
                            ? "the server wants a token (--token or WAVEGATE_TOKEN; it was printed at its first start)"
                            : "the server does not take this token (have another made with ./wavegate token create; if none is"
                                    + " left, stop the server and delete tokens.json in its data folder)");
        }
        StringBuilder message = new StringBuilder();
        try {
            JsonNode problem = JSON.readTree(body);
            message.append(problem.path("detail").asText("status " + status));
            if (!problem.path("allowedActions").isEmpty()) {
                message.append(" (allowed: ");
                problem.get("allowedActions")
                        .forEach(action -> message.append(action.asText()).append(", "));
                message.setLength(message.length() - 2);
                message.append(')');
            }
        } catch (JsonProcessingException e) {
            message.append("status ")
                    .append(status)
                    .append(" from ")
                    .append(base)
                    .append("; is it a Wavegate server?");
        }
        return new CallFailed(ExitCode.FAILED, message.toString());
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new CallFailed(ExitCode.FAILED, "the answer is not JSON; is it a Wavegate server?");
        }
    }
}
