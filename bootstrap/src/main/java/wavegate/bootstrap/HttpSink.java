package wavegate.bootstrap;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.shard.Shard;
import wavegate.config.Durations;

/** Gives credentials to a server over its management API. Waits for nothing; answers come on threads of the HTTP client. */
final class HttpSink implements CredentialSink {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    private final URI api;
    private final Path token;
    private final Duration grace;
    private final SecureRandom random;
    private final HttpClient http;

    /**
     * @param api as {@link #isApi} takes it
     * @param token file with the token, read for each call so that it can be replaced
     * @param authority PEM file of certificate authorities that alone may vouch for the API; empty: those of the Java runtime
     * @param grace how long the server keeps the credential before
     * @throws IOException if the authorities cannot be read
     */
    HttpSink(URI api, Path token, Optional<Path> authority, Duration grace, SecureRandom random) throws IOException {
        this.api = api;
        this.token = token;
        this.grace = grace;
        this.random = random;
        HttpClient.Builder client =
                HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NEVER);
        if (authority.isPresent()) {
            client.sslContext(trusting(authority.get()));
        }
        this.http = client.build();
    }

    private static SSLContext trusting(Path authority) throws IOException {
        try (InputStream pem = Files.newInputStream(authority)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("ca-" + trusted.size(), each);
            }
            if (trusted.size() == 0) {
                throw new IOException(authority + ": no certificate in it (expected: PEM)");
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(authority + ": cannot be read (expected: certificates in PEM)", e);
        }
    }

    /** Whether keys may be sent there: over TLS, or without leaving the machine. */
    static boolean isApi(String text) {
        try {
            URI uri = new URI(text);
            String host = uri.getHost();
            return host != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null
                    && ("https".equals(uri.getScheme())
                            || ("http".equals(uri.getScheme()) && THIS_MACHINE.contains(host)));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    @Override
    public CompletionStage<Void> provide(Shard shard, Credential credential) {
        return put(credential, grace);
    }

    @Override
    public CompletionStage<Void> withdraw(Shard shard, String endpoint) {
        return put(FreshKeys.psk(endpoint, random), Duration.ZERO);
    }

    private CompletionStage<Void> put(Credential credential, Duration how) {
        ObjectNode body = json(credential);
        body.put("grace", Durations.format(how));
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(api.resolve(
                            "/api/v1/credentials/" + credential.endpoint().replace(":", "%3A")))
                    .timeout(ANSWER)
                    .header("Authorization", "Bearer " + Files.readString(token).strip())
                    .header("Content-Type", "application/json")
                    .PUT(BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8))
                    .build();
        } catch (IOException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(new IOException(
                    "token of " + api + " cannot be read: " + e.getClass().getSimpleName()));
        }
        return http.sendAsync(request, BodyHandlers.discarding()).thenAccept(this::requireAccepted);
    }

    private void requireAccepted(HttpResponse<Void> response) {
        int status = response.statusCode();
        if (status == 409 || status == 422) {
            throw new CredentialRefused(CredentialRefused.Why.REVOKED, api + " refuses the credential: " + status);
        } else if (status / 100 != 2) {
            throw new IllegalStateException(api + " answered " + status);
        }
    }

    private static ObjectNode json(Credential credential) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if (credential instanceof Credential.Psk psk) {
            body.put("kind", "psk");
            body.put("identity", psk.identity());
            body.put("key", HexFormat.of().formatHex(psk.key()));
        } else if (credential instanceof Credential.Rpk rpk) {
            body.put("kind", "rpk");
            body.put("publicKey", Base64.getEncoder().encodeToString(rpk.key().getEncoded()));
        } else if (credential instanceof Credential.X509 x509) {
            body.put("kind", "x509");
            body.put("tenant", x509.tenant());
        } else if (credential instanceof Credential.Oscore oscore) {
            body.put("kind", "oscore");
            body.put("identity", HexFormat.of().formatHex(oscore.recipientId()));
            body.put("senderId", HexFormat.of().formatHex(oscore.senderId()));
            body.put("key", HexFormat.of().formatHex(oscore.masterSecret()));
            body.put("salt", HexFormat.of().formatHex(oscore.masterSalt()));
        }
        return body;
    }
}
