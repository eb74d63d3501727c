package wavegate.server.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A child process that runs a {@link BenchTarget}. Questions are asked on a thread of its own, one after another. */
final class ServerProcess implements AutoCloseable {
    private static final String ASKING = "bench-ask-";

    private final Process process;
    private final Path log;
    private final BufferedReader out;
    private final Writer in;
    private final ExecutorService asking;
    private final InetSocketAddress coap;

    /** @throws IOException if it does not come up; says the end of its log */
    ServerProcess(String kind, BenchPlan plan) throws IOException {
        this(BenchTarget.class, kind, plan.directory(), plan.heapMiB(), plan.pinned());
    }

    /**
     * @param target its {@code main} takes the kind and a directory of its own below {@code parent}
     * @throws IOException if it does not come up; says the end of its log
     */
    ServerProcess(Class<?> target, String kind, Path parent, int heapMiB, boolean pinned) throws IOException {
        Path directory = Files.createDirectories(parent.resolve(kind));
        log = parent.resolve(kind + ".log");
        process = new ProcessBuilder(command(target, kind, directory, heapMiB, pinned))
                .redirectError(log.toFile())
                .start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
        asking = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, ASKING + kind);
            thread.setDaemon(true);
            return thread;
        });
        String ready = out.readLine();
        while (ready != null && !ready.startsWith("ready ")) {
            // A JVM asked by its environment to trace something says so here.
            ready = out.readLine();
        }
        if (ready == null) {
            close();
            throw new IOException("the " + kind + " server did not start; its log " + log + " ends: " + endOfLog());
        }
        coap = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ready.substring(6)));
    }

    private static List<String> command(Class<?> target, String kind, Path directory, int heapMiB, boolean pinned) {
        List<String> command = new ArrayList<>();
        if (pinned) {
            command.addAll(Processors.pinnedTo(0));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + heapMiB + "m",
                "-Xmx" + heapMiB + "m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseG1GC",
                "-cp",
                System.getProperty("java.class.path"),
                target.getName(),
                kind,
                directory.toString()));
        return command;
    }

    InetSocketAddress coap() {
        return coap;
    }

    CompletableFuture<String> ask(String question) {
        return CompletableFuture.supplyAsync(() -> exchange(question), asking);
    }

    private String exchange(String question) {
        try {
            in.write(question + "\n");
            in.flush();
            String answer = out.readLine();
            if (answer == null) {
                throw new IOException("a server ended; its log " + log + " ends: " + endOfLog());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String endOfLog() throws IOException {
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /** Ends its input, which ends it. */
    @Override
    public void close() {
        asking.shutdownNow();
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
