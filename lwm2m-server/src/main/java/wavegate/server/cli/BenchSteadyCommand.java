package wavegate.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wavegate.config.Durations;
import wavegate.server.bench.SteadyBench;
import wavegate.server.bench.SteadyPlan;

/** {@code wavegate bench steady}. */
@Command(
        name = "steady",
        mixinStandardHelpOptions = true,
        description = {
            "Registration Updates, Deregistrations and Registrations for a long time at a share of what this server, whole and with a",
            "campaign running, can take: does what is alive in its heap grow? A child process; the load comes from this one."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured, whatever the figures are", "1:the server did not start or answer", "2:wrong usage"
        })
public final class BenchSteadyCommand implements Callable<Integer> {
    @Option(
            names = "--devices",
            defaultValue = "5000",
            description = "Registered all the time (default: ${DEFAULT-VALUE}).")
    private int devices = 5000;

    @Option(
            names = "--share",
            defaultValue = "0.7",
            description = "Of what it can take, measured first (default: ${DEFAULT-VALUE}).")
    private double share = 0.7;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            defaultValue = "10m",
            description = "How long (default: ${DEFAULT-VALUE}).")
    private String total = "10m";

    @Option(
            names = "--every",
            paramLabel = "DURATION",
            defaultValue = "1m",
            description = "Between two looks at the heap (default: ${DEFAULT-VALUE}).")
    private String every = "1m";

    @Option(
            names = "--heap-mib",
            defaultValue = "1000",
            description = "Heap of the server, in MiB (default: ${DEFAULT-VALUE}).")
    private int heapMib = 1000;

    @Mixin
    private BenchRun run = new BenchRun();

    @Override
    public Integer call() throws IOException {
        return run.run((directory, progress) -> new SteadyBench(
                new SteadyPlan(
                        devices,
                        share,
                        Durations.parse(total),
                        Durations.parse(every),
                        heapMib,
                        run.pinned(),
                        directory),
                progress)::run);
    }
}
