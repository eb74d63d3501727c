package wavegate.server.child;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A child process with this one's Java and class path. It says {@code ready ...} on standard output when it is, then answers each line of standard
 * input with one line, and ends with its input. Used by one thread at a time.
 */
public final class ChildJvm implements AutoCloseable {
    private static final String READY = "ready ";
    private static final int LOG_LINES_SHOWN = 20;
    private static final int SECONDS_TO_END = 20;
    private static final int SECONDS_TO_DIE = 5;

    private final Process process;
    private final Path log;
    private final BufferedReader out;
    private final Writer in;
    private final String ready;

    /**
     * @param before what goes before {@code java}, like a command that pins it to a processor
     * @param options for the JVM
     * @param log where its standard error goes
     * @throws IOException if it does not come up; says the end of its log
     */
    public ChildJvm(List<String> before, List<String> options, Class<?> main, List<String> arguments, Path log)
            throws IOException {
        this.log = log;
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        String line = out.readLine();
        while (line != null && !line.startsWith(READY)) {
            // A JVM asked by its environment to trace something says so here.
            line = out.readLine();
        }
        if (line == null) {
            close();
            throw new IOException("the server did not start; its log " + log + " ends: " + endOfLog());
        }
        ready = line.substring(READY.length());
    }

    /** What it said behind {@code ready}. */
    public String ready() {
        return ready;
    }

    public long processId() {
        return process.pid();
    }

    /** @throws IOException if it has ended; says the end of its log */
    public String ask(String question) throws IOException {
        try {
            in.write(question + "\n");
            in.flush();
        } catch (IOException e) {
            throw new IOException("the server has ended; its log " + log + " ends: " + endOfLog(), e);
        }
        String answer = out.readLine();
        if (answer == null) {
            throw new IOException("the server has ended; its log " + log + " ends: " + endOfLog());
        }
        return answer;
    }

    private String endOfLog() throws IOException {
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    }

    /** Ends its input, which ends it. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(SECONDS_TO_DIE, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
