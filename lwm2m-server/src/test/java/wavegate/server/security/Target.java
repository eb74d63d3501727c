package wavegate.server.security;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A {@link TargetMain} to attack, and what can be seen of it. */
final class Target implements AutoCloseable {
    final InetSocketAddress coap;
    final InetSocketAddress coaps;

    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final Path log;
    private final int http;

    /** @param settings more of them, as YAML */
    Target(Path directory, int credentials, String settings) throws IOException {
        Path more = Files.writeString(directory.resolve("more.yaml"), settings);
        log = directory.resolve("server.log");
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseG1GC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Djava.net.preferIPv4Stack=true",
                        "-Dlogback.configurationFile=logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TargetMain.class.getName(),
                        directory.toString(),
                        String.valueOf(credentials),
                        more.toString()))
                .redirectError(log.toFile())
                .start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
        String ready = out.readLine();
        while (ready != null && !ready.startsWith("ready ")) {
            ready = out.readLine();
        }
        if (ready == null) {
            throw new IOException("the server did not start: " + Files.readString(log));
        }
        String[] ports = ready.split(" ", -1);
        coap = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ports[1]));
        coaps = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ports[2]));
        http = Integer.parseInt(ports[3]);
    }

    synchronized String ask(String question) throws IOException {
        in.write(question + "\n");
        in.flush();
        String answer = out.readLine();
        if (answer == null) {
            throw new IOException("the server ended: " + Files.readString(log));
        }
        return answer;
    }

    long number(String question) throws IOException {
        return Long.parseLong(ask(question));
    }

    /** Until exactly so many devices are in the view. */
    void knows(long devices) {
        await("devices in the view").atMost(Duration.ofSeconds(10)).until(() -> number("devices") == devices);
    }

    long logBytes() throws IOException {
        return Files.size(log);
    }

    /** What the log says most often, by level, thread group, logger and first words; and how long its traces are. */
    String loudest() throws IOException {
        java.util.Map<String, Integer> bytes = new java.util.TreeMap<>();
        for (String line : Files.readAllLines(log)) {
            boolean cause = line.matches("  \\| (Caused by: )?[a-z]+\\.[a-zA-Z.]+.*(Exception|Error).*");
            String kind = line.startsWith("  | ")
                    ? cause ? line.substring(0, Math.min(100, line.length())).replaceAll("[0-9]+", "#") : "trace"
                    : line.substring(Math.min(30, line.length()), Math.min(110, line.length()))
                            .replaceAll("[0-9]+", "#");
            bytes.merge(kind, line.length() + 1, Integer::sum);
        }
        return bytes.entrySet().stream()
                .sorted(java.util.Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(10)
                .map(entry -> "  log " + entry.getValue() + "B " + entry.getKey())
                .collect(java.util.stream.Collectors.joining("\n"));
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** What {@code /readyz} says, once it says so or five seconds have passed. */
    int ready(int expected) {
        int[] status = {0};
        try {
            await().atMost(Duration.ofSeconds(5)).until(() -> (status[0] = readyz()) == expected);
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            return status[0];
        }
        return status[0];
    }

    private int readyz() throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + "/readyz"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** Datagrams the kernel dropped because this server's socket was full. */
    static long kernelDrops(InetSocketAddress socket) throws IOException {
        String local = String.format(Locale.ROOT, "%s:%04X", "0100007F", socket.getPort());
        long drops = 0;
        for (String line : Files.readAllLines(Path.of("/proc/net/udp"))) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length > 12 && fields[1].equals(local)) {
                drops += Long.parseLong(fields[12]);
            }
        }
        return drops;
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
