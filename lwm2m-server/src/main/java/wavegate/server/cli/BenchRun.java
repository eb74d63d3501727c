package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.server.bench.BenchResult;
import wavegate.server.bench.Processors;

/** What every {@code wavegate bench} command is told and does: where, on which processors, and how its result is shown. */
final class BenchRun {
    /** Looks at the other options and makes a bench; {@code progress} takes a line at a time. */
    interface Preparation {
        /** @throws IllegalArgumentException naming the option that cannot be used */
        Bench prepare(Path directory, Consumer<String> progress);
    }

    interface Bench {
        BenchResult run() throws IOException;
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--pin",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Servers on processor 0, load on processor 1, where taskset is (default: ${DEFAULT-VALUE}).")
    private boolean pin = true;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "For data and logs of the servers; default: a directory that is deleted afterwards.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    boolean pinned() {
        return pin && Processors.canPin();
    }

    int run(Preparation preparation) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (WorkDirectory directory = WorkDirectory.of(data, "wavegate-bench-")) {
            BenchResult result = prepared(preparation, directory.path(), line -> {
                        err.println(line);
                        err.flush();
                    })
                    .run();
            out.println(json ? result.json().toString() : result.table());
            out.flush();
            return ExitCode.OK;
        } catch (IOException e) {
            return Answers.failed(spec, e);
        }
    }

    private Bench prepared(Preparation preparation, Path directory, Consumer<String> progress) {
        try {
            return preparation.prepare(directory, progress);
        } catch (IllegalArgumentException e) {
            throw Answers.usage(spec, String.valueOf(e.getMessage()));
        }
    }
}
