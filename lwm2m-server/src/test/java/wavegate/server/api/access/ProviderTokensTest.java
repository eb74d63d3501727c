package wavegate.server.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.config.OidcSettings;
import wavegate.config.Secret;

class ProviderTokensTest {
    private static RSAKey rsa;
    private static RSAKey otherRsa;
    private static RSAKey weakRsa;
    private static ECKey ec;
    private static KeyPair ed;

    @TempDir
    private Path data;

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private Path file;

    @BeforeAll
    static void keys() throws JOSEException, GeneralSecurityException {
        rsa = new RSAKeyGenerator(2048).keyID("r1").generate();
        otherRsa = new RSAKeyGenerator(2048).keyID("r2").generate();
        weakRsa = new RSAKeyGenerator(1024, true).keyID("weak").generate();
        ec = new ECKeyGenerator(Curve.P_256).keyID("e1").generate();
        ed = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    @BeforeEach
    void name() {
        file = data.resolve("jwks.json");
    }

    private static JWK edKey() {
        byte[] encoded = ed.getPublic().getEncoded();
        byte[] x = java.util.Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
        return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x))
                .keyID("d1")
                .build();
    }

    private static String set(JWK... keys) {
        return new JWKSet(List.of(keys)).toString(true);
    }

    private Access access(String keys) throws IOException {
        OidcSettings oidc = new OidcSettings(
                "https://idp.example",
                "wavegate",
                keys,
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                "RS256,ES256,EdDSA",
                "realm.roles",
                "ops=operator,boss=approver,all=viewer");
        TokenStore tokens = TokenStore.open(
                data.resolve("tokens.json"), new Secret("0123456789abcdef"), () -> now, new Random(1), none -> {});
        return new Access(tokens, oidc, () -> now);
    }

    private Access fromFile() throws IOException {
        Files.writeString(file, set(rsa.toPublicJWK(), ec.toPublicJWK(), edKey(), weakRsa.toPublicJWK()));
        return access(file.toString());
    }

    private JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer("https://idp.example")
                .audience("wavegate")
                .subject("ann")
                .expirationTime(Date.from(now.plusSeconds(300)))
                .claim("realm", Map.of("roles", List.of("all", "ops", "unknown")));
    }

    private static String signed(JWSAlgorithm algorithm, String kid, JWSSigner signer, JWTClaimsSet claims)
            throws JOSEException {
        SignedJWT jwt =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    private static String rs(JWTClaimsSet claims) throws JOSEException {
        return signed(JWSAlgorithm.RS256, "r1", new RSASSASigner(rsa), claims);
    }

    private static String eddsa(JWTClaimsSet claims) throws GeneralSecurityException {
        String head =
                Base64URL.encode("{\"alg\":\"EdDSA\",\"kid\":\"d1\"}") + "." + Base64URL.encode(claims.toString());
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(ed.getPrivate());
        signature.update(head.getBytes(StandardCharsets.US_ASCII));
        return head + "." + Base64URL.encode(signature.sign());
    }

    @Test
    void each_pinned_algorithm_is_taken_and_the_highest_role_of_the_claim_counts()
            throws IOException, JOSEException, GeneralSecurityException {
        Access access = fromFile();

        for (String token : List.of(
                rs(claims().build()),
                signed(JWSAlgorithm.ES256, "e1", new ECDSASigner(ec), claims().build()),
                eddsa(claims().build()))) {
            assertThat(access.checkAtOnce(token)).isEmpty();
            Caller caller = access.check(token).caller().orElseThrow();
            assertThat(caller).isEqualTo(new Caller("oidc:ann", Role.OPERATOR, now.plusSeconds(330)));
            assertThat(access.checkAtOnce(token).orElseThrow().caller()).contains(caller);
        }
        assertThat(access.check("0123456789abcdef").caller().orElseThrow().role())
                .isEqualTo(Role.ADMIN);
    }

    @Test
    void what_is_wrong_in_any_claim_is_refused() throws IOException, JOSEException {
        Access access = fromFile();
        Map<String, JWTClaimsSet> wrong = Map.of(
                "issuer", claims().issuer("https://evil.example").build(),
                "audience", claims().audience("other").build(),
                "no audience", claims().audience((String) null).build(),
                "expired",
                        claims().expirationTime(Date.from(now.minusSeconds(31))).build(),
                "no end", claims().expirationTime(null).build(),
                "not yet",
                        claims().notBeforeTime(Date.from(now.plusSeconds(31))).build(),
                "nobody", claims().subject(null).build(),
                "no role",
                        claims().claim("realm", Map.of("roles", List.of("unknown")))
                                .build(),
                "role elsewhere", claims().claim("realm", "boss").build());
        for (Map.Entry<String, JWTClaimsSet> one : wrong.entrySet()) {
            assertThat(access.check(rs(one.getValue())).caller())
                    .as(one.getKey())
                    .isEmpty();
        }
        assertThat(access.check(rs(claims().expirationTime(Date.from(now.minusSeconds(29)))
                                .build()))
                        .caller())
                .as("within the leeway")
                .isPresent();
    }

    @Test
    void a_token_without_a_good_signature_is_refused_whatever_its_header_says() throws IOException, JOSEException {
        Access access = fromFile();
        JWTClaimsSet boss =
                claims().claim("realm", Map.of("roles", List.of("boss"))).build();
        String good = rs(boss);
        String[] parts = good.split("\\.", -1);
        byte[] publicKey = rsa.toRSAPublicKey().getEncoded();

        assertThat(access.check(good).caller().orElseThrow().role()).isEqualTo(Role.APPROVER);
        for (String forged : List.of(
                new PlainJWT(boss).serialize(),
                Base64URL.encode("{\"alg\":\"none\"}") + "." + parts[1] + "." + parts[2],
                Base64URL.encode("{\"alg\":\"nOnE\"}") + "." + parts[1] + ".",
                signed(JWSAlgorithm.HS256, "r1", new MACSigner(publicKey), boss),
                signed(JWSAlgorithm.RS512, "r1", new RSASSASigner(rsa), boss),
                signed(JWSAlgorithm.PS256, "r1", new RSASSASigner(rsa), boss),
                signed(JWSAlgorithm.RS256, "r1", new RSASSASigner(otherRsa), boss),
                signed(JWSAlgorithm.RS256, "r2", new RSASSASigner(otherRsa), boss),
                signed(
                        JWSAlgorithm.RS256,
                        "weak",
                        new RSASSASigner(
                                weakRsa.toRSAPrivateKey(),
                                java.util.Set.of(com.nimbusds.jose.crypto.opts.AllowWeakRSAKey.getInstance())),
                        boss),
                parts[0] + "." + parts[1] + ".",
                parts[0] + "."
                        + Base64URL.encode(claims().subject("root").build().toString()) + "." + parts[2],
                "eyJhbGciOiJSUzI1NiJ9..",
                "ey..",
                good + "A")) {
            assertThat(access.check(forged).caller()).as(forged).isEmpty();
        }
    }

    @Test
    void a_key_set_that_drips_is_given_up_and_not_asked_for_again_at_once() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        java.util.concurrent.CountDownLatch over = new java.util.concurrent.CountDownLatch(1);
        HttpServer provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/jwks", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                over.await(20, java.util.concurrent.TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        provider.start();
        try {
            OidcSettings oidc = new OidcSettings(
                    "https://idp.example",
                    "wavegate",
                    "http://127.0.0.1:" + provider.getAddress().getPort() + "/jwks",
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(30),
                    "RS256",
                    "roles",
                    "all=viewer");
            // Each look at the clock takes six seconds: the end of a try is later than its beginning.
            KeySet keys = new KeySet(oidc, () -> now = now.plusSeconds(6), Duration.ofMillis(300));
            long began = System.nanoTime();

            assertThat(keys.current().getKeys()).isEmpty();

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            assertThat(keys.current().getKeys()).isEmpty();
            assertThat(asked).hasValue(1);
        } finally {
            over.countDown();
            provider.stop(0);
        }
    }

    @Test
    void keys_are_fetched_once_again_when_a_token_names_an_unknown_one_and_outlive_a_short_outage()
            throws IOException, JOSEException {
        AtomicReference<String> served = new AtomicReference<>(set(rsa.toPublicJWK()));
        AtomicInteger status = new AtomicInteger(200);
        AtomicInteger fetched = new AtomicInteger();
        HttpServer provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/jwks", exchange -> {
            fetched.incrementAndGet();
            byte[] body = served.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .add("Location", "http://127.0.0.1:" + provider.getAddress().getPort() + "/else");
            exchange.sendResponseHeaders(status.get(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        provider.start();
        try {
            Access access = access("http://127.0.0.1:" + provider.getAddress().getPort() + "/jwks");
            String first = rs(claims().build());
            String second = signed(JWSAlgorithm.ES256, "e1", new ECDSASigner(ec), claims().build());
            assertThat(access.check(first).caller()).isPresent();
            assertThat(access.check(first).caller()).isPresent();
            assertThat(fetched).hasValue(1);

            for (int i = 0; i < 50; i++) {
                assertThat(access.check(second).caller()).isEmpty();
            }
            assertThat(fetched)
                    .as("a stranger cannot make this server hammer the provider")
                    .hasValue(1);
            served.set(set(rsa.toPublicJWK(), ec.toPublicJWK()));
            now = now.plusSeconds(11);
            assertThat(access.check(second).caller()).isPresent();
            assertThat(fetched).hasValue(2);

            status.set(302);
            now = now.plusSeconds(3600);
            assertThat(access.check(rs(claims().build())).caller())
                    .as("an outage")
                    .isPresent();
            now = now.plus(Duration.ofHours(2));
            assertThat(access.check(rs(claims().build())).caller())
                    .as("a long outage")
                    .isEmpty();
        } finally {
            provider.stop(0);
        }
    }
}
