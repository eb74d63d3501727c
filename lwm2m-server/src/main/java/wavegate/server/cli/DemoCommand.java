package wavegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.ScenarioException;

/** {@code wavegate demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the whole job on this machine: a server, a fleet of virtual modules over real CoAP on loopback,",
            "a signed image, a canary in one region, gates on telemetry, waves. Nothing has to be configured."
        },
        footerHeading = "%nScenarios:%n",
        footer = {
            "  healthy            every wave passes, every device is updated",
            "  bad-firmware       the canaries crash: the gate fails and the kill switch stops it",
            "  battery-drain      the canaries drain: the battery gate alone stops it",
            "  broken-image       validly signed, inner digest wrong: the boot stage refuses, devices roll back",
            "  wrong-partition    an image for another partition layout: the same",
            "  bad-boot           an image that does not boot: the same",
            "  corrupt-in-flight  blocks are damaged on the way: RETRY, then FAILED",
            "Exit code 0: the fleet ended as it must in that scenario; 1: it did not."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final double FACTOR = 5760;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--devices", defaultValue = "2000", description = "How many modules (default: ${DEFAULT-VALUE}).")
    private int devices = 2000;

    @Option(
            names = "--scenario",
            paramLabel = "NAME|FILE",
            defaultValue = "healthy",
            description = "What happens (default: ${DEFAULT-VALUE}); one of those below, or a YAML file.")
    private String scenario = "healthy";

    @Option(names = "--firmware", paramLabel = "FILE", description = "Any file to release; default: 256 KiB made up.")
    private @Nullable Path firmware;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Where to keep ledger, view and artifacts; must be empty. Default: a directory that is deleted afterwards.")
    private @Nullable Path data;

    @Option(names = "--seed", defaultValue = "1", description = "Seed of the fleet (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--factor",
            defaultValue = "5760",
            description = "How much faster than the clock modules live, and gates judge (default: ${DEFAULT-VALUE}).")
    private double factor = FACTOR;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (devices < 50 || devices > 100_000) {
            throw new ParameterException(spec.commandLine(), "--devices: " + devices + " (expected: 50..100000)");
        }
        if (firmware != null && !Files.isReadable(firmware)) {
            throw new ParameterException(
                    spec.commandLine(), "--firmware: " + firmware + " (expected: a file that can be read)");
        }
        if (data != null && Files.isDirectory(data)) {
            try (var entries = Files.list(data)) {
                if (entries.findAny().isPresent()) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "--data: " + data + " is not empty (expected: a new or empty directory)");
                }
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        try (WorkDirectory directory = WorkDirectory.of(data, "wavegate-demo-")) {
            Demo.Order order =
                    new Demo.Order(devices, scenario(), Optional.ofNullable(firmware), directory.path(), factor, seed);
            return new Demo(order, out).run() ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    private Scenario scenario() {
        try {
            return Scenario.BUILT_IN.contains(scenario) ? Scenario.named(scenario) : Scenario.read(Path.of(scenario));
        } catch (ScenarioException e) {
            throw new ParameterException(spec.commandLine(), "--scenario: " + e.getMessage(), e);
        }
    }

    static CommandLine line() {
        return new CommandLine(new DemoCommand());
    }
}
