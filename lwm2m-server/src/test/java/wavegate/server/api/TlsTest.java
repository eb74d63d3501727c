package wavegate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.config.TlsSettings;

class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path dir;

    /** A self-signed pair in PEM, made by the platform's own tool. */
    private void pair(String name, String as) throws IOException, GeneralSecurityException, InterruptedException {
        Path store = dir.resolve(name + ".p12");
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Process made = new ProcessBuilder(
                        tool.toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + name,
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        put(as + ".key", pem("PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded()));
        put(as + ".pem", pem("CERTIFICATE", keys.getCertificate("a").getEncoded()));
    }

    private void put(String file, String text) throws IOException {
        Path unfinished = Files.writeString(dir.resolve(file + ".new"), text);
        Files.move(unfinished, dir.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                + "-----\n";
    }

    private TlsSettings settings(String name) {
        return new TlsSettings(
                dir.resolve(name + ".pem").toString(),
                dir.resolve(name + ".key").toString(),
                Duration.ofMillis(100));
    }

    private static SSLSocket connected(int port) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anyone()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        return socket;
    }

    private static String subject(SSLSocket socket) throws IOException {
        X509Certificate own = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        return own.getSubjectX500Principal().getName();
    }

    private static String subjectOfNew(int port) throws IOException, GeneralSecurityException {
        try (SSLSocket socket = connected(port)) {
            return subject(socket);
        }
    }

    private static String asked(SSLSocket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        StringBuilder text = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (!text.toString().endsWith("ok\n")) {
            int next = in.read();
            assertThat(next).as("the connection was cut after " + text).isNotNegative();
            text.append((char) next);
        }
        return text.toString();
    }

    private static final class Anyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void a_changed_certificate_serves_new_connections_and_cuts_no_open_one_and_a_bad_one_changes_nothing()
            throws IOException, GeneralSecurityException, InterruptedException {
        pair("first", "server");
        try (ApiClient api = new ApiClient(new FakeFleet(), ApiClient.settings().with(settings("server")));
                SSLSocket open = connected(api.port)) {
            assertThat(subject(open)).isEqualTo("CN=first");
            assertThat(asked(open)).contains("200 OK").containsIgnoringCase("strict-transport-security");

            pair("second", "server");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> subjectOfNew(api.port).equals("CN=second"));
            assertThat(asked(open)).contains("200 OK");

            put("server.pem", "rubbish");
            await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(5)).until(() -> subjectOfNew(api.port)
                    .equals("CN=second"));
            assertThat(asked(open)).contains("200 OK");

            pair("third", "server");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> subjectOfNew(api.port).equals("CN=third"));
        }
    }

    @Test
    void a_pair_that_does_not_fit_together_does_not_start() throws Exception {
        pair("first", "server");
        pair("second", "other");
        Files.copy(dir.resolve("other.key"), dir.resolve("server.key"), StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() ->
                        new ApiClient(new FakeFleet(), ApiClient.settings().with(settings("server"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("server.key: not the private key of");
        assertThatThrownBy(() ->
                        new ApiClient(new FakeFleet(), ApiClient.settings().with(settings("missing"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing.pem: cannot be read");
    }
}
