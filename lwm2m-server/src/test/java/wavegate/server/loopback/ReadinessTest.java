package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server is ready while its own sockets answer, not while its process is up. */
class ReadinessTest {
    @Test
    void a_server_whose_threads_are_all_blocked_is_not_ready_until_they_are_free() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        try (ServerUnderTest server = new ServerUnderTest();
                DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            server.endpoints.coap().add(new CoapResource("block") {
                @Override
                public void handleGET(CoapExchange exchange) {
                    try {
                        free.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            });
            assertThat(server.endpoints.answering()).isTrue();

            for (int i = 0; i < 8; i++) {
                byte[] get = {0x50, 1, 0, (byte) i, (byte) 0xb5, 'b', 'l', 'o', 'c', 'k'};
                socket.send(new DatagramPacket(get, get.length, server.address(Protocol.COAP)));
            }
            await("not ready").atMost(Duration.ofSeconds(15)).until(() -> !server.endpoints.answering());
            free.countDown();
            await("ready again").atMost(Duration.ofSeconds(15)).until(() -> server.endpoints.answering());
        } finally {
            free.countDown();
        }
    }

    @Test
    void readyz_says_what_the_sockets_say(@TempDir Path data) throws Exception {
        try (WholeServer server = new WholeServer(data)) {
            assertThat(readyz(server)).isEqualTo(200);
        }
    }

    private static int readyz(WholeServer server) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.server.httpPort() + "/readyz"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
