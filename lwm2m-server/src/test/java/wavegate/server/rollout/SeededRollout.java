package wavegate.server.rollout;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.TransferBudget;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.Update;
import wavegate.server.store.memory.MemoryLedger;
import wavegate.server.store.memory.MemoryRolloutStore;

/**
 * A whole rollout on one thread from one seed: a fleet, a link that loses, doubles, delays and reorders, a server that crashes before and after
 * its commits, modules that reboot, move or never come back, operators who meddle, a clock that jumps while the server is down. {@link FifteenInvariants}
 * are checked after every event; each start of the server is from a ledger compacted at a place of the seed's choice, and must come to the same state.
 */
final class SeededRollout {
    static final CampaignId CAMPAIGN = new CampaignId("sim");
    static final CampaignId SECOND = new CampaignId("sim-second");
    static final FirmwareVersion OLD = FirmwareVersion.of("1.0.0");
    static final FirmwareVersion TARGET = FirmwareVersion.of("1.1.0");
    static final FirmwareVersion LATER = FirmwareVersion.of("1.1.10");
    static final PackageId OLD_PACKAGE = PackageId.ofManifest(new byte[] {6});
    static final PackageId TARGET_PACKAGE = PackageId.ofManifest(new byte[] {7});
    static final PackageId LATER_PACKAGE = PackageId.ofManifest(new byte[] {8});
    /** An operator does not try to start a campaign for ever. */
    static final long GIVE_UP_STARTING = Duration.ofHours(12).toMillis();

    static final TransferBudget.Rules NARROW = new TransferBudget.Rules(
            new TransferBudget.Limit(12, 100),
            new TransferBudget.Limit(5, 40),
            new TransferBudget.Limit(8, 0),
            new TransferBudget.Limit(2, 0),
            Duration.ofSeconds(30));
    static final Duration TICK = Duration.ofSeconds(10);
    static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    private record Event(long at, long order, Runnable action) {}

    final long seed;
    final Random random;
    final Weather weather;
    private final SeededFleet fleet;
    private final SeededOperator operator;
    private final UnaryOperator<CampaignSpec> asked;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.at() != b.at() ? Long.compare(a.at(), b.at()) : Long.compare(a.order(), b.order()));
    private final MemoryArtifacts artifacts = new MemoryArtifacts();
    private final Map<PackageId, FirmwarePackage> packages = new LinkedHashMap<>();
    private long order;
    private long now;
    /** What the server's wall clock is off by; only changes while it is down. */
    private long clockSkew;
    /** For how long there was a server, up to the start of this one. */
    private long watchedBefore;

    private long upSince;
    private long artifactBackAt;

    private MemoryLedger ledger;
    /** Facts in the ledger that the invariants have not been told of. */
    private final List<Recorded> untold = new ArrayList<>();

    private long heard;
    private Fence fence = new Fence(this::serverTime);
    private Optional<RolloutEngine> engine = Optional.empty();
    private List<Runnable> backlog = new ArrayList<>();
    int generation;
    int crashes;
    private final FifteenInvariants invariants;
    /** How often each row of the tables was taken, over all lives of the server. */
    final Map<String, Long> rowsTaken = new TreeMap<>();

    final Map<RolloutFigures.Unfitting, Long> unfitting = new TreeMap<>();

    SeededRollout(long seed, int devices) {
        this(seed, devices, Optional.empty(), spec -> spec.under(SeededSpecs.terms(seed)));
    }

    /** One in which nothing goes wrong and nobody meddles. */
    SeededRollout(long seed, int devices, UnaryOperator<CampaignSpec> asked) {
        this(seed, devices, Optional.of(Weather.CALM), asked);
    }

    private SeededRollout(long seed, int devices, Optional<Weather> given, UnaryOperator<CampaignSpec> asked) {
        this.seed = seed;
        this.random = new Random(seed);
        this.weather = given.orElseGet(() -> Weather.of(random));
        this.asked = asked;
        this.fleet = new SeededFleet(this, devices);
        this.operator = new SeededOperator(this);
        this.invariants = new FifteenInvariants(
                new MembershipFiles(artifacts)::read, this::watched, endpoint -> module(endpoint).ran, budget());
        add(OLD_PACKAGE, OLD, 1);
        add(TARGET_PACKAGE, TARGET, 2);
        add(LATER_PACKAGE, LATER, 3);
        ledger = new MemoryLedger(fact -> new byte[0], this::commitOutcome);
    }

    private void add(PackageId id, FirmwareVersion version, int sequence) {
        Manifest manifest = new Manifest(
                "fw", version, "Acme", "M1", "rev-a", 1000, Sha256.of(new byte[] {(byte) sequence}), sequence);
        packages.put(id, new FirmwarePackage(id, manifest, "key", serverTime(), false));
    }

    Delta delta() {
        return new Delta(
                OLD,
                packages.get(OLD_PACKAGE).manifest().sha256(),
                Delta.Format.BSDIFF,
                Sha256.of(new byte[] {9}),
                100);
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

    FifteenInvariants invariants() {
        return invariants;
    }

    SeededFleet fleet() {
        return fleet;
    }

    SeededModule module(Endpoint endpoint) {
        return fleet.module(endpoint);
    }

    Collection<FirmwarePackage> packages() {
        return packages.values();
    }

    /** As the server knows it, else as it will be uploaded. */
    FirmwarePackage packageOf(PackageId id) {
        return engine.flatMap(server -> server.state().find(id)).orElse(packages.get(id));
    }

    Fence fence() {
        return fence;
    }

    long now() {
        return now;
    }

    /** For how many milliseconds in all a server has been there to watch. */
    private long watched() {
        return watchedBefore + (engine.isPresent() ? now - upSince : 0);
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

    boolean artifactMissing() {
        return now < artifactBackAt;
    }

    /** Whether the server that is there now hands out the last block of what this token names; if it does, that is a dispatch. */
    boolean serves(String token, DispatchScope scope) {
        boolean granted = engine.isPresent()
                && !artifactMissing()
                && engine.get().published().grant(token).isPresent();
        return granted && fence.dispatch(scope, () -> invariants.dispatches().served(scope));
    }

    // ---- the server

    private void startServer() {
        generation++;
        upSince = now;
        fence = new Fence(this::serverTime);
        List<Runnable> back = new ArrayList<>();
        backlog = back;
        int life = generation;
        MemoryRolloutStore view = new MemoryRolloutStore();
        ledger.replay(0, recorded -> view.apply(List.of(recorded)));
        ledger.replay(heard, recorded -> committed(List.of(recorded)));
        CompactedLedger compacted = new CompactedLedger(ledger, random.nextInt(101));
        compacted.assertSameState(new MembershipFiles(artifacts)::read, serverTime(), "seed " + seed);
        RolloutEngine next = new RolloutEngine(new RolloutEngine.Parts(
                compacted,
                view,
                artifacts,
                this::recheck,
                this::committed,
                new SingleNode(),
                fence,
                this::serverTime,
                random,
                task -> work(life, task),
                back::add,
                new RolloutSettings(
                        TICK,
                        Duration.ofMinutes(5),
                        100_000,
                        64,
                        16,
                        RolloutSettings.DEFAULT.served(),
                        64,
                        ClientProfiles.NONE,
                        budget())));
        next.recover(new SeededLink(this, generation));
        engine = Optional.of(next);
    }

    /** A worker that may be slow; what it finds comes back as an input of its own. */
    private void work(int life, Runnable task) {
        after(random.nextDouble() * weather.gateDelay(), () -> {
            if (life == generation) {
                onServer(server -> task.run());
            }
        });
    }

    private void committed(List<Recorded> batch) {
        untold.addAll(batch);
        heard = batch.get(batch.size() - 1).sequence();
    }

    private void recheck(FirmwarePackage each) throws IOException {
        if (artifactMissing()) {
            throw new IOException("image " + each.manifest().sha256() + " is not there");
        }
    }

    /** Every third seed moves through narrow places. */
    private TransferBudget.Rules budget() {
        return seed % 3 == 0 ? NARROW : TransferBudget.Rules.UNLIMITED;
    }

    /** Runs something on the server's thread and commits; a failing commit is the crash. */
    void onServer(Consumer<RolloutEngine> work) {
        if (engine.isEmpty()) {
            return;
        }
        RolloutEngine server = engine.get();
        try {
            work.accept(server);
            server.commit();
            while (!backlog.isEmpty()) {
                List<Runnable> tasks = List.copyOf(backlog);
                backlog.clear();
                tasks.forEach(Runnable::run);
                server.commit();
            }
        } catch (LedgerFailure e) {
            crash(server);
        }
    }

    private void crash(RolloutEngine server) {
        crashes++;
        invariants.gap();
        rowsOf(server);
        watchedBefore = watched();
        engine = Optional.empty();
        backlog = new ArrayList<>();
        ledger = ledger.reopened(this::commitOutcome);
        after(1 + random.nextInt(120), () -> {
            if (weather.clockJumps() && random.nextInt(3) == 0) {
                clockSkew += (random.nextInt(7200) - 3600) * 1000L;
            }
            try {
                startServer();
            } catch (LedgerFailure again) {
                throw new AssertionError("seed " + seed + ": the ledger does not open again", again);
            }
        });
    }

    private void rowsOf(RolloutEngine server) {
        server.rows().forEach((row, times) -> rowsTaken.merge(row, times, Long::sum));
        server.figures().unfitting().forEach((kind, times) -> unfitting.merge(kind, times, Long::sum));
        server.figures().violations().forEach((invariant, times) -> {
            if (times > 0) {
                throw new AssertionError("seed " + seed + ": the watch counts " + times + " x " + invariant);
            }
        });
    }

    void offer(int toGeneration, RolloutInput input) {
        if (toGeneration == generation) {
            onServer(server -> server.handle(input));
        }
    }

    // ---- the run

    /** Runs until the campaigns have come to rest or the limit is reached. */
    void run(Duration limit) {
        startServer();
        fleet.wakeUp();
        tick();
        operator.begin();
        if (weather.artifactMissing()) {
            after(600 + random.nextInt(6 * 3600), () -> artifactBackAt = now + random.nextInt(3600) * 1000L);
        }
        goOn(limit);
        engine.ifPresent(this::rowsOf);
    }

    /** Goes on until the campaigns have come to rest, or for at most this long. */
    void goOn(Duration most) {
        long end = now + most.toMillis();
        while (!events.isEmpty() && now < end && !atRest()) {
            Event event = events.remove();
            now = Math.max(now, event.at());
            checked(event.action());
        }
        checked(() -> engine.ifPresent(server -> invariants.atEnd(server.state())));
    }

    private void checked(Runnable event) {
        try {
            event.run();
            untold.forEach(invariants::fact);
            untold.clear();
            engine.ifPresent(server -> invariants.live(server.state()));
        } catch (FifteenInvariants.Broken broken) {
            throw new AssertionError(
                    "seed " + seed + " at " + now / 1000 + " s, " + crashes + " crashes: " + broken.getMessage()
                            + lastFacts(broken.getMessage()),
                    broken);
        }
    }

    private void tick() {
        after((double) TICK.toSeconds(), this::tick);
        onServer(RolloutEngine::tick);
    }

    CampaignSpec spec(CampaignId id) {
        return asked.apply(SeededSpecs.of(this, id));
    }

    Optional<Campaign> campaign(CampaignId id) {
        return engine.flatMap(server -> server.state().run(id)).map(CampaignRun::campaign);
    }

    /** Where the campaigns stand, and what is still open. */
    String describe() {
        StringBuilder text = new StringBuilder(weather.toString());
        if (!serverUp()) {
            return text.append(", no server").toString();
        }
        for (CampaignRun run : state().runs()) {
            text.append("\n ")
                    .append(run.campaign().id())
                    .append(' ')
                    .append(run.campaign().phase())
                    .append(" \"" + run.campaign().reason() + "\"");
            run.campaign().waves().forEach(wave -> text.append("\n  ")
                    .append(wave)
                    .append(' ')
                    .append(run.wave(wave.index()).counts()));
            run.lastGate().ifPresent(gate -> text.append("\n  ").append(gate));
        }
        state().openUpdates().forEach(update -> text.append("\n  ")
                .append(update)
                .append(module(update.endpoint()).status()));
        return text.toString();
    }

    /** Every campaign has ended, or could not be started at all, and nothing is open. */
    boolean atRest() {
        return serverUp()
                && ended(CAMPAIGN)
                && (!weather.secondCampaign() || ended(SECOND))
                && !state().openUpdates().iterator().hasNext()
                && backlog.isEmpty();
    }

    private boolean ended(CampaignId id) {
        return campaign(id)
                .map(campaign -> campaign.phase().isFinal()
                        || (campaign.phase() == CampaignPhase.DRAFT && now > 2 * GIVE_UP_STARTING))
                .orElse(now > 2 * GIVE_UP_STARTING);
    }

    /** The last facts in the ledger about what a message names. */
    private String lastFacts(String message) {
        ArrayList<String> last = new ArrayList<>();
        ledger.replay(0, recorded -> {
            Fact fact = recorded.fact();
            if (fact instanceof Fact.UpdateChanged changed) {
                Update update = changed.update();
                if (message.contains(update.id() + " ")) {
                    last.add("\n " + fact.at() + " " + update.id() + " " + changed.row() + " " + update.where()
                            + " step " + update.step());
                }
            } else if (fact instanceof Fact.CampaignChanged changed) {
                last.add("\n " + fact.at() + " " + changed.campaign().id() + " " + changed.cause() + " by "
                        + changed.by() + " " + changed.campaign().phase());
            } else if (fact instanceof Fact.KillSwitchRaised || fact instanceof Fact.KillSwitchLifted) {
                last.add("\n " + fact);
            }
        });
        return String.join("", last.subList(Math.max(0, last.size() - 30), last.size()));
    }
}
