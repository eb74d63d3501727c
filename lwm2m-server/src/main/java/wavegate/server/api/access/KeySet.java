package wavegate.server.api.access;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.config.OidcSettings;

/**
 * The identity provider's public keys, from the one place that is configured. They are read again when they are old, and early, but seldom, when a
 * token names a key that is not among them. Keys that could not be read again are used for ten times as long, then not at all.
 */
final class KeySet {
    private static final Logger LOG = LoggerFactory.getLogger(KeySet.class);
    private static final int LONGEST = 1 << 20;
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration EARLIEST_AGAIN = Duration.ofSeconds(10);
    private static final int STALE_FACTOR = 10;

    private final OidcSettings settings;
    private final InstantSource clock;
    // A redirect would let the provider's server choose where this one looks next.
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private JWKSet keys = new JWKSet();
    private Instant readAt = Instant.MIN;
    private Instant triedAt = Instant.MIN;

    KeySet(OidcSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** The keys; reads them if they are old. May wait for the network. */
    synchronized JWKSet current() {
        if (older(readAt, settings.refresh()) && older(triedAt, EARLIEST_AGAIN)) {
            read();
        }
        return older(readAt, settings.refresh().multipliedBy(STALE_FACTOR)) ? new JWKSet() : keys;
    }

    /** The keys, read again unless that was done a moment ago: for a token that names an unknown one. */
    synchronized JWKSet again() {
        if (older(triedAt, EARLIEST_AGAIN)) {
            read();
        }
        return current();
    }

    private boolean older(Instant at, Duration than) {
        return at.equals(Instant.MIN) || !clock.instant().isBefore(at.plus(than));
    }

    private void read() {
        triedAt = clock.instant();
        try {
            keys = JWKSet.parse(settings.keysAreFetched() ? fetched() : Files.readString(Path.of(settings.keys())));
            readAt = triedAt;
            LOG.info("identity provider's keys read keys={}", keys.size());
        } catch (IOException | ParseException e) {
            LOG.warn("identity provider's keys could not be read from={} why=\"{}\"", settings.keys(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String fetched() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(settings.keys()))
                .timeout(ANSWER)
                .header("Accept", "application/jwk-set+json, application/json")
                .build();
        HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("answered " + response.statusCode());
            }
            byte[] bytes = body.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw new IOException("more than " + LONGEST + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
