package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.config.Durations;
import wavegate.server.bench.BenchPlan;
import wavegate.server.bench.BenchReport;
import wavegate.server.bench.Processors;
import wavegate.server.bench.RegistrationBench;

/** {@code wavegate bench registration}. */
@Command(
        name = "registration",
        mixinStandardHelpOptions = true,
        description = {
            "Registrations, Registration Updates and Deregistrations of this server, whole (ledger forced to disk, view, a campaign",
            "running), beside bare Leshan as its defaults are: CPU for each, rate, p99, live heap per device, and their ratios.",
            "Two child processes take turns; the load comes from this one. Both need their heap in memory at the same time."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured, whatever the figures are", "1:a server did not start or answer", "2:wrong usage"})
public final class BenchRegistrationCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--devices",
            defaultValue = "30000",
            description = "New endpoints in each round (default: ${DEFAULT-VALUE}).")
    private int devices = 30_000;

    @Option(
            names = "--warm-up",
            paramLabel = "ROUNDS",
            defaultValue = "3",
            description = "Rounds before those that count (default: ${DEFAULT-VALUE}).")
    private int warmUp = 3;

    @Option(names = "--rounds", defaultValue = "5", description = "Rounds that count (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(
            names = "--window",
            defaultValue = "64",
            description = "Requests outstanding at a time (default: ${DEFAULT-VALUE}).")
    private int window = 64;

    @Option(
            names = "--heap-mib",
            defaultValue = "3500",
            description = "Heap of each of the two servers, in MiB (default: ${DEFAULT-VALUE}).")
    private int heapMib = 3500;

    @Option(
            names = "--settle",
            paramLabel = "DURATION",
            defaultValue = "270s",
            description = {
                "How long devices rest before the heap is measured again; after 247 s CoAP has forgotten",
                "their messages. 0s: at once only (default: ${DEFAULT-VALUE})."
            })
    private String settle = "270s";

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
            BenchPlan plan = plan(directory.toAbsolutePath());
            BenchReport report = new RegistrationBench(plan, line -> {
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

    private BenchPlan plan(Path directory) {
        try {
            Duration rest = Durations.parse(settle);
            return new BenchPlan(devices, warmUp, rounds, window, heapMib, pin && Processors.canPin(), rest, directory);
        } catch (IllegalArgumentException e) {
            throw Answers.usage(spec, String.valueOf(e.getMessage()));
        }
    }

    static void delete(Path directory) throws IOException {
        try (var all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
