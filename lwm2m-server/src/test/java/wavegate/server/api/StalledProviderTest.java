package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import wavegate.config.OidcSettings;

class StalledProviderTest {
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
}
