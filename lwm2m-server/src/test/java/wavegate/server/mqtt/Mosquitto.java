package wavegate.server.mqtt;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Mosquitto broker as a child process, on a free port of loopback, with users and passwords; it may be stopped and started again. */
final class Mosquitto implements AutoCloseable {
    private final Path directory;
    private final int port;
    private @Nullable Process process;

    /** Takes a port; starts nothing. */
    Mosquitto(Path directory) throws IOException {
        this.directory = directory;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        Files.writeString(
                directory.resolve("mosquitto.conf"),
                """
                user root
                listener %d 127.0.0.1
                allow_anonymous false
                password_file %s
                persistence true
                persistence_location %s/
                """
                        .formatted(port, directory.resolve("passwords"), directory));
    }

    /** Where it is on this machine; {@code wavegate.test.mosquitto} names another place. */
    static Optional<String> program() {
        return Stream.of(
                        System.getProperty("wavegate.test.mosquitto", ""),
                        "/usr/sbin/mosquitto",
                        "/usr/local/sbin/mosquitto",
                        "/opt/homebrew/sbin/mosquitto")
                .filter(path -> !path.isEmpty() && Files.isExecutable(Path.of(path)))
                .findFirst();
    }

    void user(String name, String password) throws IOException, InterruptedException {
        Path file = directory.resolve("passwords");
        Files.writeString(file, name + ":" + password + "\n");
        Path tool = Path.of(program().orElseThrow())
                .resolveSibling("../bin/mosquitto_passwd")
                .normalize();
        int code = new ProcessBuilder(tool.toString(), "-U", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("passwd.log").toFile())
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException(
                    "mosquitto_passwd ended with " + code + ": " + Files.readString(directory.resolve("passwd.log")));
        }
    }

    void start() throws IOException {
        process = new ProcessBuilder(List.of(
                        program().orElseThrow(),
                        "-c",
                        directory.resolve("mosquitto.conf").toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("mosquitto.log").toFile()))
                .start();
        await().atMost(Duration.ofSeconds(10)).until(this::listens);
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    void stop() throws InterruptedException {
        if (process != null) {
            process.destroy();
            process.waitFor();
        }
    }

    String uri() {
        return "mqtt://127.0.0.1:" + port;
    }

    String pahoUri() {
        return "tcp://127.0.0.1:" + port;
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
