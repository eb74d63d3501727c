package wavegate.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wavegate.server.bench.CampaignBench;
import wavegate.server.bench.CampaignPlan;

/** {@code wavegate bench campaign}. */
@Command(
        name = "campaign",
        mixinStandardHelpOptions = true,
        description = {
            "One campaign over a large fleet: ranking, start, first dispatches, transitions a second with the ledger forced to disk and",
            "gates judging, turns of the loop, heap, pages of the API's data, a kill switch, and the start after kill -9. Ledger, view,",
            "loop and gates run in a child process; its devices live there too and answer at once, without a network."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured, whatever the figures are", "1:the child did not start or answer", "2:wrong usage"})
public final class BenchCampaignCommand implements Callable<Integer> {
    @Option(names = "--devices", defaultValue = "1000000", description = "Known ones (default: ${DEFAULT-VALUE}).")
    private int devices = 1_000_000;

    @Option(
            names = "--live",
            defaultValue = "100000",
            description = "Of them, that are registered (default: ${DEFAULT-VALUE}).")
    private int live = 100_000;

    @Option(
            names = "--records",
            defaultValue = "5000000",
            description = "In the ledger before the campaign (default: ${DEFAULT-VALUE}).")
    private long records = 5_000_000;

    @Option(
            names = "--in-flight",
            defaultValue = "100000",
            description = "Most updates at one time (default: ${DEFAULT-VALUE}).")
    private int inFlight = 100_000;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "For which transitions are counted, at most (default: ${DEFAULT-VALUE}).")
    private int seconds = 60;

    @Option(
            names = "--heap-mib",
            defaultValue = "2048",
            description = "Heap of the child, in MiB (default: ${DEFAULT-VALUE}).")
    private int heapMib = 2048;

    @Mixin
    private BenchRun run = new BenchRun();

    @Override
    public Integer call() throws IOException {
        return run.run((directory, progress) -> new CampaignBench(
                new CampaignPlan(devices, live, records, inFlight, seconds, heapMib, directory), progress)::run);
    }
}
