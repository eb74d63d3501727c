package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.config.OidcSettings;
import wavegate.config.Secret;
import wavegate.server.api.access.Access;
import wavegate.server.api.access.TokenStore;

class StalledProviderTest {
    @TempDir
    Path folder;

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_token_of_this_server_does_not_wait_for_an_identity_provider_that_does_not_answer() throws Exception {
        FakeFleet fleet = new FakeFleet();
        try (ServerSocket provider = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            OidcSettings oidc = new OidcSettings(
                    "https://idp.example",
                    "wavegate",
                    "http://127.0.0.1:" + provider.getLocalPort() + "/jwks",
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(30),
                    "RS256",
                    "roles",
                    "all=viewer");
            try (ApiClient api = new ApiClient(fleet, ApiClient.settings().with(oidc))) {
                String foreign = base64("{\"alg\":\"RS256\",\"kid\":\"k\"}") + "." + base64("{\"sub\":\"ann\"}") + "."
                        + base64("signature");
                for (int i = 0; i < 20; i++) {
                    var unused = api.http()
                            .sendAsync(
                                    HttpRequest.newBuilder(URI.create(api.url() + "/api/v1/campaigns"))
                                            .header("Authorization", "Bearer " + foreign)
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding());
                }
                provider.setSoTimeout(10_000);
                try (Socket stalled = provider.accept()) {
                    long began = System.nanoTime();
                    for (int i = 0; i < 5; i++) {
                        assertThat(api.get("/campaigns").status()).isEqualTo(200);
                    }
                    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
                    assertThat(stalled.isConnected()).isTrue();
                }
            }
        }
    }

    /** Answers the first time; after that it takes connections and says nothing. */
    private static void answerOnce(ServerSocket provider, String keys) {
        Thread thread = new Thread(
                () -> {
                    try (Socket first = provider.accept()) {
                        byte[] body = keys.getBytes(StandardCharsets.UTF_8);
                        first.getInputStream().read(new byte[4096]);
                        first.getOutputStream()
                                .write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length
                                                + "\r\n\r\n" + keys)
                                        .getBytes(StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                "provider");
        thread.setDaemon(true);
        thread.start();
    }

    private static String token(RSAKey key, String subject) throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer("https://idp.example")
                        .audience("wavegate")
                        .subject(subject)
                        .expirationTime(Date.from(Instant.now().plusSeconds(300)))
                        .claim("roles", "all")
                        .build());
        jwt.sign(new RSASSASigner(key));
        return jwt.serialize();
    }

    @Test
    void a_new_token_does_not_wait_for_a_provider_that_stalls_while_its_keys_are_here() throws Exception {
        RSAKey known = new RSAKeyGenerator(2048).keyID("known").generate();
        RSAKey unknown = new RSAKeyGenerator(2048).keyID("unknown").generate();
        try (ServerSocket provider = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            // Old as soon as they are read, and then due again ten seconds later.
            OidcSettings oidc = new OidcSettings(
                    "https://idp.example",
                    "wavegate",
                    "http://127.0.0.1:" + provider.getLocalPort() + "/jwks",
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    "RS256",
                    "roles",
                    "all=viewer");
            answerOnce(provider, new JWKSet(known.toPublicJWK()).toString());
            Instant[] now = {Instant.now()};
            Access access = new Access(
                    TokenStore.open(
                            folder.resolve("tokens.json"),
                            new Secret("0123456789abcdef"),
                            () -> now[0],
                            new Random(1),
                            none -> {}),
                    oidc,
                    () -> now[0]);
            assertThat(access.check(token(known, "ann")).caller()).isPresent();
            now[0] = now[0].plusSeconds(11);

            ExecutorService strangers = Executors.newFixedThreadPool(4);
            try {
                String strange = token(unknown, "eve");
                for (int i = 0; i < 4; i++) {
                    var unused = strangers.submit(() -> access.check(strange));
                }
                provider.setSoTimeout(10_000);
                try (Socket stalled = provider.accept()) {
                    long began = System.nanoTime();
                    for (int i = 0; i < 20; i++) {
                        assertThat(access.checkWithoutWaiting(token(known, "bob-" + i))
                                        .orElseThrow()
                                        .caller())
                                .isPresent();
                    }
                    Duration took = Duration.ofNanos(System.nanoTime() - began);
                    System.out.printf("stalled provider: 20 new tokens in %d ms%n", took.toMillis());
                    assertThat(took).isLessThan(Duration.ofSeconds(3));
                    assertThat(access.checkWithoutWaiting(strange))
                            .as("an unknown key")
                            .isEmpty();
                    assertThat(stalled.isConnected()).isTrue();
                }
            } finally {
                strangers.shutdownNow();
            }
        }
    }

    @Test
    void tokens_of_the_provider_are_let_in_over_http_by_keys_that_were_read_once() throws Exception {
        RSAKey known = new RSAKeyGenerator(2048).keyID("known").generate();
        try (ServerSocket provider = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            OidcSettings oidc = new OidcSettings(
                    "https://idp.example",
                    "wavegate",
                    "http://127.0.0.1:" + provider.getLocalPort() + "/jwks",
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(30),
                    "RS256",
                    "roles",
                    "all=viewer");
            answerOnce(provider, new JWKSet(known.toPublicJWK()).toString());
            FakeFleet fleet = new FakeFleet();
            try (ApiClient api = new ApiClient(fleet, ApiClient.settings().with(oidc))) {
                for (String subject : new String[] {"ann", "bob"}) {
                    long began = System.nanoTime();
                    int status = api.send(HttpRequest.newBuilder(URI.create(api.url() + "/api/v1/campaigns"))
                                    .header("Authorization", "Bearer " + token(known, subject))
                                    .build())
                            .status();
                    assertThat(status).as(subject).isEqualTo(200);
                    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
                }
            }
        }
    }
}
