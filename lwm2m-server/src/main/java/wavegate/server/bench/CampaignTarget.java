package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.server.artifact.FileArtifactStore;
import wavegate.server.ledger.FactCodec;
import wavegate.server.ledger.FileLedger;
import wavegate.server.rollout.CampaignStatus;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.LoopTimes;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.rollout.RolloutLoop;
import wavegate.server.rollout.RolloutSettings;
import wavegate.server.rollout.SingleNode;
import wavegate.server.rollout.SteadyClock;
import wavegate.server.store.mapdb.MapDbRolloutStore;

/**
 * What decides and keeps, without sockets, as a process of its own: ledger forced to disk, view, loop and gates over the data of a {@link SizedFleet},
 * with {@link AnsweringModules} at the other end. Spoken to as a {@link BenchTarget} is; answers are JSON objects.
 */
public final class CampaignTarget {
    private static final CampaignId CAMPAIGN = new CampaignId("million");
    private static final String BY = "bench";
    private static final int PAGE = 100;
    private static final int CALLS = 300;
    private static final int REPORTS_PER_SECOND = 1000;
    /** Devices that report: the first of those that are there. */
    private static final int REPORTING = 20_000;

    private final int devices;
    private final int live;
    private final SteadyClock clock = new SteadyClock();
    private final Fence fence = new Fence(clock);
    private final WaveWatch watch = new WaveWatch();
    private final ExecutorService modules = Executors.newSingleThreadExecutor(task -> daemon(task, "modules-0"));
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> daemon(task, "worker-0"));
    private final FileLedger ledger;
    private final MapDbRolloutStore view;
    private final RolloutLoop loop;
    private final AnsweringModules link;
    private final ObjectNode opened = JsonNodeFactory.instance.objectNode();
    private int reporter;

    private CampaignTarget(Path data, int devices, int live) {
        this.devices = devices;
        this.live = live;
        long began = System.nanoTime();
        ledger = FileLedger.open(data.resolve("ledger"), new java.util.Random(2));
        opened.put("ledgerMs", millisSince(began));
        began = System.nanoTime();
        view = MapDbRolloutStore.open(
                        data.resolve("view.mapdb"),
                        ledger,
                        ledger.chainId().toString(),
                        new FactCodec()::decode,
                        (done, all, elapsed) -> {})
                .store();
        opened.put("viewMs", millisSince(began));
        began = System.nanoTime();
        loop = new RolloutLoop(
                new RolloutLoop.Ports(
                        ledger,
                        view,
                        new FileArtifactStore(data.resolve("artifacts")),
                        checked -> {},
                        watch,
                        new SingleNode(),
                        worker),
                fence,
                clock,
                new SplittableRandom(1),
                RolloutSettings.DEFAULT,
                CampaignTarget::ended);
        link = new AnsweringModules(devices, modules, loop);
        loop.start(link);
        opened.put("stateMs", millisSince(began)).put("records", ledger.lastSequence());
    }

    /** A directory, the number of devices, and how many of them are there. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Locale.setDefault(Locale.Category.FORMAT, Locale.US);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        CampaignTarget target =
                new CampaignTarget(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            out.println("ready " + target.opened);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(target.answer(line.split(" ")));
            }
        }
        // Without an orderly end: what comes next has to cope with that.
        Runtime.getRuntime().halt(0);
    }

    private static void ended(Throwable cause) {
        System.err.println("the loop ended: " + cause);
        Runtime.getRuntime().halt(1);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private ObjectNode answer(String[] command) throws InterruptedException {
        return switch (command[0]) {
            case "register" -> register();
            case "start" -> start(Integer.parseInt(command[1]));
            case "run" -> run(Duration.ofSeconds(Long.parseLong(command[1])));
            case "kill" -> kill();
            case "page" -> page();
            case "heap" -> JsonNodeFactory.instance.objectNode().put("bytes", BenchTarget.liveHeap());
            default -> throw new IllegalArgumentException("command: " + command[0]);
        };
    }

    private ObjectNode register() {
        loop.times().startAnew();
        long began = System.nanoTime();
        int every = devices / live;
        for (int i = 0; i < live; i++) {
            int number = i * every;
            RolloutInput registered =
                    new RolloutInput.Registered(SizedFleet.endpoint(number), SizedFleet.labels(number));
            while (!loop.offer(registered)) {
                Thread.onSpinWait();
            }
        }
        loop.rows().join();
        return times().put("ms", millisSince(began));
    }

    /** Creates and starts the campaign. */
    private ObjectNode start(int inFlight) {
        loop.times().startAnew();
        GatePolicy g = GatePolicy.DEFAULT;
        GatePolicy gate = new GatePolicy(
                Duration.ofSeconds(1),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(30),
                0.01,
                g.maxRatio(),
                g.crashAlpha(),
                g.driftAlpha(),
                g.laterAlpha(),
                g.minDrift(),
                g.looks(),
                g.minPerArm(),
                0.5,
                0.5,
                false);
        UpdatePolicy u = UpdatePolicy.DEFAULT;
        UpdatePolicy update = new UpdatePolicy(
                u.checking(),
                u.downloadStall(),
                u.verifying(),
                u.applying(),
                u.awaitReturn(),
                Duration.ofSeconds(2),
                u.deferral(),
                u.poll(),
                u.backoff(),
                u.backoffMax(),
                u.attempts(),
                0,
                u.maxBoots(),
                UpdatePolicy.DeliveryChoice.PULL,
                false);
        WavePlan waves =
                new WavePlan("", 0.01, 25, 0.05, List.of(0.05, 0.5, 1.0), 9, 5000, 0.05, Duration.ofSeconds(5));
        CampaignSpec spec = new CampaignSpec(
                "million", SizedFleet.PACKAGE, DeviceFilter.ALL, waves, gate, update, 0.001, inFlight, 1);
        loop.operations().create(CAMPAIGN, spec, BY).join();
        long began = System.nanoTime();
        var campaign = loop.operations().start(CAMPAIGN, BY).join();
        ObjectNode answer = times().put("ms", millisSince(began));
        campaign.waves().forEach(wave -> answer.withArray("waves").add(wave.size()));
        return answer;
    }

    /** Lets it run, with reports coming in; says at the end how fast it went. An operator lets every wave pass. */
    private ObjectNode run(Duration time) throws InterruptedException {
        loop.times().startAnew();
        long facts = ledger.lastSequence();
        long transitions = watch.transitions();
        long began = System.nanoTime();
        long end = began + time.toNanos();
        List<Long> rates = new ArrayList<>();
        long best = 0;
        long lastDispatches = link.dispatches();
        for (int second = 1; System.nanoTime() < end; second++) {
            long until = began + second * 1_000_000_000L;
            long before = watch.transitions();
            while (System.nanoTime() < until) {
                report(REPORTS_PER_SECOND / 50);
                TimeUnit.MILLISECONDS.sleep(20);
                letPass();
            }
            rates.add(watch.transitions() - before);
            best = Math.max(best, link.dispatches() - lastDispatches);
            lastDispatches = link.dispatches();
            if (done()) {
                break;
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        ObjectNode answer = times().put("seconds", seconds)
                .put("facts", ledger.lastSequence() - facts)
                .put("transitions", watch.transitions() - transitions)
                .put("mostDispatchesInASecond", best)
                .put("refused", loop.refusedInputs())
                .put("phase", status().campaign().phase().name());
        rates.forEach(rate -> answer.withArray("perSecond").add(rate));
        watch.write(answer);
        return answer;
    }

    private CampaignStatus status() {
        return loop.operations().status(CAMPAIGN).orElseThrow();
    }

    private boolean done() {
        int ended = 0;
        for (Map<?, Integer> phases : status().phases()) {
            ended += phases.entrySet().stream()
                    .filter(entry -> ((wavegate.firmware.update.UpdatePhase) entry.getKey()).isFinal())
                    .mapToInt(Map.Entry::getValue)
                    .sum();
        }
        return ended >= live || status().campaign().phase().isFinal();
    }

    private void letPass() {
        CampaignStatus status = status();
        if (status.campaign().phase() == CampaignPhase.PAUSED) {
            status.campaign().waves().stream()
                    .filter(wave -> wave.phase() == WavePhase.HELD)
                    .findFirst()
                    .ifPresent(wave -> loop.operations()
                            .decide(CAMPAIGN, wave.index(), Verdict.PASS, "bench", BY)
                            .exceptionally(failure -> status.campaign())
                            .join());
        }
    }

    private void report(int count) {
        Instant now = clock.instant();
        int every = devices / live;
        for (int i = 0; i < count; i++) {
            int number = reporter++ % Math.min(live, REPORTING) * every;
            EnumMap<Metric, Double> values = new EnumMap<>(Metric.class);
            values.put(Metric.CRASH_COUNT, 0.0);
            values.put(Metric.ENERGY_USED_MAH, now.toEpochMilli() % 100_000_000 / 1000.0);
            loop.offer(
                    new RolloutInput.HealthReported(new HealthReport(SizedFleet.endpoint(number), now, now, values)));
        }
    }

    /** What the pages of a campaign and of the fleet ask the view and the loop for, each many times while the campaign runs. */
    private ObjectNode page() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("campaignMs", p99(() -> {
                    view.campaigns();
                    status();
                    view.gateDecisions(CAMPAIGN, 50);
                    view.killReceipts();
                }))
                .put("updatesMs", p99(() -> view.updates(CAMPAIGN, update -> update.wave() == 2, "", PAGE)))
                .put(
                        "devicesMs",
                        p99(() ->
                                view.devices(device -> device.labels().region().equals("west"), "", PAGE)));
    }

    private static double p99(Runnable call) {
        double[] took = new double[CALLS];
        for (int i = 0; i < CALLS; i++) {
            long began = System.nanoTime();
            call.run();
            took[i] = millisSince(began);
        }
        Arrays.sort(took);
        return took[CALLS * 99 / 100];
    }

    private ObjectNode kill() {
        loop.times().startAnew();
        long began = System.nanoTime();
        KillReceipt receipt = loop.operations()
                .kill(new KillScope(KillScope.Kind.ALL, ""), "bench", BY)
                .join();
        return times().put("ms", millisSince(began))
                .put("cancelled", receipt.cancelled())
                .put("leftAlone", receipt.leftAlone());
    }

    private ObjectNode times() {
        LoopTimes times = loop.times();
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("longestTurnMs", times.longest().toNanos() / 1e6)
                .put("busiestTurnMs", times.busiest().toNanos() / 1e6)
                .put("turnsMs", times.total().toMillis())
                .put("durableMs", times.durable().toMillis());
        ObjectNode buckets = answer.putObject("turns");
        for (LoopTimes.Bucket bucket : times.buckets()) {
            buckets.put(
                    bucket.upTo().toSeconds() > 3600
                            ? "more"
                            : String.valueOf(bucket.upTo().toMillis()),
                    bucket.turns());
        }
        return answer;
    }

    private static double millisSince(long began) {
        return (System.nanoTime() - began) / 1e6;
    }
}
