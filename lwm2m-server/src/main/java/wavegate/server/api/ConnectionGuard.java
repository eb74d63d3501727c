package wavegate.server.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import wavegate.config.HttpSettings;

/**
 * Bounds what a slow or greedy client can hold: how many connections there are and how many of them
 * one address holds, how long one may be open without a whole request header, how long
 * one request may take in all. Bytes that drip in do not prolong anything. Event loop only, but for the counters.
 */
final class ConnectionGuard {
    private static final int MOST_HEADERS = 100;
    /** Between two requests of one connection, drips included. */
    private static final Duration KEPT_ALIVE = Duration.ofSeconds(75);
    /** For reading an answer. */
    private static final Duration TO_BE_READ = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final HttpSettings settings;
    private final Map<HttpConnection, Watched> open = new HashMap<>();
    private final Map<String, Integer> byNetwork = new HashMap<>();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();

    private static final class Watched {
        private final String network;
        private long due;
        private int requests;

        Watched(String network) {
            this.network = network;
        }
    }

    ConnectionGuard(Vertx vertx, HttpSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
    }

    /** Looks for those that took too long from now on. */
    void start() {
        long interval =
                Math.max(50, Math.min(1000, settings.limits().headersWithin().toMillis() / 4));
        vertx.setPeriodic(interval, timer -> look());
    }

    void opened(HttpConnection connection) {
        String network = RequestLimits.network(connection.remoteAddress());
        // Half at most for one, so that nobody keeps the kill switch from everybody else.
        if (open.size() >= settings.limits().connections()
                || byNetwork.getOrDefault(network, 0) >= (settings.limits().connections() + 1) / 2) {
            refused.incrementAndGet();
            connection.close();
            return;
        }
        Watched watched = new Watched(network);
        watched.due = in(settings.limits().headersWithin());
        open.put(connection, watched);
        byNetwork.merge(network, 1, Integer::sum);
        connection.closeHandler(closed -> closed(connection));
    }

    private void closed(HttpConnection connection) {
        Watched watched = open.remove(connection);
        if (watched != null) {
            byNetwork.computeIfPresent(watched.network, (network, held) -> held > 1 ? held - 1 : null);
        }
    }

    /** Whether a request is to be handled; closes the connection where it is not. */
    boolean admits(HttpServerRequest request) {
        Watched watched = open.get(request.connection());
        if (watched == null) {
            request.connection().close();
            return false;
        }
        watched.requests++;
        watched.due = in(settings.limits()
                .bodyWithin()
                .plus(settings.answerWithin())
                .plus(settings.answerWithin())
                .plus(TO_BE_READ));
        if (request.headers().size() > MOST_HEADERS) {
            request.response().setStatusCode(431).end().onComplete(sent -> request.connection()
                    .close());
            return false;
        }
        return true;
    }

    /** What goes on for long watches itself: uploads and event streams. */
    void longLived(HttpServerRequest request) {
        Watched watched = open.get(request.connection());
        if (watched != null) {
            watched.due = Long.MAX_VALUE;
        }
    }

    /** An answer was sent as a whole. */
    void answered(HttpServerRequest request) {
        Watched watched = open.get(request.connection());
        if (watched != null && --watched.requests <= 0) {
            // A body that nobody wants any more is let run out, so that its sender reads the answer; but not for long.
            watched.due = in(request.isEnded() ? KEPT_ALIVE : settings.limits().bodyWithin());
        }
    }

    private void look() {
        long now = System.nanoTime() / 1_000_000;
        for (Map.Entry<HttpConnection, Watched> entry : Map.copyOf(open).entrySet()) {
            if (entry.getValue().due <= now) {
                cut.incrementAndGet();
                closed(entry.getKey());
                entry.getKey().close();
            }
        }
    }

    private static long in(Duration time) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) + time.toMillis();
    }

    /** Connections closed because there were too many. */
    long refused() {
        return refused.get();
    }

    /** Connections closed because they took too long. */
    long cut() {
        return cut.get();
    }
}
