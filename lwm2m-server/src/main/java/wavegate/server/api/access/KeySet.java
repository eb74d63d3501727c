package wavegate.server.api.access;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.config.OidcSettings;

/**
 * The identity provider's public keys, from the one place that is configured. They are read again when they are old, and early, but seldom, when a
 * token names a key that is not among them; on a thread of their own, one reading at a time. Keys that could not be read again are used for ten
 * times as long, then not at all. Any thread.
 */
final class KeySet {
    private static final Logger LOG = LoggerFactory.getLogger(KeySet.class);
    private static final int LONGEST = 1 << 20;
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** For connecting, the answer and all of its body. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private static final Duration A_MOMENT = Duration.ofSeconds(1);
    private static final Duration EARLIEST_AGAIN = Duration.ofSeconds(10);
    private static final int STALE_FACTOR = 10;

    private final OidcSettings settings;
    private final InstantSource clock;
    private final Duration answerWithin;
    // A redirect would let the provider's server choose where this one looks next.
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private volatile Read latest = new Read(new JWKSet(), Instant.MIN);
    private volatile Instant triedAt = Instant.MIN;
    /** The one reading that is under way, or was the last. Under this object's lock. */
    private CompletableFuture<Void> reading = CompletableFuture.completedFuture(null);

    private record Read(JWKSet keys, Instant at) {}

    KeySet(OidcSettings settings, InstantSource clock) {
        this(settings, clock, ANSWER);
    }

    KeySet(OidcSettings settings, InstantSource clock, Duration answerWithin) {
        this.settings = settings;
        this.clock = clock;
        this.answerWithin = answerWithin;
    }

    /** The keys that are here; empty if whoever asks should wait for others. Never blocks. */
    Optional<JWKSet> here() {
        Read read = latest;
        boolean due = older(read.at(), settings.refresh()) && older(triedAt, EARLIEST_AGAIN) && !isReading();
        return due || isStale(read) ? Optional.empty() : Optional.of(read.keys());
    }

    /** The keys; has them read if they are old. Waits for the network only as long as none are here, and else a moment. */
    JWKSet current() {
        Read read = latest;
        if (read.at().equals(Instant.MIN) || isStale(read)) {
            await(begin(), answerWithin);
        } else if (older(read.at(), settings.refresh()) && !isReading()) {
            // A provider in good health answers in that time, so that a key it has taken back is not used once more.
            await(begin(), A_MOMENT);
        }
        return usable();
    }

    /** The keys, read again unless that was done a moment ago: for a token that names an unknown one. */
    JWKSet again() {
        await(begin(), answerWithin);
        return usable();
    }

    private JWKSet usable() {
        Read read = latest;
        return isStale(read) ? new JWKSet() : read.keys();
    }

    private boolean isStale(Read read) {
        return older(read.at(), settings.refresh().multipliedBy(STALE_FACTOR));
    }

    private boolean older(Instant at, Duration than) {
        return at.equals(Instant.MIN) || !clock.instant().isBefore(at.plus(than));
    }

    private synchronized boolean isReading() {
        return !reading.isDone();
    }

    /** @return the reading under way; begins one unless that was tried a moment ago */
    private synchronized CompletableFuture<Void> begin() {
        if (reading.isDone() && older(triedAt, EARLIEST_AGAIN)) {
            CompletableFuture<Void> begun = new CompletableFuture<>();
            reading = begun;
            Thread reader = new Thread(
                    () -> {
                        try {
                            read();
                        } finally {
                            begun.complete(null);
                        }
                    },
                    "oidc-keys");
            reader.setDaemon(true);
            reader.start();
        }
        return reading;
    }

    private static void await(CompletableFuture<Void> reading, Duration atMost) {
        try {
            reading.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("identity provider's keys are late: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        Instant began = clock.instant();
        try {
            JWKSet keys =
                    JWKSet.parse(settings.keysAreFetched() ? fetched() : Files.readString(Path.of(settings.keys())));
            latest = new Read(keys, began);
            LOG.info("identity provider's keys read keys={}", keys.size());
        } catch (IOException | ParseException e) {
            LOG.warn("identity provider's keys could not be read from={} why=\"{}\"", settings.keys(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // From its end: a try that took long is not followed by the next one at once.
            triedAt = clock.instant();
        }
    }

    private String fetched() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(settings.keys()))
                .timeout(answerWithin)
                .header("Accept", "application/jwk-set+json, application/json")
                .build();
        Bounded body = new Bounded();
        CompletableFuture<HttpResponse<byte[]>> asked = http.sendAsync(request, head -> body);
        try {
            HttpResponse<byte[]> response = asked.get(answerWithin.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != 200) {
                throw new IOException("answered " + response.statusCode());
            }
            return new String(response.body(), StandardCharsets.UTF_8);
        } catch (TimeoutException e) {
            throw new IOException("no whole answer after " + answerWithin.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause() == null ? e : e.getCause()), e);
        } finally {
            asked.cancel(true);
            body.cancel();
        }
    }

    /** A body up to {@value #LONGEST} bytes, whose reading can be ended from outside. */
    private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private final CompletableFuture<Flow.Subscription> source = new CompletableFuture<>();

        @Override
        public CompletionStage<byte[]> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            source.complete(subscription);
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            for (ByteBuffer part : parts) {
                if (read.size() + part.remaining() > LONGEST) {
                    whole.completeExceptionally(new IOException("more than " + LONGEST + " bytes"));
                    cancel();
                    return;
                }
                byte[] bytes = new byte[part.remaining()];
                part.get(bytes);
                read.writeBytes(bytes);
            }
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(read.toByteArray());
        }

        /** Takes no more. Any thread. */
        void cancel() {
            whole.completeExceptionally(new IOException("cancelled"));
            var unused = source.thenAccept(Flow.Subscription::cancel);
        }
    }
}
