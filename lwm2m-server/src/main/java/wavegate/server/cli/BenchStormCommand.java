package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.server.bench.Processors;
import wavegate.server.bench.StormBench;
import wavegate.server.bench.StormPlan;
import wavegate.server.bench.StormReport;

/** {@code wavegate bench storm}. */
@Command(
        name = "storm",
        mixinStandardHelpOptions = true,
        description = {
            "Devices nobody has seen before register in one instant, and send again in the same instants if they are not answered: this",
            "server, whole and with its limits as they are by default, beside bare Leshan as its defaults are. Time until the last",
            "one is answered or given up, and how many are lost. Two child processes take turns; the load comes from this one."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured, whatever the figures are", "1:a server did not start or answer", "2:wrong usage"})
public final class BenchStormCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--devices", defaultValue = "20000", description = "How many (default: ${DEFAULT-VALUE}).")
    private int devices = 20_000;

    @Option(
            names = "--warm-up",
            paramLabel = "ROUNDS",
            defaultValue = "1",
            description = "Rounds of as many quiet registrations before; 0: cold servers (default: ${DEFAULT-VALUE}).")
    private int warmUp = 1;

    @Option(names = "--rounds", defaultValue = "3", description = "Storms for each server (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--jitter",
            paramLabel = "SHARE",
            defaultValue = "0",
            description =
                    "By how much the first repetition may come later than 2 s; RFC 7252: 0.5 (default: ${DEFAULT-VALUE}).")
    private double jitter;

    @Option(
            names = "--heap-mib",
            defaultValue = "2000",
            description = "Heap of each of the two servers, in MiB (default: ${DEFAULT-VALUE}).")
    private int heapMib = 2000;

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
            description = "For ledgers and logs of the servers; default: a directory that is deleted afterwards.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path directory = data == null ? Files.createTempDirectory("wavegate-bench-") : Files.createDirectories(data);
        try {
            StormReport report = new StormBench(plan(directory.toAbsolutePath()), line -> {
                        err.println(line);
                        err.flush();
                    })
                    .run();
            out.println(json ? report.json().toString() : report.table());
            out.flush();
            return ExitCode.OK;
        } catch (IOException e) {
            return Answers.failed(spec, e);
        } finally {
            if (data == null) {
                delete(directory);
            }
        }
    }

    private StormPlan plan(Path directory) {
        try {
            return new StormPlan(devices, warmUp, rounds, heapMib, pin && Processors.canPin(), jitter, directory);
        } catch (IllegalArgumentException e) {
            throw Answers.usage(spec, String.valueOf(e.getMessage()));
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
