package wavegate.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wavegate.server.bench.LargestFleetBench;
import wavegate.server.bench.LargestFleetPlan;
import wavegate.server.bench.SimTrial;

/** {@code wavegate bench fleet}. */
@Command(
        name = "fleet",
        mixinStandardHelpOptions = true,
        description = {
            "The largest fleet of virtual modules that one simulator holds in a given memory, on this machine. Fleets are switched on in",
            "one instant against a server of their own, larger ones until one does not fit; a minute or two each."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured, whatever the figures are", "1:no process could be started", "2:wrong usage"})
public final class BenchFleetCommand implements Callable<Integer> {
    @Option(
            names = "--memory-mib",
            defaultValue = "512",
            description = "Resident memory of the simulator's process, in MiB (default: ${DEFAULT-VALUE}).")
    private int memoryMib = 512;

    @Option(names = "--from", defaultValue = "50000", description = "The first fleet (default: ${DEFAULT-VALUE}).")
    private int from = 50_000;

    @Option(
            names = "--most",
            defaultValue = "400000",
            description = "No larger one is tried (default: ${DEFAULT-VALUE}).")
    private int most = 400_000;

    @Option(
            names = "--step",
            defaultValue = "25000",
            description = "The answer is a multiple of it (default: ${DEFAULT-VALUE}).")
    private int step = 25_000;

    @Mixin
    private BenchRun run = new BenchRun();

    @Override
    public Integer call() throws IOException {
        return run.run((directory, progress) -> new LargestFleetBench(
                new LargestFleetPlan(from, most, step, memoryMib, directory),
                new SimTrial(directory, Main.class.getName()),
                progress)::run);
    }
}
