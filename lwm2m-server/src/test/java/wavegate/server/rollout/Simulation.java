package wavegate.server.rollout;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.CampaignTerms;
import wavegate.firmware.campaign.DispatchRate;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.Schedule;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.campaign.WeeklyWindow;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.server.store.memory.MemoryLedger;
import wavegate.server.store.memory.MemoryRolloutStore;

/**
 * A whole rollout on one thread from one seed: a fleet, a link that loses, doubles, delays and reorders, a server that crashes before and after
 * its commits, modules that reboot or never come back, a clock that jumps while the server is down. Invariants are checked after every event.
 */
final class Simulation {
    static final CampaignId CAMPAIGN = new CampaignId("sim");
    static final FirmwareVersion OLD = FirmwareVersion.of("1.0.0");
    static final FirmwareVersion TARGET = FirmwareVersion.of("1.1.0");
    static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    static final int TRANSFERS = 12;
    private static final Duration SOAK = Duration.ofHours(2);

    /** How bad the day is; shares are of messages, devices or commits. */
    record Weather(
            double loss,
            double doubling,
            double crashPerCommit,
            double rebootPerHour,
            double badBoot,
            double brick,
            double corruption,
            double crashesPerHour,
            double newFirmwareCrashFactor,
            double offline,
            boolean operatorKills) {
        static final Weather CALM = new Weather(0, 0, 0, 0, 0, 0, 0, 0.02, 1, 0, false);

        static Weather of(Random random) {
            boolean calm = random.nextInt(4) == 0;
            return new Weather(
                    calm ? 0 : random.nextDouble() * 0.1,
                    calm ? 0 : random.nextDouble() * 0.1,
                    calm ? 0 : random.nextDouble() * 0.01,
                    random.nextDouble() * 0.05,
                    random.nextInt(3) == 0 ? 0.05 : 0,
                    random.nextInt(3) == 0 ? 0.02 : 0,
                    random.nextDouble() * 0.05,
                    0.05,
                    random.nextInt(3) == 0 ? 30 : 1,
                    random.nextInt(2) == 0 ? 0.05 : 0,
                    random.nextInt(5) == 0);
        }
    }

    private record Event(long at, long order, Runnable action) {}

    final long seed;
    final Random random;
    final Weather weather;
    final Map<Endpoint, SimulatedModule> modules = new LinkedHashMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.at() != b.at() ? Long.compare(a.at(), b.at()) : Long.compare(a.order(), b.order()));
    private final MemoryArtifacts artifacts = new MemoryArtifacts();
    private final FirmwarePackage firmwarePackage;
    private final UnaryOperator<CampaignSpec> asked;
    private long order;
    private long now;
    /** What the server's wall clock is off by; only changes while it is down. */
    private long clockSkew;

    private MemoryLedger ledger;
    private Fence fence = new Fence(this::serverTime);
    private Optional<RolloutEngine> engine = Optional.empty();
    int generation;
    int crashes;
    private final Invariants invariants = new Invariants(this);
    /** Ledger facts already looked at. */
    final Map<String, Long> rowsTaken = new TreeMap<>();

    Simulation(long seed, int devices) {
        this(seed, devices, Optional.empty(), spec -> spec.under(terms(seed)));
    }

    /** One in which nothing goes wrong and nobody meddles. */
    Simulation(long seed, int devices, UnaryOperator<CampaignSpec> asked) {
        this(seed, devices, Optional.of(Weather.CALM), asked);
    }

    private Simulation(long seed, int devices, Optional<Weather> given, UnaryOperator<CampaignSpec> asked) {
        this.seed = seed;
        this.random = new Random(seed);
        this.weather = given.orElseGet(() -> Weather.of(random));
        this.asked = asked;
        for (int i = 0; i < devices; i++) {
            SimulatedModule module = new SimulatedModule(i, random, OLD);
            modules.put(module.endpoint, module);
        }
        Manifest manifest = new Manifest("fw", TARGET, "Acme", "M1", "rev-a", 1000, Sha256.of(new byte[] {1}), 1);
        firmwarePackage =
                new FirmwarePackage(PackageId.ofManifest(new byte[] {7}), manifest, "key", serverTime(), false);
        ledger = new MemoryLedger(fact -> new byte[0], this::commitOutcome);
    }

    /** Some keep to windows, some to a rate, some have a deadline. */
    private static CampaignTerms terms(long seed) {
        Optional<Instant> end =
                seed % 7 == 3 ? Optional.of(EPOCH.plus(Duration.ofHours(10 + seed % 40))) : Optional.empty();
        List<WeeklyWindow> windows =
                seed % 5 == 2 ? List.of(WeeklyWindow.of(List.of(), "08:00", "20:00")) : List.<WeeklyWindow>of();
        Optional<DispatchRate> rate = seed % 5 == 1 ? Optional.of(new DispatchRate(0.5, 2, 4, 10)) : Optional.empty();
        return new CampaignTerms(
                Optional.of(new Schedule(Optional.empty(), end, windows, "UTC", Duration.ofMinutes(30))),
                rate,
                Optional.empty(),
                false,
                false,
                0);
    }

    CampaignSpec asked() {
        return asked.apply(spec());
    }

    FirmwareVersion versionOf(PackageId id) {
        return id.equals(firmwarePackage.id()) ? TARGET : OLD;
    }

    /** The device of an update is begun with, or told to execute. */
    void expectOpen(Update update, Instant at) {
        expectOpen(update.id(), at);
    }

    void expectOpen(UpdateId update, Instant at) {
        if (!serverUp()) {
            return;
        }
        state().run(update.campaign()).ifPresent(run -> {
            Schedule schedule = run.campaign().spec().terms().schedule();
            if (!schedule.contains(at, ZoneOffset.UTC)) {
                throw new AssertionError(
                        "seed " + seed + ": " + update + " is touched at " + at + ", outside " + schedule.windows());
            }
        });
    }

    Instant serverTime() {
        return EPOCH.plusMillis(now + clockSkew);
    }

    private MemoryLedger.Outcome commitOutcome(int commit) {
        double roll = random.nextDouble();
        return roll < weather.crashPerCommit() / 2
                ? MemoryLedger.Outcome.LOST
                : roll < weather.crashPerCommit()
                        ? MemoryLedger.Outcome.KEPT_UNACKNOWLEDGED
                        : MemoryLedger.Outcome.DONE;
    }

    void after(double seconds, Runnable action) {
        events.add(new Event(now + (long) (seconds * 1000), order++, action));
    }

    Fence fence() {
        return fence;
    }

    long now() {
        return now;
    }

    RolloutState state() {
        return engine.orElseThrow().state();
    }

    boolean serverUp() {
        return engine.isPresent();
    }

    MemoryLedger ledger() {
        return ledger;
    }

    // ---- the server

    private void startServer() {
        generation++;
        fence = new Fence(this::serverTime);
        List<Runnable> back = new ArrayList<>();
        MemoryRolloutStore view = new MemoryRolloutStore();
        ledger.replay(0, recorded -> view.apply(List.of(recorded)));
        CompactedLedger compacted = new CompactedLedger(ledger, random.nextInt(101));
        compacted.assertSameState(new MembershipFiles(artifacts)::read, serverTime(), "seed " + seed);
        RolloutEngine next = new RolloutEngine(new RolloutEngine.Parts(
                compacted,
                view,
                artifacts,
                checked -> {},
                batch -> {},
                new SingleNode(),
                fence,
                this::serverTime,
                random,
                Runnable::run,
                task -> back.add(task),
                new RolloutSettings(
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(5),
                        100_000,
                        64,
                        16,
                        RolloutSettings.DEFAULT.served(),
                        64,
                        ClientProfiles.NONE,
                        budget())));
        SimulatedLink link = new SimulatedLink(this, generation);
        next.recover(link);
        engine = Optional.of(next);
        backlog = back;
    }

    /** Every third seed moves through narrow places. */
    private TransferBudget.Rules budget() {
        return seed % 3 == 0
                ? new TransferBudget.Rules(
                        new TransferBudget.Limit(TRANSFERS, 100),
                        new TransferBudget.Limit(5, 40),
                        TransferBudget.Limit.NONE,
                        TransferBudget.Limit.NONE,
                        Duration.ofSeconds(30))
                : TransferBudget.Rules.UNLIMITED;
    }

    private List<Runnable> backlog = new ArrayList<>();

    /** Runs something on the server's thread and commits; a failing commit is the crash. */
    void onServer(java.util.function.Consumer<RolloutEngine> work) {
        if (engine.isEmpty()) {
            return;
        }
        RolloutEngine server = engine.get();
        try {
            work.accept(server);
            server.commit();
            while (!backlog.isEmpty()) {
                List.copyOf(backlog).forEach(task -> {
                    backlog.remove(task);
                    task.run();
                });
                server.commit();
            }
        } catch (LedgerFailure e) {
            crashes++;
            rowsOf(server);
            engine = Optional.empty();
            ledger = ledger.reopened(this::commitOutcome);
            after(1 + random.nextInt(120), () -> {
                if (random.nextInt(3) == 0) {
                    clockSkew += (random.nextInt(7200) - 3600) * 1000L;
                }
                try {
                    startServer();
                } catch (LedgerFailure again) {
                    throw new AssertionError("seed " + seed + ": the ledger does not open again", again);
                }
            });
        }
    }

    private void rowsOf(RolloutEngine server) {
        server.rows().forEach((row, times) -> rowsTaken.merge(row, times, Long::sum));
    }

    void offer(int toGeneration, RolloutInput input) {
        if (toGeneration == generation) {
            onServer(server -> server.handle(input));
        }
    }

    // ---- the fleet

    void register(SimulatedModule module) {
        if (!module.on || module.bricked) {
            return;
        }
        if (random.nextDouble() < weather.loss() || !serverUp()) {
            after(5 + random.nextInt(60), () -> register(module));
            return;
        }
        module.generationRegistered = generation;
        offer(generation, new RolloutInput.Registered(module.endpoint, new Labels(module.region, "", new TreeSet<>())));
    }

    private void keepAlive(SimulatedModule module) {
        after(300 + random.nextInt(60), () -> keepAlive(module));
        if (!module.on || module.bricked || !serverUp()) {
            return;
        }
        if (module.generationRegistered != generation) {
            register(module);
        } else if (random.nextDouble() >= weather.loss()) {
            offer(generation, new RolloutInput.RegistrationUpdated(module.endpoint));
        }
    }

    private void report(SimulatedModule module) {
        double hours = 600 / 3600.0;
        after(570 + random.nextInt(60), () -> report(module));
        boolean onNew = module.version.equals(TARGET);
        module.energy += hours * (0.95 + 0.1 * random.nextDouble());
        if (random.nextDouble() < weather.crashesPerHour() * hours * (onNew ? weather.newFirmwareCrashFactor() : 1)) {
            module.crashes++;
        }
        if (!module.on
                || module.bricked
                || module.generationRegistered != generation
                || random.nextDouble() < weather.loss()) {
            return;
        }
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.CRASH_COUNT, (double) module.crashes);
        values.put(Metric.ENERGY_USED_MAH, module.energy);
        Instant measured = serverTime();
        int times = random.nextDouble() < weather.doubling() ? 2 : 1;
        for (int i = 0; i < times; i++) {
            int to = generation;
            after(
                    random.nextDouble() * 20,
                    () -> offer(
                            to,
                            new RolloutInput.HealthReported(
                                    new HealthReport(module.endpoint, measured, serverTime(), values))));
        }
    }

    private void misfortune(SimulatedModule module) {
        after(3600, () -> misfortune(module));
        if (module.bricked) {
            return;
        }
        if (random.nextDouble() < weather.rebootPerHour()
                && module.state != wavegate.firmware.object.UpdateState.UPDATING) {
            module.reboot();
            after(5 + random.nextInt(30), () -> register(module));
        }
        if (random.nextDouble() < weather.offline()) {
            module.on = false;
            after(600 + random.nextInt(7200), () -> {
                module.on = true;
                module.generationRegistered = -1;
                register(module);
            });
        }
    }

    // ---- the run

    /** Runs until the campaign has come to rest or the limit is reached. */
    void run(Duration limit) {
        startServer();
        for (SimulatedModule module : modules.values()) {
            after(random.nextInt(60), () -> register(module));
            after(random.nextInt(300), () -> keepAlive(module));
            after(random.nextInt(600), () -> report(module));
            after(random.nextInt(3600), () -> misfortune(module));
        }
        tick();
        after(7200, this::operator);
        after(900, this::open);
        if (weather.operatorKills()) {
            after(900 + random.nextInt(8 * 3600), () -> onServer(this::operatorKill));
        }
        long end = limit.toMillis();
        while (!events.isEmpty() && now < end && !atRest()) {
            Event event = events.remove();
            now = Math.max(now, event.at());
            event.action().run();
            invariants.check();
        }
        engine.ifPresent(this::rowsOf);
        invariants.atEnd();
    }

    private void tick() {
        after(10, this::tick);
        onServer(RolloutEngine::tick);
    }

    private void open() {
        onServer(server -> {
            Orders orders = new Orders(server);
            orders.addPackage(firmwarePackage, "test");
            orders.create(CAMPAIGN, asked(), "test");
            if (asked().terms().approvals() > 0) {
                return;
            }
            orders.start(CAMPAIGN, Optional.empty(), "test").whenComplete((campaign, failure) -> {
                if (failure != null && !(failure instanceof LedgerFailure)) {
                    throw new AssertionError("seed " + seed, failure);
                }
            });
        });
        after(60, () -> {
            boolean started = serverUp()
                    && state().run(CAMPAIGN)
                            .map(run -> run.campaign().phase() != CampaignPhase.DRAFT)
                            .orElse(false);
            if (!started) {
                open();
            }
        });
    }

    private void operatorKill(RolloutEngine server) {
        if (server.state().run(CAMPAIGN).isEmpty()) {
            return;
        }
        KillScope scope = random.nextBoolean()
                ? new KillScope(KillScope.Kind.CAMPAIGN, CAMPAIGN.value())
                : new KillScope(KillScope.Kind.REGION, "region-1");
        new Orders(server).kill(scope, "test", "operator", fence.raise(scope));
    }

    static CampaignSpec spec() {
        UpdatePolicy update = new UpdatePolicy(
                Duration.ofMinutes(10),
                Duration.ofMinutes(10),
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                Duration.ofMinutes(20),
                Duration.ofHours(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(2),
                Duration.ofMinutes(20),
                3,
                0,
                3,
                UpdatePolicy.DeliveryChoice.PULL,
                false);
        GatePolicy gate = new GatePolicy(
                SOAK,
                SOAK,
                SOAK.multipliedBy(2),
                Duration.ofMinutes(15),
                0.8,
                10,
                0.01,
                0.01,
                0.002,
                0.15,
                4,
                5,
                0.2,
                0.2,
                false);
        WavePlan waves = new WavePlan("region-0", 0.3, 6, 1, List.of(0.3, 0.6, 1.0), 2, 5000, 0.8, Duration.ofHours(3));
        return new CampaignSpec(
                "simulated", PackageId.ofManifest(new byte[] {7}), DeviceFilter.ALL, waves, gate, update, 0.05, 8, 42);
    }

    Optional<Campaign> campaign() {
        return engine.flatMap(server -> server.state().run(CAMPAIGN)).map(CampaignRun::campaign);
    }

    /** Where the campaign stands, and what is still open. */
    String describe() {
        if (!serverUp() || state().run(CAMPAIGN).isEmpty()) {
            return "no server or no campaign";
        }
        CampaignRun run = state().run(CAMPAIGN).orElseThrow();
        StringBuilder text = new StringBuilder(
                run.campaign().phase() + " \"" + run.campaign().reason() + "\" " + weather);
        run.campaign().waves().forEach(wave -> text.append("\n  ")
                .append(wave)
                .append(' ')
                .append(run.wave(wave.index()).counts()));
        state().openUpdates().forEach(update -> text.append("\n  ")
                .append(update)
                .append(modules.get(update.endpoint()).status()));
        run.lastGate().ifPresent(gate -> text.append("\n  ").append(gate));
        return text.toString();
    }

    /** Goes on until something holds, or for at most this long. */
    void goOn(BooleanSupplier until, Duration most) {
        long end = now + most.toMillis();
        while (!events.isEmpty() && now < end && !until.getAsBoolean()) {
            Event event = events.remove();
            now = Math.max(now, event.at());
            event.action().run();
            invariants.check();
        }
    }

    /** The campaign has ended and nothing is open. */
    boolean atRest() {
        return campaign().map(campaign -> campaign.phase().isFinal()).orElse(false)
                && !state().openUpdates().iterator().hasNext()
                && backlog.isEmpty();
    }

    /** An operator who looks in every two hours, decides what is held, and now and then meddles. */
    private void operator() {
        after(7200, this::operator);
        onServer(server -> {
            Optional<Campaign> campaign = campaign();
            if (campaign.isEmpty()) {
                return;
            }
            Orders orders = new Orders(server);
            boolean failed = campaign.get().waves().stream().anyMatch(wave -> wave.phase() == WavePhase.FAILED);
            boolean held = campaign.get()
                    .openWave()
                    .map(wave -> wave.phase() == WavePhase.HELD)
                    .orElse(false);
            if (weather.equals(Weather.CALM)) {
                if (held) {
                    orders.decide(
                            CAMPAIGN,
                            campaign.get().openWave().orElseThrow().index(),
                            Verdict.PASS,
                            "looked at it",
                            "operator");
                }
                return;
            }
            if (campaign.get().phase() == CampaignPhase.PAUSED) {
                whenPaused(server, orders, campaign.get(), failed, held);
            } else if (campaign.get().phase() == CampaignPhase.RUNNING && random.nextInt(20) == 0) {
                orders.pause(CAMPAIGN, "lunch", "operator");
            }
        });
    }

    private void whenPaused(RolloutEngine server, Orders orders, Campaign campaign, boolean failed, boolean held) {
        int roll = random.nextInt(10);
        if (failed || roll == 0) {
            orders.abort(CAMPAIGN, "given up", "operator");
            return;
        }
        List.copyOf(server.state().killSwitches().keySet())
                .forEach(kill -> orders.lift(kill, "looked into", "operator"));
        if (held) {
            int wave = campaign.openWave().orElseThrow().index();
            orders.decide(CAMPAIGN, wave, roll < 8 ? Verdict.PASS : Verdict.FAIL, "looked at it", "operator");
        } else {
            orders.resume(CAMPAIGN, "operator");
        }
    }
}
