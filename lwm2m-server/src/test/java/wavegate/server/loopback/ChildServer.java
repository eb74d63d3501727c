package wavegate.server.loopback;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code wavegate server}, or another command that serves, as a process of its own, that can be killed. Its output is kept beside its data. */
final class ChildServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;
    private final long begunAt = System.nanoTime();

    private ChildServer(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** @param environment of the process, besides what it inherits; no WAVEGATE_ variable is inherited */
    static ChildServer start(Path output, Map<String, String> environment) throws IOException {
        return start(output, environment, "server");
    }

    /** @param arguments of {@code wavegate} */
    static ChildServer start(Path output, Map<String, String> environment, String... arguments) throws IOException {
        // A start that is repeated twenty times is to be short.
        return start(
                output,
                environment,
                List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
                arguments);
    }

    /**
     * @param options of the JVM
     * @param arguments of {@code wavegate}
     */
    static ChildServer start(Path output, Map<String, String> environment, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-Djava.net.preferIPv4Stack=true", "-Dlogback.configurationFile=logback.xml"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("wavegate.server.cli.Main");
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("WAVEGATE_"));
        builder.environment().putAll(environment);
        return new ChildServer(builder.start(), output);
    }

    /** Variables of a server that devices reach by CoAP alone. */
    static Map<String, String> withoutDtls(Path data, String token, int coapPort, int httpPort) {
        return Map.of(
                "WAVEGATE_DATA_DIR",
                data.toString(),
                "WAVEGATE_TOKEN",
                token,
                "WAVEGATE_COAP_ENABLED",
                "true",
                "WAVEGATE_COAP_PORT",
                String.valueOf(coapPort),
                "WAVEGATE_COAPS_ENABLED",
                "false",
                "WAVEGATE_HTTP_PORT",
                String.valueOf(httpPort),
                "WAVEGATE_ROLLOUT_TICK",
                "50ms");
    }

    static int freeTcpPort() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return socket.getLocalPort();
        }
    }

    /** Until it answers. @return time since it was started */
    Duration answers(Rest rest) {
        await("server answers")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("the server ended with " + process.exitValue() + ":\n" + output());
                    }
                    try {
                        rest.get("/campaigns");
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
        return age();
    }

    /** Until it has said so. */
    void says(String text) {
        await("\"" + text + "\"")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    if (output().contains(text)) {
                        return true;
                    } else if (!process.isAlive()) {
                        throw new AssertionError("it ended with " + process.exitValue() + ":\n" + output());
                    }
                    return false;
                });
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begunAt);
    }

    /** All that servers with this output file have said so far. */
    String output() throws IOException {
        return Files.readString(output);
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM. @return exit code */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the server did not end within 30 s of SIGTERM");
        }
        return process.exitValue();
    }

    /** Until it has ended by itself. @return exit code */
    int ended() throws InterruptedException {
        if (!process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the server did not end by itself");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
