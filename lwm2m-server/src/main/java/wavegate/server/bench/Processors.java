package wavegate.server.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Keeps the load from taking processor time of the servers, with {@code taskset} where there is one. */
public final class Processors {
    private Processors() {}

    /** Whether processes can be pinned here, and there are processors to pin them to. */
    public static boolean canPin() {
        return Runtime.getRuntime().availableProcessors() >= 2 && succeeds(List.of("taskset", "--version"));
    }

    /** What goes before a command. */
    static List<String> pinnedTo(int processor) {
        return List.of("taskset", "-c", String.valueOf(processor));
    }

    /** Pins all threads of this process, and those they start from now on. @return whether it could */
    static boolean pinThisTo(int processor) {
        return succeeds(List.of(
                "taskset",
                "-a",
                "-p",
                "-c",
                String.valueOf(processor),
                String.valueOf(ProcessHandle.current().pid())));
    }

    private static boolean succeeds(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
