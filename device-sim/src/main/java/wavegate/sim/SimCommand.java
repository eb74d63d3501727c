package wavegate.sim;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import wavegate.sim.device.FirstContact;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.ScenarioException;

/** {@code sim}: runs a fleet of virtual modules against any LwM2M server until its time is up or it is interrupted. */
@Command(
        name = "sim",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Runs a fleet of virtual LwM2M modules against a server.",
        footer = {
            "",
            "Exit codes: 0 every device registered at least once, 2 bad arguments, 3 some device never registered.",
            "Built-in scenarios: healthy, bad-firmware, battery-drain, broken-image, wrong-partition, bad-boot,",
            "corrupt-in-flight, quirks, mixed, failures, black-out. Their files, to copy and change, are in",
            "config/sim."
        })
public final class SimCommand implements Callable<Integer> {
    private static final int NOT_REGISTERED = 3;
    private static final int DEFAULT_PORT = 5683;
    /** From the LwM2M ports to those of Wavegate's bootstrap server. */
    private static final int BOOTSTRAP_PORTS_AWAY = 100;

    private static final String DEFAULT_SERVER = "coap://127.0.0.1:5683";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--devices", paramLabel = "N", description = "How many modules (default: ${DEFAULT-VALUE}).")
    private int devices = 100;

    @Option(
            names = "--server",
            paramLabel = "URI",
            description = "LwM2M server, coap://host:port or coaps://host:port (default: coap://127.0.0.1:5683).")
    private @Nullable String server;

    @Option(
            names = "--bootstrap",
            paramLabel = "URI",
            description =
                    "Bootstrap server, coap://host:port or coaps://host:port; it names each module its LwM2M server.")
    private @Nullable String bootstrap;

    @Option(
            names = "--psk-file",
            paramLabel = "FILE",
            description = {
                "Keys for coaps://, a line each: endpoint,identity,key-in-hex. One line master,secret-in-hex makes",
                "those of all others: identity = endpoint, key = first 16 bytes of HMAC-SHA256(secret, endpoint)."
            })
    private @Nullable Path pskFile;

    @Option(
            names = "--scenario",
            paramLabel = "NAME|FILE",
            description = "Built-in scenario or YAML file (default: ${DEFAULT-VALUE}).")
    private String scenario = "healthy";

    @Option(
            names = "--seed",
            description = "Equal seeds give equal endpoints and equal fates (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--time-factor",
            paramLabel = "X",
            description = "Simulated seconds per real second (default: ${DEFAULT-VALUE}).")
    private double timeFactor = 1;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "Stop after this many real seconds (default: run until interrupted).")
    private long seconds = Long.MAX_VALUE;

    @Option(names = "--json", description = "Print the final report as JSON and nothing else.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        FleetPlan plan = plan();
        PrintWriter out = commandSpec().commandLine().getOut();
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch reported = new CountDownLatch(1);
        Thread hook = new Thread(() -> awaitReport(interrupted, reported), "sim-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try (VirtualFleet fleet = VirtualFleet.start(plan)) {
            watch(fleet, out, interrupted);
            FleetReport report = fleet.report();
            print(report, out);
            boolean everyone = fleet.devices().stream()
                    .allMatch(device -> device.counters().registrations() > 0);
            return everyone ? 0 : NOT_REGISTERED;
        } finally {
            reported.countDown();
            if (interrupted.getCount() > 0) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    /** Ctrl-C ends the watch and lets the final report be printed before the process goes. */
    private static void awaitReport(CountDownLatch interrupted, CountDownLatch reported) {
        interrupted.countDown();
        try {
            boolean inTime = reported.await(10, TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("the fleet did not report in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CommandSpec commandSpec() {
        CommandSpec known = spec;
        if (known == null) {
            throw new IllegalStateException("run by something else than picocli");
        }
        return known;
    }

    private FleetPlan plan() {
        try {
            Path file = Path.of(scenario);
            Scenario chosen = Files.isRegularFile(file) ? Scenario.read(file) : Scenario.named(scenario);
            return FleetPlan.of(devices, first(), keys(), chosen).withSeed(seed).withTimeFactor(timeFactor);
        } catch (ScenarioException | IllegalArgumentException | IOException e) {
            throw new ParameterException(commandSpec().commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private FirstContact first() {
        if (server != null && bootstrap != null) {
            throw new IllegalArgumentException("--server with --bootstrap (expected: one of them)");
        }
        String plainly = server == null ? DEFAULT_SERVER : server;
        FirstContact first =
                bootstrap == null ? contact("server", plainly, false) : contact("bootstrap", bootstrap, true);
        if (first.secure() && pskFile == null) {
            throw new IllegalArgumentException("coaps:// without --psk-file (expected: the modules' keys)");
        }
        return first;
    }

    private PskSource keys() throws IOException {
        return pskFile == null ? PskSource.NONE : PskFile.read(pskFile);
    }

    static FirstContact contact(String option, String uri, boolean bootstrap) {
        URI parsed = URI.create(uri);
        boolean secure = "coaps".equals(parsed.getScheme());
        if (!(secure || "coap".equals(parsed.getScheme())) || parsed.getHost() == null) {
            throw new IllegalArgumentException(
                    option + ": \"" + uri + "\" (expected: coap://host:port or coaps://host:port)");
        }
        int standard = DEFAULT_PORT + (secure ? 1 : 0) + (bootstrap ? BOOTSTRAP_PORTS_AWAY : 0);
        int port = parsed.getPort() < 0 ? standard : parsed.getPort();
        return new FirstContact(new InetSocketAddress(parsed.getHost(), port), secure, bootstrap);
    }

    private void watch(VirtualFleet fleet, PrintWriter out, CountDownLatch interrupted) throws InterruptedException {
        long before = 0;
        for (long second = 1; second <= seconds; second++) {
            if (interrupted.await(1, TimeUnit.SECONDS)) {
                return;
            }
            FleetReport now = fleet.report();
            if (!json) {
                out.printf(
                        Locale.ROOT,
                        "%5ds  registered %d/%d  %s  downloads %d  applies %d  reverts %d  crashes %d  %d datagrams/s%n",
                        second,
                        now.registered(),
                        now.devices(),
                        versions(now),
                        now.totals().downloads(),
                        now.totals().applies(),
                        now.totals().reverts(),
                        now.totals().crashes(),
                        now.datagramsIn() + now.datagramsOut() - before);
                out.flush();
            }
            before = now.datagramsIn() + now.datagramsOut();
        }
    }

    private static String versions(FleetReport report) {
        return report.byVersion().entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    private void print(FleetReport report, PrintWriter out) throws IOException {
        if (json) {
            out.println(new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(report));
            out.flush();
            return;
        }
        out.printf(Locale.ROOT, "%nversions            %s%n", versions(report));
        report.byRegion()
                .forEach((name, region) -> out.printf(
                        Locale.ROOT,
                        "%-18s  %d devices, %d registered, %d touched, %s%n",
                        name,
                        region.devices(),
                        region.registered(),
                        region.touched(),
                        region.byVersion()));
        out.printf(
                Locale.ROOT,
                "touched %d, applies %d, second applies %d, reverts %d, crashes %d, user data intact %d, received %d bytes%n",
                report.touched(),
                report.totals().applies(),
                report.totals().secondApplies(),
                report.totals().reverts(),
                report.totals().crashes(),
                report.userDataIntact(),
                report.totals().bytes());
        if (report.handshakes().ended() > 0) {
            out.printf(
                    Locale.ROOT,
                    "handshakes full %d, resumed %d, failed %d; sessions open %d; bootstraps %d%n",
                    report.handshakes().full(),
                    report.handshakes().resumed(),
                    report.handshakes().failed(),
                    report.handshakes().sessions(),
                    report.totals().bootstraps());
        }
        out.flush();
    }
}
