package wavegate.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wavegate.config.Durations;
import wavegate.server.bench.BenchPlan;
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

    @Mixin
    private BenchRun run = new BenchRun();

    @Override
    public Integer call() throws IOException {
        return run.run((directory, progress) -> new RegistrationBench(
                new BenchPlan(
                        devices, warmUp, rounds, window, heapMib, run.pinned(), Durations.parse(settle), directory),
                progress)::run);
    }
}
