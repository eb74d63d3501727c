package wavegate.sim;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import wavegate.config.Durations;
import wavegate.sim.device.FirstContact;
import wavegate.sim.scenario.Scenario;
import wavegate.sim.scenario.ScenarioException;

/** {@code sim}: runs a fleet of virtual modules against any LwM2M server, or one of its own, until its time is up or it is interrupted. */
@Command(
        name = "sim",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs a fleet of virtual LwM2M modules against a server. Without --server or",
            "--bootstrap it starts one, and releases firmware to a wave of 5 %% of the fleet."
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 a check of the report failed or the server did not start,",
            "2 bad arguments, 3 some device never registered.",
            "Built-in scenarios: healthy, bad-firmware, battery-drain, broken-image,",
            "wrong-partition, bad-boot, corrupt-in-flight, quirks, mixed, failures,",
            "black-out. Their files, to copy and change, are in config/sim."
        })
public final class SimCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int NOT_REGISTERED = 3;
    private static final int DEFAULT_PORT = 5683;
    /** From the LwM2M ports to those of Wavegate's bootstrap server. */
    private static final int BOOTSTRAP_PORTS_AWAY = 100;

    private static final double WAVE = 0.05;

    private final Optional<LocalServer.Starter> starter;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--devices", paramLabel = "N", description = "How many modules (default: ${DEFAULT-VALUE}).")
    private int devices = 100;

    @Option(
            names = {"--for", "--duration"},
            paramLabel = "DURATION",
            description = {"How long, like 90s, 10m, 1h30m; a number alone is seconds", "(default: until interrupted)."
            })
    private String time = "0s";

    @Option(
            names = "--server",
            paramLabel = "URI",
            description = {
                "LwM2M server, coap://host:port or coaps://host:port (default: one is",
                "started for this run and ends with it)."
            })
    private @Nullable String server;

    @Option(
            names = "--bootstrap",
            paramLabel = "URI",
            description = {
                "Bootstrap server, coap://host:port or coaps://host:port; it names each",
                "module its LwM2M server."
            })
    private @Nullable String bootstrap;

    @Option(
            names = "--psk-file",
            paramLabel = "FILE",
            description = {
                "Keys for coaps://, a line each: endpoint,identity,key-in-hex. One line",
                "master,secret-in-hex makes those of all others: identity = endpoint,",
                "key = first 16 bytes of HMAC-SHA256(secret, endpoint)."
            })
    private @Nullable Path pskFile;

    @Option(
            names = "--campaign",
            negatable = true,
            description = {
                "Firmware for 5 %% of the fleet, after the registration storm and a rest",
                "(default: with a server of its own)."
            })
    private @Nullable Boolean campaign;

    @Option(
            names = "--scenario",
            paramLabel = "NAME|FILE",
            description = "Built-in scenario or YAML file (default: ${DEFAULT-VALUE}).")
    private String scenario = "healthy";

    @Option(
            names = "--terminals",
            paramLabel = "SHARE",
            description = {
                "Share of the devices, 0 to 0.9, that ask for versions instead of",
                "registering (default: as the scenario says)."
            })
    private @Nullable Double terminals;

    @Option(
            names = "--ramp-up",
            paramLabel = "DURATION",
            description = {
                "Devices are switched on over this time; 0s: all in one instant (default:",
                "0s with a server of its own, else 1,000 a second, 200 with DTLS)."
            })
    private @Nullable String rampUp;

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
            names = "--report",
            paramLabel = "DIR",
            description = "Write report.json, report.html and devices.csv there.")
    private @Nullable Path report;

    @Option(names = "--json", description = "Print the final report as JSON and nothing else.")
    private boolean json;

    /** The simulator by itself, which must be given a server. */
    public SimCommand() {
        this.starter = Optional.empty();
    }

    /** @param starter starts a server where none was named */
    public SimCommand(LocalServer.Starter starter) {
        this.starter = Optional.of(starter);
    }

    @Override
    public Integer call() throws InterruptedException {
        Prepared prepared = prepare();
        PrintWriter out = commandSpec().commandLine().getOut();
        SimText text = new SimText(out, json);
        try {
            if (prepared.first().isPresent()) {
                return run(prepared, prepared.first().get(), Optional.empty(), text);
            }
            text.say("starting a server for " + devices + " devices");
            LocalServer.Order order = new LocalServer.Order(devices, prepared.scenario(), seed);
            try (LocalServer own = starter.orElseThrow().start(order)) {
                text.say("server      coap://" + own.coap().getHostString() + ":"
                        + own.coap().getPort() + "  page " + own.page());
                return run(prepared, FirstContact.plain(own.coap()), Optional.of(own), text);
            }
        } catch (IOException e) {
            PrintWriter err = commandSpec().commandLine().getErr();
            err.println("sim: " + e.getMessage());
            err.flush();
            return FAILED;
        }
    }

    private int run(Prepared prepared, FirstContact first, Optional<LocalServer> own, SimText text)
            throws IOException, InterruptedException {
        FleetPlan plan = FleetPlan.of(devices, first, prepared.keys(), prepared.scenario())
                .withSeed(seed)
                .withTimeFactor(timeFactor);
        Optional<Duration> ramp = prepared.rampUp().or(() -> own.map(started -> Duration.ZERO));
        plan = ramp.map(plan::withRampUp).orElse(plan);
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch reported = new CountDownLatch(1);
        Thread hook = new Thread(() -> awaitReport(interrupted, reported), "sim-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try (VirtualFleet fleet = VirtualFleet.start(plan)) {
            SimRun run = new SimRun(plan, prepared.run(), fleet, own, text);
            run.watch(interrupted);
            SimReport end = run.report();
            print(end, fleet, text);
            boolean everyone = end.fleet().everRegistered() == end.fleet().devices();
            return everyone ? end.good() ? 0 : FAILED : NOT_REGISTERED;
        } finally {
            reported.countDown();
            if (interrupted.getCount() > 0) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    private void print(SimReport end, VirtualFleet fleet, SimText text) throws IOException {
        if (json) {
            PrintWriter out = commandSpec().commandLine().getOut();
            out.println(ReportFiles.json(end));
            out.flush();
        }
        text.report(end);
        Path directory = report;
        if (directory != null) {
            ReportFiles.write(directory, end, fleet);
            text.say("report      " + directory.resolve("report.html"));
        }
    }

    /** Ctrl-C ends the watch and lets the final report be printed before the process goes. */
    private static void awaitReport(CountDownLatch interrupted, CountDownLatch reported) {
        interrupted.countDown();
        try {
            boolean inTime = reported.await(30, TimeUnit.SECONDS);
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

    /** The arguments, looked at before anything is started. {@code first} empty: a server is to be started. */
    private record Prepared(
            Optional<FirstContact> first, PskSource keys, Scenario scenario, RunPlan run, Optional<Duration> rampUp) {}

    private Prepared prepare() {
        try {
            Optional<FirstContact> first = first();
            boolean wave = campaign == null ? first.isEmpty() : campaign;
            if (wave && first.isPresent()) {
                throw new IllegalArgumentException("--campaign with --server or --bootstrap (expected: neither; with a"
                        + " server of yours, start the campaign there)");
            }
            RunPlan run = new RunPlan(duration("--for", time), wave ? WAVE : 0);
            Path file = Path.of(scenario);
            Scenario chosen = Files.isRegularFile(file) ? Scenario.read(file) : Scenario.named(scenario);
            Double share = terminals;
            if (share != null && !(share >= 0 && share <= 0.9)) {
                throw new IllegalArgumentException("--terminals: " + share + " (expected: 0..0.9)");
            }
            Scenario mixed = share == null ? chosen : chosen.withTerminals(share);
            Scenario inStep = run.scenario(mixed, devices, timeFactor);
            Optional<Duration> ramp = rampUp == null ? Optional.empty() : Optional.of(duration("--ramp-up", rampUp));
            PskSource keys = pskFile == null ? PskSource.NONE : PskFile.read(pskFile);
            FirstContact anywhere = first.orElseGet(() -> FirstContact.plain(new InetSocketAddress("127.0.0.1", 1)));
            FleetPlan.of(devices, anywhere, keys, inStep).withTimeFactor(timeFactor);
            return new Prepared(first, keys, inStep, run, ramp);
        } catch (ScenarioException | IllegalArgumentException | IOException e) {
            throw new ParameterException(commandSpec().commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Duration duration(String option, String text) {
        boolean plain = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        Duration duration;
        try {
            duration = Durations.parse(plain ? text + "s" : text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException(option + ": " + text + " (expected: 0s or more)");
        }
        return duration;
    }

    private Optional<FirstContact> first() {
        if (server != null && bootstrap != null) {
            throw new IllegalArgumentException("--server with --bootstrap (expected: one of them)");
        }
        if (server == null && bootstrap == null) {
            if (starter.isEmpty()) {
                throw new IllegalArgumentException("no server (expected: --server or --bootstrap)");
            }
            return Optional.empty();
        }
        FirstContact first =
                bootstrap == null ? contact("server", server, false) : contact("bootstrap", bootstrap, true);
        if (first.secure() && pskFile == null) {
            throw new IllegalArgumentException("coaps:// without --psk-file (expected: the modules' keys)");
        }
        return Optional.of(first);
    }

    static FirstContact contact(String option, @Nullable String uri, boolean bootstrap) {
        URI parsed = URI.create(String.valueOf(uri));
        boolean secure = "coaps".equals(parsed.getScheme());
        if (!(secure || "coap".equals(parsed.getScheme())) || parsed.getHost() == null) {
            throw new IllegalArgumentException(
                    option + ": \"" + uri + "\" (expected: coap://host:port or coaps://host:port)");
        }
        int standard = DEFAULT_PORT + (secure ? 1 : 0) + (bootstrap ? BOOTSTRAP_PORTS_AWAY : 0);
        int port = parsed.getPort() < 0 ? standard : parsed.getPort();
        return new FirstContact(new InetSocketAddress(parsed.getHost(), port), secure, bootstrap);
    }
}
