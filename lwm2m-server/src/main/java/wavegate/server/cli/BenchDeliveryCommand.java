package wavegate.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wavegate.config.DataSize;
import wavegate.server.bench.DeliveryBench;
import wavegate.server.bench.DeliveryPlan;

/** {@code wavegate bench delivery}. */
@Command(
        name = "delivery",
        mixinStandardHelpOptions = true,
        description = {
            "Images pushed to many devices at once, and fetched by many at once: this server beside bare Leshan as its defaults",
            "are, beside Leshan tuned (blocks of 1024 bytes, large buffers), and beside a hand-written loop and UDP echoes as the",
            "bound. CPU for each image, bytes a second, live heap per open transfer, and their ratios. NoSec over loopback.",
            "Four child processes take turns; the load comes from this one and compares every byte."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured, whatever the figures are", "1:a server did not start or answer", "2:wrong usage"})
public final class BenchDeliveryCommand implements Callable<Integer> {
    @Option(
            names = "--pushes",
            defaultValue = "1000",
            description = "Devices that take an image at once (default: ${DEFAULT-VALUE}).")
    private int pushes = 1000;

    @Option(names = "--push-size", defaultValue = "64KiB", description = "Image pushed (default: ${DEFAULT-VALUE}).")
    private String pushSize = "64KiB";

    @Option(
            names = "--pulls",
            defaultValue = "200",
            description = "Devices that fetch an image at once (default: ${DEFAULT-VALUE}).")
    private int pulls = 200;

    @Option(names = "--pull-size", defaultValue = "256KiB", description = "Image fetched (default: ${DEFAULT-VALUE}).")
    private String pullSize = "256KiB";

    @Option(
            names = "--warm-up",
            paramLabel = "ROUNDS",
            defaultValue = "2",
            description = "Rounds before those that count (default: ${DEFAULT-VALUE}).")
    private int warmUp = 2;

    @Option(names = "--rounds", defaultValue = "5", description = "Rounds that count (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(
            names = "--heap-mib",
            defaultValue = "3500",
            description = {
                "Heap of each of three servers, in MiB (default: ${DEFAULT-VALUE}). Bare Leshan keeps every",
                "block it served for 247 s: about 400 MB a round."
            })
    private int heapMib = 3500;

    @Mixin
    private BenchRun run = new BenchRun();

    @Override
    public Integer call() throws IOException {
        return run.run((directory, progress) -> new DeliveryBench(
                new DeliveryPlan(
                        pushes,
                        bytes(pushSize),
                        pulls,
                        bytes(pullSize),
                        warmUp,
                        rounds,
                        heapMib,
                        run.pinned(),
                        directory),
                progress)::run);
    }

    private static int bytes(String size) {
        return (int) Math.min(Integer.MAX_VALUE, DataSize.parse(size).bytes());
    }
}
