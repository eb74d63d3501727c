package wavegate.server.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import wavegate.server.child.ChildJvm;

/** A child process that runs a {@link BenchTarget} or another main class like it. Questions are asked on a thread of its own, one after another. */
final class ServerProcess implements AutoCloseable {
    private static final String ASKING = "bench-ask-";

    private final ChildJvm child;
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
        child = new ChildJvm(
                pinned ? Processors.pinnedTo(0) : List.of(),
                List.of("-Xms" + heapMiB + "m", "-Xmx" + heapMiB + "m", "-XX:+AlwaysPreTouch", "-XX:+UseG1GC"),
                target,
                List.of(kind, directory.toString()),
                parent.resolve(kind + ".log"));
        asking = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, ASKING + kind);
            thread.setDaemon(true);
            return thread;
        });
        coap = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(child.ready()));
    }

    InetSocketAddress coap() {
        return coap;
    }

    CompletableFuture<String> ask(String question) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return child.ask(question);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                asking);
    }

    /** Ends it. */
    @Override
    public void close() {
        asking.shutdownNow();
        child.close();
    }
}
