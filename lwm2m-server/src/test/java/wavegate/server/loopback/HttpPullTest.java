package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.DispatchScope;
import wavegate.server.delivery.http.HttpImages;
import wavegate.server.delivery.http.ImageListener;
import wavegate.server.delivery.http.ImageSource;
import wavegate.server.rollout.RolloutInput;

/** Images over HTTP and HTTPS. */
class HttpPullTest {
    private static final String TOKEN = "0123456789abcdef";
    private static final String LARGE = "00000000000000aa";
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final HttpClient client = HttpClient.newHttpClient();
    private ServerUnderTest server;
    private HttpImages http;
    private int port;
    private byte[] image;
    private byte[] large;
    private String etag;

    @BeforeEach
    void start() throws Exception {
        server = new ServerUnderTest();
        image = ServerUnderTest.image(100_000);
        large = ServerUnderTest.image(16 << 20);
        etag = "\"" + Sha256.of(image).hex() + "\"";
        server.grant(TOKEN, "web-1", server.packageOf(image), image);
        DispatchScope scope = server.packageOf(large);
        server.grant(LARGE, "web-2", scope, large);
        http = new HttpImages(source(), ImageListener.at("127.0.0.1", 0, 10, Optional.empty()));
        port = http.start();
    }

    private ImageSource source() {
        return new ImageSource(
                token -> Optional.ofNullable(server.grants.get(token)), server.fence, server.images, server.progress);
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private HttpResponse<byte[]> send(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void an_image_comes_whole_from_memory_and_from_disk() throws Exception {
        HttpResponse<byte[]> fast = send("GET", "/fw/" + TOKEN);
        server.artifacts.onDisk = true;
        HttpResponse<byte[]> slow = send("GET", "/fw/" + TOKEN);

        assertThat(fast.statusCode()).isEqualTo(200);
        assertThat(fast.body()).isEqualTo(image);
        assertThat(slow.body()).isEqualTo(image);
        assertThat(header(fast, "ETag")).isEqualTo(etag);
        assertThat(header(fast, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(header(fast, "Content-Length")).isEqualTo("100000");
        server.inbox.next(RolloutInput.BytesMoved.class, moved -> moved.bytesSoFar() == image.length);
    }

    @Test
    void a_download_goes_on_where_it_broke_unless_the_image_is_another() throws Exception {
        HttpResponse<byte[]> rest = send("GET", "/fw/" + TOKEN, "Range", "bytes=40001-", "If-Range", etag);
        HttpResponse<byte[]> other = send("GET", "/fw/" + TOKEN, "Range", "bytes=40001-", "If-Range", "\"other\"");

        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(image, 40_001, image.length));
        assertThat(header(rest, "Content-Range")).isEqualTo("bytes 40001-99999/100000");
        assertThat(other.statusCode()).isEqualTo(200);
        assertThat(other.body()).isEqualTo(image);
    }

    @Test
    void ranges_from_the_end_in_the_middle_and_beyond_it() throws Exception {
        assertThat(send("GET", "/fw/" + TOKEN, "Range", "bytes=-10").body())
                .isEqualTo(Arrays.copyOfRange(image, image.length - 10, image.length));
        assertThat(send("GET", "/fw/" + TOKEN, "Range", "bytes=16383-16384").body())
                .isEqualTo(Arrays.copyOfRange(image, 16_383, 16_385));
        assertThat(send("GET", "/fw/" + TOKEN, "Range", "bytes=0-1,5-6").statusCode())
                .isEqualTo(200);
        assertThat(send("GET", "/fw/" + TOKEN, "Range", "bytes=9-3").statusCode())
                .isEqualTo(200);
        HttpResponse<byte[]> beyond = send("GET", "/fw/" + TOKEN, "Range", "bytes=100000-");
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(header(beyond, "Content-Range")).isEqualTo("bytes */100000");
    }

    @Test
    void what_is_no_image_is_refused_and_a_head_says_what_a_get_would_bring() throws Exception {
        HttpResponse<byte[]> head = send("HEAD", "/fw/" + TOKEN);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "Content-Length")).isEqualTo("100000");
        assertThat(header(head, "ETag")).isEqualTo(etag);
        assertThat(send("GET", "/fw/ffffffffffffffff").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/fw/").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/fw/" + TOKEN + "/x").statusCode()).isEqualTo(404);
        assertThat(send("POST", "/fw/" + TOKEN).statusCode()).isEqualTo(405);
        assertThat(send("GET", "/fw/" + TOKEN, "If-None-Match", etag).statusCode())
                .isEqualTo(304);
        assertThat(send("GET", "/fw/" + TOKEN, "If-Match", "\"other\"").statusCode())
                .isEqualTo(412);
    }

    @Test
    void a_damaged_artifact_is_an_error_of_the_server() throws Exception {
        server.artifacts.damaged = true;

        assertThat(send("GET", "/fw/" + TOKEN).statusCode()).isEqualTo(500);
    }

    @Test
    void a_fence_cuts_what_is_under_way_and_refuses_what_comes() throws Exception {
        try (Socket device = begun()) {
            byte[] some = device.getInputStream().readNBytes(64 << 10);
            assertThat(some).hasSize(64 << 10);

            long raised = System.nanoTime();
            server.fence.raise(new KillScope(KillScope.Kind.ALL, ""));
            long more = drained(device);
            long millis = (System.nanoTime() - raised) / 1_000_000;

            System.out.println("http: cut " + millis + " ms after the fence rose, " + more + " bytes were under way");
            assertThat(more).isLessThan(large.length / 2);
            assertThat(millis).isLessThan(1000);
        }
        assertThat(send("GET", "/fw/" + TOKEN).statusCode()).isEqualTo(403);
    }

    @Test
    void an_update_that_ends_cuts_its_download() throws Exception {
        try (Socket device = begun()) {
            device.getInputStream().readNBytes(64 << 10);

            server.grants.remove(LARGE);

            assertThat(drained(device)).isLessThan(large.length / 2);
        }
    }

    @Test
    void a_connection_that_asks_for_nothing_is_closed_and_too_many_are_not_taken() throws Exception {
        http.close();
        http = new HttpImages(
                source(),
                new ImageListener("127.0.0.1", 0, 2, Duration.ofMillis(300), Duration.ofSeconds(60), Optional.empty()));
        port = http.start();
        try (Socket first = new Socket("127.0.0.1", port);
                Socket second = new Socket("127.0.0.1", port);
                Socket third = new Socket("127.0.0.1", port)) {
            for (Socket socket : new Socket[] {third, first, second}) {
                socket.setSoTimeout(20_000);
                assertThat(socket.getInputStream().read()).isNegative();
            }
        }
        await().until(() -> send("GET", "/fw/" + TOKEN).statusCode() == 200);
    }

    /** A GET of the large image, of which nothing has been read yet. */
    private Socket begun() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(32 << 10);
        socket.connect(new java.net.InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write(("GET /fw/" + LARGE + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** Reads until the server ends it. */
    private static long drained(Socket socket) {
        long count = 0;
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = socket.getInputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                count += read;
            }
            return count;
        } catch (java.net.SocketException e) {
            // Reset: an end as well.
            return count;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void the_same_over_tls(@TempDir Path dir) throws Exception {
        Path store = dir.resolve("a.p12");
        Process made = new ProcessBuilder((Path.of(System.getProperty("java.home"), "bin", "keytool")
                                + " -genkeypair -alias a -keyalg EC -groupname secp256r1 -dname CN=localhost -ext"
                                + " SAN=dns:localhost -validity 30 -storetype PKCS12 -keystore " + store
                                + " -storepass " + new String(PASSWORD))
                        .split(" "))
                .redirectErrorStream(true)
                .start();
        assertThat(made.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        X509Certificate certificate = (X509Certificate) keys.getCertificate("a");
        Path certificateFile = Files.writeString(dir.resolve("a.pem"), pem("CERTIFICATE", certificate.getEncoded()));
        Path keyFile = Files.writeString(
                dir.resolve("a.key"),
                pem("PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded()));
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("a", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (HttpImages tls = new HttpImages(
                source(),
                ImageListener.at(
                        "127.0.0.1",
                        0,
                        10,
                        Optional.of(new ImageListener.Tls(certificateFile, keyFile, Duration.ofSeconds(1)))))) {
            int tlsPort = tls.start();
            HttpClient secure = HttpClient.newBuilder().sslContext(context).build();
            HttpResponse<byte[]> rest = secure.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + tlsPort + "/fw/" + TOKEN))
                            .header("Range", "bytes=50000-")
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());

            assertThat(rest.statusCode()).isEqualTo(206);
            assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(image, 50_000, image.length));
        }
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                + "-----\n";
    }
}
