package wavegate.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wavegate.server.bench.StormBench;
import wavegate.server.bench.StormPlan;

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

    @Mixin
    private BenchRun run = new BenchRun();

    @Override
    public Integer call() throws IOException {
        return run.run((directory, progress) -> new StormBench(
                new StormPlan(devices, warmUp, rounds, heapMib, run.pinned(), jitter, directory), progress)::run);
    }
}
