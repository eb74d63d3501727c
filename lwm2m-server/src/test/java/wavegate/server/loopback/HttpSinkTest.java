package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wavegate.bootstrap.BootstrapSettings;
import wavegate.bootstrap.BootstrapSettings.ShardAccess;
import wavegate.bootstrap.CredentialSink;
import wavegate.bootstrap.ShardSinks;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.shard.Shard;
import wavegate.server.registration.TestAuthority;
import wavegate.server.registration.TestAuthority.Issued;

/** Keys on their way to a shard's API, at a server with TLS that answers as the test wants. */
class HttpSinkTest {
    private static final String TOKEN = "wg_0123456789abcdef0123456789abcdef01234567";
    private static final Shard SHARD = new Shard("one", "coaps://127.0.0.1:5684", 1);
    private static final Credential.Psk PSK =
            new Credential.Psk("m:1", "id-1", "0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

    @TempDir
    private Path folder;

    private record Asked(String method, String path, String token, String body) {}

    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private volatile int answer = 200;
    private TestAuthority authority;
    private HttpsServer server;

    @BeforeEach
    void start() throws Exception {
        authority = new TestAuthority("acme");
        authority.trustedIn(folder);
        server = serving(authority.issue("localhost"));
    }

    private HttpsServer serving(Issued identity) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("server", identity.keys().getPrivate(), "password".toCharArray(), new Certificate[] {
            identity.certificate()
        });
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "password".toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        HttpsServer made = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        made.setHttpsConfigurator(new HttpsConfigurator(tls));
        made.createContext("/", exchange -> {
            try (exchange) {
                asked.add(new Asked(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().getRawPath(),
                        exchange.getRequestHeaders().getFirst("Authorization"),
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
                if (answer / 100 == 3) {
                    exchange.getResponseHeaders().add("Location", "/elsewhere");
                }
                exchange.sendResponseHeaders(answer, -1);
            }
        });
        made.start();
        return made;
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private CredentialSink sink(String host, Optional<Path> ca) throws IOException {
        Files.writeString(folder.resolve("token"), TOKEN + "\n");
        ShardAccess access = new ShardAccess(
                SHARD,
                "https://" + host + ":" + server.getAddress().getPort(),
                Optional.of(folder.resolve("token")),
                ca,
                Optional.empty(),
                "",
                "");
        return new ShardSinks(BootstrapSettings.DEFAULT.withShards(List.of(access)), NONE, new SecureRandom());
    }

    private CredentialSink sink() throws IOException {
        return sink("localhost", Optional.of(folder.resolve("acme.pem")));
    }

    private static final CredentialSink NONE = BootstrapUnderTest.NO_SHARDS;

    private static Throwable failure(CredentialSink sink) {
        try {
            sink.provide(SHARD, PSK).toCompletableFuture().join();
            throw new AssertionError("it was taken");
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    private static List<String> texts(Throwable failure) {
        List<String> texts = new ArrayList<>();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            texts.add(each.toString());
        }
        return texts;
    }

    @Test
    void a_credential_is_put_with_its_grace_and_the_token_of_the_moment() throws Exception {
        CredentialSink sink = sink();
        sink.provide(SHARD, PSK).toCompletableFuture().join();
        Files.writeString(folder.resolve("token"), "another-token");
        sink.withdraw(SHARD, "m:1").toCompletableFuture().join();

        assertThat(asked)
                .element(0)
                .isEqualTo(
                        new Asked(
                                "PUT",
                                "/api/v1/credentials/m%3A1",
                                "Bearer " + TOKEN,
                                "{\"kind\":\"psk\",\"identity\":\"id-1\",\"key\":\"30313233343536373839616263646566\",\"grace\":\"720h\"}"));
        assertThat(asked.get(1).token()).isEqualTo("Bearer another-token");
        assertThat(asked.get(1).body())
                .contains("\"grace\":\"0s\"")
                .doesNotContain("id-1")
                .doesNotContain("3031323334");
    }

    @Test
    void an_oscore_context_is_put_as_the_api_takes_it() throws Exception {
        Credential.Oscore oscore = new Credential.Oscore(
                "m:1",
                new byte[] {1},
                new byte[] {0x0a, 0x0b},
                "0123456789abcdef".getBytes(StandardCharsets.US_ASCII),
                new byte[] {0x5a});
        sink().provide(SHARD, oscore).toCompletableFuture().join();

        assertThat(asked)
                .extracting(Asked::body)
                .containsExactly("{\"kind\":\"oscore\",\"identity\":\"0a0b\",\"senderId\":\"01\","
                        + "\"key\":\"30313233343536373839616263646566\",\"salt\":\"5a\",\"grace\":\"720h\"}");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 429, 500, 502, 503})
    void another_answer_is_a_failure_that_may_pass_and_shows_no_secret(int status) throws Exception {
        answer = status;
        CredentialSink sink = sink();
        Throwable failure = failure(sink);

        assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessageEndingWith(" answered " + status);
        assertThat(texts(failure)).noneMatch(text -> text.contains(TOKEN) || text.contains("30313233"));
        answer = 204;
        sink.provide(SHARD, PSK).toCompletableFuture().join();
        assertThat(asked).hasSize(2).allMatch(each -> each.body()
                .equals(asked.get(0).body()));
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 422})
    void a_refusal_of_the_credential_is_told_apart(int status) throws Exception {
        answer = status;

        assertThat(failure(sink())).isInstanceOf(CredentialRefused.class).hasMessageContaining("" + status);
    }

    @Test
    void keys_are_not_sent_where_an_answer_points() throws Exception {
        answer = 307;

        assertThat(failure(sink())).hasMessageEndingWith(" answered 307");
        assertThat(asked).hasSize(1);
    }

    @Test
    void keys_are_sent_to_nobody_that_the_authorities_do_not_vouch_for() throws Exception {
        TestAuthority other = new TestAuthority("other");
        other.trustedIn(folder);
        Map<String, CredentialSink> wrong = Map.of(
                "another authority", sink("localhost", Optional.of(folder.resolve("other.pem"))),
                "those of the runtime", sink("localhost", Optional.empty()),
                "another name", sink("127.0.0.1", Optional.of(folder.resolve("acme.pem"))));
        wrong.forEach((why, sink) -> assertThat(texts(failure(sink)))
                .as(why)
                .anyMatch(text -> text.startsWith(SSLHandshakeException.class.getName())));
        assertThat(asked).isEmpty();
    }

    @Test
    void authorities_that_are_none_end_the_start() throws Exception {
        Path none = Files.writeString(folder.resolve("none.pem"), "nothing");

        assertThatThrownBy(() -> sink("localhost", Optional.of(none)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.pem");
    }
}
