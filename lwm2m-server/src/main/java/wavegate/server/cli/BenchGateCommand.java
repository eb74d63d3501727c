package wavegate.server.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wavegate.server.bench.gate.GateBench;
import wavegate.server.bench.gate.GatePlan;
import wavegate.server.bench.gate.GateReport;

/** {@code wavegate bench gate}. */
@Command(
        name = "gate",
        mixinStandardHelpOptions = true,
        description = {
            "Thousands of simulated campaigns through the real evidence book and gate: how often equal firmware is stopped, how often and",
            "how soon worse firmware is, and how many devices have it by then, beside the rules canaries are commonly judged by on the",
            "same reports. Needs no server and no network. The same seed gives the same figures."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the goals are met", "1:a goal is not met", "2:wrong usage"})
public final class BenchGateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--equal",
            paramLabel = "CAMPAIGNS",
            defaultValue = "10000",
            description = "Campaigns with the same firmware in both arms (default: ${DEFAULT-VALUE}).")
    private int equal = GatePlan.FULL.equal();

    @Option(
            names = "--effects",
            paramLabel = "CAMPAIGNS",
            defaultValue = "1000",
            description = "Campaigns for each effect (default: ${DEFAULT-VALUE}).")
    private int effects = GatePlan.FULL.effects();

    @Option(names = "--seed", defaultValue = "1", description = "Of the first campaign (default: ${DEFAULT-VALUE}).")
    private long seed = GatePlan.FULL.seed();

    @Option(names = "--threads", description = "That share the work (default: one for each processor).")
    private int threads = GatePlan.FULL.threads();

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        GateReport report = new GateBench(plan(), line -> {
                    err.println(line);
                    err.flush();
                })
                .run();
        out.println(json ? report.json().toString() : report.table());
        out.flush();
        return report.met() ? ExitCode.OK : ExitCode.FAILED;
    }

    private GatePlan plan() {
        try {
            return new GatePlan(equal, effects, seed, threads);
        } catch (IllegalArgumentException e) {
            throw Answers.usage(spec, String.valueOf(e.getMessage()));
        }
    }
}
