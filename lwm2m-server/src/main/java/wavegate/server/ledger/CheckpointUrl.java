package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Checkpoints at an HTTP address: each is given by POST as text, and GET of the same address gives the last ones back. 404 and 405 say there is none. */
final class CheckpointUrl implements CheckpointSink {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final URI uri;
    private final Duration patience;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    CheckpointUrl(URI uri) {
        this(uri, ANSWER);
    }

    /** @param patience with a whole answer, to its last byte */
    CheckpointUrl(URI uri, Duration patience) {
        this.uri = uri;
        this.patience = patience;
    }

    @Override
    public String name() {
        return uri.getScheme() + "://" + uri.getAuthority() + uri.getPath();
    }

    @Override
    public void put(String note) throws IOException {
        int status = send(HttpRequest.newBuilder(uri)
                        .header("Content-Type", "text/plain; charset=utf-8")
                        .POST(BodyPublishers.ofString(note, UTF_8)))
                .statusCode();
        if (status / 100 != 2) {
            throw new IOException(name() + " answered " + status);
        }
    }

    @Override
    public String read() throws IOException {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(uri).GET());
        int status = answer.statusCode();
        if (status == 404 || status == 405 || status == 204) {
            return "";
        }
        if (status != 200) {
            throw new IOException(name() + " answered " + status);
        }
        return answer.body();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        // A timeout of the request ends with the answer's headers.
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request.build(), BodyHandlers.ofString(UTF_8));
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(name() + ": interrupted", e);
        } catch (TimeoutException e) {
            throw new IOException(name() + ": no whole answer within " + patience, e);
        } catch (ExecutionException e) {
            throw new IOException(name() + ": " + e.getCause(), e);
        } finally {
            answer.cancel(true);
        }
    }
}
