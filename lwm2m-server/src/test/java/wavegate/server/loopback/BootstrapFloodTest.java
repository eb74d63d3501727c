package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.BootstrapFile;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.Use;
import wavegate.server.BootstrapProcess;
import wavegate.server.registration.limit.Admission;
import wavegate.server.registration.limit.ShedCounts;

/** A flood from one source at the sockets of a bootstrap server: it is shed before it is parsed, and an honest device is served meanwhile. */
class BootstrapFloodTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final List<Throwable> fatal = new CopyOnWriteArrayList<>();

    /** Sends as fast as it can from an address of a network of its own. */
    private static final class Flood implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.9.9.1", 0));
        private final Thread thread;

        private interface Message {
            byte[] next(Random random);
        }

        Flood(InetSocketAddress target, Message message) throws IOException {
            thread = new Thread(() -> send(target, message), "flood");
            thread.start();
        }

        private void send(InetSocketAddress target, Message message) {
            Random random = new Random(1);
            try {
                while (!socket.isClosed()) {
                    byte[] bytes = message.next(random);
                    socket.send(new DatagramPacket(bytes, bytes.length, target));
                }
            } catch (IOException e) {
                assertThat(socket.isClosed()).isTrue();
            }
        }

        @Override
        public void close() throws InterruptedException {
            socket.close();
            thread.join();
        }
    }

    /** A ClientHello without a cookie: a session of nobody is wanted. */
    private static byte[] hello(Random random) {
        ByteBuffer body = ByteBuffer.allocate(12 + 2 + 32 + 1 + 1 + 4 + 2);
        byte[] chance = new byte[32];
        random.nextBytes(chance);
        body.put((byte) 1).put(new byte[] {0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42});
        body.putShort((short) 0xfefd).put(chance).put((byte) 0).put((byte) 0);
        body.putShort((short) 2).putShort((short) 0xc0a8).put((byte) 1).put((byte) 0);
        ByteBuffer record = ByteBuffer.allocate(13 + body.capacity());
        record.put((byte) 22).putShort((short) 0xfefd).put(new byte[8]).putShort((short) body.capacity());
        return record.put(body.array()).array();
    }

    /** A confirmable Bootstrap-Request of some device. */
    private static byte[] request(Random random) {
        byte[] query = ("ep=x-" + (100_000 + random.nextInt(900_000))).getBytes(StandardCharsets.US_ASCII);
        int id = random.nextInt(65_536);
        ByteBuffer message = ByteBuffer.allocate(4 + 3 + 1 + query.length);
        message.put(new byte[] {0x40, 2, (byte) (id >> 8), (byte) id, (byte) 0xb2, 'b', 's'});
        return message.put((byte) (0x40 | query.length)).put(query).array();
    }

    private static ShedCounts at(List<ShedCounts> sockets, String socket) {
        return sockets.stream()
                .filter(counts -> counts.socket().equals(socket))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void inside_a_server_its_limits_hold_and_an_honest_device_bootstraps_on_either_socket() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Provisioned.with(data, Use.BOOTSTRAP, new Credential.Psk("m-1", "bs-m-1", BootstrapUnderTest.KEY));
        Path file = Files.writeString(
                folder.resolve("bootstrap.yaml"),
                """
                coap: {enabled: true, port: 0}
                coaps: {port: 0}
                rules:
                  - {name: factory, match: "m-*", lifetime: 300}
                  - {name: laboratory, match: "p-*", lifetime: 300, plain: true}
                """);
        try (WholeServer server = new WholeServer(
                folder,
                "bootstrap: {enabled: true, file: \"" + file + "\"}\n"
                        + "limits: {source-rate: 200, source-burst: 400, source-hellos: 20}")) {
            BootstrapServer bootstrap = server.server.bootstrap().orElseThrow();
            InetSocketAddress coap = bootstrap.address(Protocol.COAP).orElseThrow();
            InetSocketAddress coaps = bootstrap.address(Protocol.COAPS).orElseThrow();
            try (Flood hellos = new Flood(coaps, BootstrapFloodTest::hello);
                    Flood requests = new Flood(coap, BootstrapFloodTest::request)) {
                await().atMost(LIMIT)
                        .until(() -> at(server.server.shed(), "bootstrap-coaps").of(Admission.SOURCE) > 1_000
                                && at(server.server.shed(), "bootstrap-coap").of(Admission.SOURCE) > 1_000);
                try (LeshanModule secure = new LeshanModule(
                                "m-1",
                                Security.pskBootstrap(
                                        "coaps://127.0.0.1:" + coaps.getPort(),
                                        "bs-m-1".getBytes(StandardCharsets.UTF_8),
                                        BootstrapUnderTest.KEY),
                                Map.of(),
                                true);
                        LeshanModule plain = new LeshanModule(
                                "p-1", Security.noSecBootstrap("coap://127.0.0.1:" + coap.getPort()), Map.of(), true)) {
                    await().atMost(LIMIT).until(() -> bootstrap.completed() == 2);
                    server.knows(2, LIMIT);
                    assertThat(secure.registeredAt().getUri()).startsWith("coaps:");
                    assertThat(plain.registeredAt().getUri()).startsWith("coaps:");
                }
            }
            assertThat(server.rest.raw("GET", "/../../metrics", "", Map.of()))
                    .containsPattern(
                            "wavegate_datagrams_shed_total\\{socket=\"bootstrap-coap\",reason=\"source\"} [1-9]")
                    .containsPattern(
                            "wavegate_datagrams_shed_total\\{socket=\"bootstrap-coaps\",reason=\"source\"} [1-9]");
            assertThat(server.rest.raw("GET", "/../../readyz", "", Map.of())).startsWith("200");
            System.out.printf(
                    "bootstrap flood from one source: coap %s; coaps %s; 2 of 2 honest devices served%n",
                    at(server.server.shed(), "bootstrap-coap"), at(server.server.shed(), "bootstrap-coaps"));
        }
    }

    @Test
    void by_itself_the_limits_of_its_file_hold() throws Exception {
        Path file = folder.resolve("bootstrap.yaml");
        Files.writeString(
                file,
                """
                data-dir: "%s"
                coaps: {port: 0}
                limits: {source-hellos: 20}
                devices:
                  - endpoint: m-1
                    bootstrap-identity: bs-m-1
                    bootstrap-key: "626f6f7473747261702d6b65792d3136"
                    server-uri: coap://127.0.0.1:9
                """
                        .formatted(folder.resolve("bootstrap-data")));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        try (BootstrapProcess process = new BootstrapProcess(BootstrapFile.read(file), fatal::add);
                Flood hellos =
                        new Flood(process.server().address(Protocol.COAPS).orElseThrow(), BootstrapFloodTest::hello)) {
            await().atMost(LIMIT).until(() -> process.shed().get(0).of(Admission.SOURCE) > 1_000);
            try (LeshanModule module = new LeshanModule(
                    "m-1",
                    Security.pskBootstrap(
                            "coaps://127.0.0.1:"
                                    + process.server()
                                            .address(Protocol.COAPS)
                                            .orElseThrow()
                                            .getPort(),
                            "bs-m-1".getBytes(StandardCharsets.UTF_8),
                            BootstrapUnderTest.KEY),
                    Map.of(),
                    true)) {
                await().atMost(LIMIT).until(() -> process.server().completed() == 1);
                assertThat(module.firmware.state).isZero();
            }
        }
        assertThat(fatal).isEmpty();
    }
}
