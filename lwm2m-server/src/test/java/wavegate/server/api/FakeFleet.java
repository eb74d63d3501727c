package wavegate.server.api;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.Forecast;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.Plan;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.ReleaseClass;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Severity;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.ingest.TelemetryIntake;
import wavegate.server.rollout.Audit;
import wavegate.server.rollout.AuditEntry;
import wavegate.server.rollout.AuditLine;
import wavegate.server.rollout.CampaignStatus;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.Invariant;
import wavegate.server.rollout.LedgerFailure;
import wavegate.server.rollout.Operations;
import wavegate.server.rollout.OrderRefused;
import wavegate.server.rollout.PackageDeltas;
import wavegate.server.rollout.PackageIntake;
import wavegate.server.rollout.Page;
import wavegate.server.rollout.Preview;
import wavegate.server.rollout.Recorded;
import wavegate.server.rollout.RetryOrder;
import wavegate.server.rollout.RetryReceipt;
import wavegate.server.rollout.RolloutFigures;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.rollout.RolloutStore;
import wavegate.server.rollout.SessionDirectory;
import wavegate.server.rollout.TelemetryStore;

/** A fleet in maps: takes orders at once, keeps the phases of campaigns, and fails where a test says so. */
public final class FakeFleet
        implements Operations, RolloutStore, TelemetryStore, SessionDirectory, PackageIntake, PackageDeltas, Audit {
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    public final Map<Endpoint, Device> devices = new ConcurrentSkipListMap<>();
    public final Map<PackageId, FirmwarePackage> packages = new ConcurrentSkipListMap<>();
    public final Map<CampaignId, CampaignStatus> campaigns = new ConcurrentSkipListMap<>();
    public final Map<UpdateId, Update> updates = new ConcurrentSkipListMap<>();
    public final Map<String, SavedFilter> filters = new ConcurrentSkipListMap<>();
    public final Map<Endpoint, Session> registered = new ConcurrentSkipListMap<>();
    public final List<HealthReport> reports = new CopyOnWriteArrayList<>();
    public final List<Fact.GateJudged> judged = new CopyOnWriteArrayList<>();
    public final List<KillReceipt> receipts = new CopyOnWriteArrayList<>();
    public final List<KillSwitch> kills = new CopyOnWriteArrayList<>();
    public final List<AuditEntry> audited = new CopyOnWriteArrayList<>();
    public final List<String> orders = new CopyOnWriteArrayList<>();
    public final Fence fence = new Fence(() -> NOW);
    public volatile boolean ready = true;
    /** Orders are taken but never become durable. */
    public volatile boolean stuck;
    /** No credential can be revoked. */
    public volatile boolean diskFull;
    /** Thread that asked for a package last. */
    public volatile String lookedUpOn = "";
    /** The audit takes nothing: the ledger has failed. */
    public volatile boolean deaf;

    /** As it was made, but for fences that are up: those are lowered. */
    public void clear() {
        devices.clear();
        packages.clear();
        campaigns.clear();
        updates.clear();
        filters.clear();
        registered.clear();
        reports.clear();
        judged.clear();
        receipts.clear();
        kills.clear();
        orders.clear();
        audited.clear();
        fence.scopes().forEach(fence::lower);
        told.clear();
        ready = true;
        stuck = false;
        deaf = false;
    }

    static final String CLONED = "cloned-1";

    final CredentialAccess credentials = emptyStore();

    private CredentialAccess emptyStore() {
        try {
            Path directory = Files.createTempDirectory("wavegate-credentials-");
            SecureRandom random = new SecureRandom();
            CredentialStore store = SealedCredentialStore.open(
                    directory.resolve("data/credentials"),
                    StoreKey.forData(directory.resolve("data"), "", random),
                    Clock.systemUTC(),
                    random);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                store.close();
                try (Stream<Path> all = Files.walk(directory)) {
                    all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
            return new CredentialAccess(failing(store), Duration.ofHours(1), random, CLONED::equals, () -> 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CredentialStore failing(CredentialStore store) {
        return (CredentialStore) Proxy.newProxyInstance(
                CredentialStore.class.getClassLoader(),
                new Class<?>[] {CredentialStore.class},
                (proxy, method, args) -> {
                    if (diskFull && method.getName().equals("revoke")) {
                        throw new IOException("no space left");
                    }
                    try {
                        return method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static final ClientProfiles KNOWN_CLIENTS = new ClientProfiles(List.of(new ClientProfiles.Entry(
            new ClientProfile(
                    "zephyr",
                    ClientProfile.CAREFUL.reset(),
                    ClientProfile.CAREFUL.object5(),
                    ClientProfile.CAREFUL.delivery(),
                    ClientProfile.CAREFUL.version(),
                    ClientProfile.CAREFUL.listening()),
            List.of())));

    private static final RolloutFigures FIGURES = new RolloutFigures() {
        @Override
        public SortedMap<Invariant, Long> violations() {
            return new TreeMap<>(Map.of(Invariant.CONSERVATION, 2L));
        }

        @Override
        public SortedMap<Unfitting, Long> unfitting() {
            return new TreeMap<>(Map.of(new Unfitting("update", "RETRY", "Hint"), 3L));
        }
    };

    /** What a gate was told; it watches every device but {@code unwatched}. */
    final List<RolloutInput> told = new CopyOnWriteArrayList<>();

    private final Inbox gates = new Inbox() {
        @Override
        public boolean offer(RolloutInput input) {
            return told.add(input);
        }

        @Override
        public boolean concerns(Endpoint endpoint) {
            return false;
        }

        @Override
        public boolean watches(Endpoint endpoint) {
            return !endpoint.name().equals("unwatched");
        }
    };

    public ApiPorts ports() {
        return new ApiPorts(
                this,
                this,
                this,
                new TelemetryIntake(endpoint -> devices.containsKey(endpoint), this, gates, () -> NOW),
                this,
                KNOWN_CLIENTS,
                this,
                this,
                fence,
                FIGURES,
                this,
                credentials,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                () -> List.of(new SocketLoad("coaps", 7, Map.of("no-session", 3L))),
                () -> ready);
    }

    public Device aDevice(String endpoint, String region, String model, String version) {
        Device device = Device.firstSeen(new Endpoint(endpoint), new Labels(region, "", new java.util.TreeSet<>()), NOW)
                .running(new DeviceIdentity("acme", model, "r1"), FirmwareVersion.of(version));
        devices.put(device.endpoint(), device);
        return device;
    }

    public void register(String endpoint) {
        registered.put(
                new Endpoint(endpoint),
                new Session(
                        new Endpoint(endpoint),
                        "reg-" + endpoint,
                        new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 40000),
                        Duration.ofMinutes(5),
                        "UQ",
                        true,
                        "1.1",
                        Map.of(3, "1.0", 5, "1.1"),
                        NOW,
                        NOW));
    }

    public FirmwarePackage aPackage(String idDigit, String version) {
        FirmwarePackage pkg = new FirmwarePackage(
                new PackageId(idDigit.repeat(16)),
                new Manifest(
                                "app",
                                FirmwareVersion.of(version),
                                "acme",
                                "m1",
                                "",
                                4,
                                Sha256.of(new byte[] {1, 2, 3, 4}),
                                1,
                                Optional.of(NOW.plus(Duration.ofDays(365))))
                        .requiring(new Requirements(
                                new TreeSet<>(List.of("a", "b")),
                                new TreeSet<>(),
                                Optional.of(FirmwareVersion.of("1.0")),
                                Optional.empty(),
                                new TreeSet<>(),
                                Optional.of(512L)))
                        .handledAs(new Handling(
                                Optional.of(ReleaseClass.FIX),
                                Optional.of(Severity.MANDATORY),
                                Optional.of(Duration.ofHours(24))))
                        .declaring(new ImageTerms(Optional.of(ImageFormat.MCUBOOT), true, Optional.of(7L)))
                        .forComponent("modem"),
                "feedfeedfeedfeed",
                NOW,
                false,
                List.of(),
                Optional.of(new ImageFacts(
                        ImageFormat.MCUBOOT,
                        version,
                        "beefbeefbeefbeef",
                        Optional.of(7L),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        true)));
        packages.put(pkg.id(), pkg);
        return pkg;
    }

    /** A campaign of one wave of ten with a gate decision beside it. */
    public CampaignStatus aCampaign(String id, CampaignPhase phase, Wave... waves) {
        CampaignSpec spec = new CampaignSpec(
                "release 2",
                new PackageId("a".repeat(16)),
                wavegate.firmware.device.DeviceFilter.ALL,
                CampaignDefaults.STANDARD.waves(),
                CampaignDefaults.STANDARD.gate(),
                CampaignDefaults.STANDARD.update(),
                0.001,
                100,
                7);
        Campaign campaign = new Campaign(
                new CampaignId(id), spec, phase, "", Optional.empty(), List.of(waves), NOW, NOW, Instant.MAX);
        CampaignStatus status =
                new CampaignStatus(campaign, List.of(), List.of(), new TreeMap<>(), Optional.empty(), NOW);
        campaigns.put(campaign.id(), status);
        return status;
    }

    public void status(
            CampaignStatus old,
            List<Map<UpdatePhase, Integer>> phases,
            Map<String, Integer> reasons,
            GateDecision gate) {
        List<Integer> notReserved = new ArrayList<>();
        for (int i = 0; i < old.campaign().waves().size(); i++) {
            int made =
                    phases.get(i).values().stream().mapToInt(Integer::intValue).sum();
            notReserved.add(old.campaign().waves().get(i).size() - made);
        }
        campaigns.put(
                old.campaign().id(),
                new CampaignStatus(
                        old.campaign(), notReserved, phases, new TreeMap<>(reasons), Optional.of(gate), NOW));
    }

    @Override
    public CompletableFuture<FirmwarePackage> addPackage(FirmwarePackage checked, String by) {
        packages.put(checked.id(), checked);
        return done(checked);
    }

    @Override
    public Delta make(FirmwarePackage from, FirmwarePackage to) {
        return new Delta(
                from.manifest().version(), from.manifest().sha256(), Delta.Format.BSDIFF, Sha256.of(new byte[1]), 3);
    }

    @Override
    public Delta take(FirmwarePackage from, FirmwarePackage to, InputStream delta) throws IOException {
        byte[] patch = delta.readAllBytes();
        return new Delta(
                from.manifest().version(),
                from.manifest().sha256(),
                Delta.Format.BSDIFF,
                Sha256.of(patch),
                patch.length);
    }

    @Override
    public CompletableFuture<FirmwarePackage> addDelta(PackageId from, PackageId to, Delta delta, String by) {
        FirmwarePackage grown = packages.get(to).with(delta);
        packages.put(to, grown);
        return done(grown);
    }

    @Override
    public CompletableFuture<FirmwarePackage> revokePackage(PackageId id, String by) {
        FirmwarePackage pkg = packages.get(id);
        if (pkg == null) {
            return refused(OrderRefused.Kind.NOT_FOUND, "unknown-package", "no package " + id);
        }
        packages.put(id, pkg.asRevoked());
        return done(pkg.asRevoked());
    }

    @Override
    public CompletableFuture<Device> wake(Endpoint endpoint) {
        Device device = devices.get(endpoint);
        return device == null
                ? refused(OrderRefused.Kind.NOT_FOUND, "unknown-device", "no device " + endpoint)
                : done(device);
    }

    @Override
    public CompletableFuture<Device> bootstrap(Endpoint endpoint) {
        Device device = devices.get(endpoint);
        return device == null
                ? refused(OrderRefused.Kind.NOT_FOUND, "unknown-device", "no device " + endpoint)
                : done(device);
    }

    @Override
    public CompletableFuture<Device> removeDevice(Endpoint endpoint, String by) {
        Device device = devices.remove(endpoint);
        orders.add("removeDevice " + endpoint + " by " + by);
        return device == null
                ? refused(OrderRefused.Kind.NOT_FOUND, "unknown-device", "no device " + endpoint)
                : done(device);
    }

    @Override
    public CompletableFuture<SavedFilter> saveFilter(SavedFilter filter, String by) {
        filters.put(filter.name(), filter);
        orders.add("saveFilter " + filter.name() + " by " + by);
        return done(filter);
    }

    @Override
    public CompletableFuture<Void> removeFilter(String name, String by) {
        filters.remove(name);
        orders.add("removeFilter " + name + " by " + by);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<RetryReceipt> retry(CampaignId id, RetryOrder order, String by) {
        orders.add("retry " + id + " " + new TreeSet<>(order.reasons()) + " " + order.endpoints() + " force="
                + order.force() + " by " + by);
        return done(new RetryReceipt(2, new TreeMap<>(Map.of("busy", 1)), 0));
    }

    @Override
    public CompletableFuture<Update> cancelUpdate(UpdateId id, String by) {
        orders.add("cancelUpdate " + id + " by " + by);
        return done(update(id).orElseThrow());
    }

    @Override
    public Optional<SavedFilter> filter(String name) {
        return Optional.ofNullable(filters.get(name));
    }

    @Override
    public List<SavedFilter> filters() {
        return List.copyOf(filters.values());
    }

    @Override
    public CompletableFuture<Device> label(Endpoint endpoint, Labels labels, String by) {
        Device device = devices.get(endpoint).withOperatorLabels(labels);
        devices.put(endpoint, device);
        return done(device);
    }

    @Override
    public CompletableFuture<Preview> preview(CampaignSpec spec) {
        if (!packages.containsKey(spec.packageId())) {
            return refused(OrderRefused.Kind.NOT_FOUND, "unknown-package", "no package " + spec.packageId());
        }
        List<Endpoint> all = new ArrayList<>(devices.keySet());
        Membership membership = new Membership(List.of(new Membership.WaveMembers(all, List.of())));
        Map<String, Integer> excluded = new TreeMap<>(Map.of("already-there", 1));
        Plan plan = new Plan(
                membership,
                new TreeMap<>(excluded),
                all.size(),
                "eu",
                Double.POSITIVE_INFINITY,
                false,
                List.of("The canary is too small."));
        return done(new Preview(
                plan,
                Forecast.of(spec, plan, 4096, 0, NOW),
                List.of(new Preview.Conflict(new CampaignId("other"), 1, true, Preview.Winner.THE_OTHER))));
    }

    @Override
    public CompletableFuture<Campaign> create(CampaignId id, CampaignSpec spec, String by) {
        CampaignStatus there = campaigns.get(id);
        if (there != null && !there.campaign().spec().equals(spec)) {
            return refused(OrderRefused.Kind.CONFLICT, "campaign-exists", "campaign " + id + " is another one");
        }
        Campaign campaign = there == null ? Campaign.draft(id, spec, NOW) : there.campaign();
        campaigns.putIfAbsent(
                id, new CampaignStatus(campaign, List.of(), List.of(), new TreeMap<>(), Optional.empty(), NOW));
        return done(campaign);
    }

    @Override
    public CompletableFuture<Campaign> start(CampaignId id, String by) {
        return move(id, CampaignPhase.DRAFT, CampaignPhase.SCHEDULED, "");
    }

    @Override
    public CompletableFuture<Campaign> edit(CampaignId id, CampaignSpec spec, String by) {
        orders.add("edit " + id + " in-flight=" + spec.inFlight() + " "
                + spec.selection().query());
        return move(id, CampaignPhase.PENDING_APPROVAL, CampaignPhase.DRAFT, "");
    }

    @Override
    public CompletableFuture<Campaign> submit(CampaignId id, String by) {
        return move(id, CampaignPhase.DRAFT, CampaignPhase.PENDING_APPROVAL, "");
    }

    @Override
    public CompletableFuture<Campaign> approve(CampaignId id, String reason, String by, boolean admin) {
        orders.add("approve " + id + " " + reason + " admin=" + admin);
        return move(id, CampaignPhase.PENDING_APPROVAL, CampaignPhase.PENDING_APPROVAL, reason);
    }

    @Override
    public CompletableFuture<Campaign> reject(CampaignId id, String reason, String by) {
        return move(id, CampaignPhase.PENDING_APPROVAL, CampaignPhase.DRAFT, reason);
    }

    @Override
    public CompletableFuture<Campaign> rollBack(CampaignId id, Optional<PackageId> wanted, String reason, String by) {
        orders.add("rollBack " + id + " " + wanted + " " + reason);
        return move(id, CampaignPhase.COMPLETED, CampaignPhase.ROLLING_BACK, reason);
    }

    @Override
    public CompletableFuture<Campaign> pause(CampaignId id, String reason, String by) {
        return move(id, CampaignPhase.RUNNING, CampaignPhase.PAUSED, reason);
    }

    @Override
    public CompletableFuture<Campaign> resume(CampaignId id, String by) {
        return move(id, CampaignPhase.PAUSED, CampaignPhase.RUNNING, "");
    }

    @Override
    public CompletableFuture<Campaign> abort(CampaignId id, String reason, String by) {
        return move(id, CampaignPhase.RUNNING, CampaignPhase.ABORTING, reason);
    }

    @Override
    public CompletableFuture<Campaign> decide(CampaignId id, int wave, Verdict verdict, String reason, String by) {
        orders.add("decide " + id + " " + wave + " " + verdict + " " + reason);
        return move(id, CampaignPhase.RUNNING, CampaignPhase.RUNNING, "");
    }

    @Override
    public CompletableFuture<Campaign> ifStill(
            CampaignId id,
            Predicate<Campaign> expected,
            java.util.function.Supplier<CompletableFuture<Campaign>> order) {
        return expected.test(campaigns.get(id).campaign())
                ? order.get()
                : refused(OrderRefused.Kind.CHANGED, "changed-meanwhile", "campaign " + id + " has moved");
    }

    @Override
    public CompletableFuture<KillReceipt> kill(KillScope scope, String reason, String by) {
        Fence.Raised raised = fence.raise(scope);
        KillSwitch kill = new KillSwitch("k" + (receipts.size() + 1), scope, reason, by, raised.at());
        KillReceipt receipt = new KillReceipt(kill, raised.at(), raised.lastDispatchAt(), NOW.plusMillis(12), 31, 4);
        kills.add(kill);
        receipts.add(receipt);
        return done(receipt);
    }

    @Override
    public CompletableFuture<Void> lift(String killSwitchId, String reason, String by) {
        if (!kills.removeIf(kill -> kill.id().equals(killSwitchId))) {
            return refused(
                    OrderRefused.Kind.NOT_FOUND, "unknown-kill-switch", "no kill switch \"" + killSwitchId + "\"");
        }
        orders.add("lift " + killSwitchId + " " + reason);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<CampaignStatus> status(CampaignId id) {
        return Optional.ofNullable(campaigns.get(id));
    }

    private CompletableFuture<Campaign> move(CampaignId id, CampaignPhase from, CampaignPhase to, String reason) {
        CampaignStatus status = campaigns.get(id);
        if (status == null) {
            return refused(OrderRefused.Kind.NOT_FOUND, "unknown-campaign", "no campaign \"" + id + "\"");
        }
        if (status.campaign().phase() != from) {
            return refused(
                    OrderRefused.Kind.CONFLICT,
                    "wrong-phase",
                    "campaign " + id + " is " + status.campaign().phase() + " (expected: " + from + ")");
        }
        Campaign moved = status.campaign().to(to, reason, NOW);
        campaigns.put(
                id,
                new CampaignStatus(
                        moved, status.notReserved(), status.phases(), status.reasons(), status.lastGate(), NOW));
        return done(moved);
    }

    private <T> CompletableFuture<T> done(T value) {
        return stuck ? new CompletableFuture<>() : CompletableFuture.completedFuture(value);
    }

    private static <T> CompletableFuture<T> refused(OrderRefused.Kind kind, String code, String message) {
        return CompletableFuture.failedFuture(new OrderRefused(kind, code, message));
    }

    /** Takes an envelope of the one word {@code good} and then any bytes. */
    @Override
    public FirmwarePackage accept(InputStream envelope) throws IOException {
        byte[] head = envelope.readNBytes(4);
        if (!new String(head, java.nio.charset.StandardCharsets.UTF_8).equals("good")) {
            throw new OrderRefused(
                    OrderRefused.Kind.INVALID, "bad-signature", "signature: does not fit (expected: of a trusted key)");
        }
        long rest = envelope.skip(0);
        byte[] buffer = new byte[8192];
        for (int n = envelope.read(buffer); n >= 0; n = envelope.read(buffer)) {
            rest += n;
        }
        return new FirmwarePackage(
                new PackageId("b".repeat(16)),
                new Manifest("app", FirmwareVersion.of("2.0"), "", "", "", rest, Sha256.of(head), 1),
                "feedfeedfeedfeed",
                NOW,
                false);
    }

    @Override
    public void append(HealthReport report) {
        reports.add(0, report);
    }

    @Override
    public List<HealthReport> latest(Endpoint endpoint, int limit) {
        return reports.stream()
                .filter(report -> report.endpoint().equals(endpoint))
                .limit(limit)
                .toList();
    }

    @Override
    public Optional<Session> find(Endpoint endpoint) {
        return Optional.ofNullable(registered.get(endpoint));
    }

    @Override
    public int count() {
        return registered.size();
    }

    @Override
    public void forEach(Predicate<Session> visitor) {
        for (Session session : registered.values()) {
            if (!visitor.test(session)) {
                return;
            }
        }
    }

    @Override
    public void apply(List<Recorded> batch) {
        throw new UnsupportedOperationException("the fake takes no facts");
    }

    @Override
    public long sequence() {
        return 42;
    }

    @Override
    public Optional<Device> device(Endpoint endpoint) {
        return Optional.ofNullable(devices.get(endpoint));
    }

    @Override
    public Page<Device> devices(Predicate<Device> which, String cursor, int limit) {
        return page(devices, device -> device.endpoint().name(), which, cursor, limit);
    }

    private static <K, V> Page<V> page(
            Map<K, V> rows, java.util.function.Function<V, String> key, Predicate<V> which, String cursor, int limit) {
        Map<String, V> after = new LinkedHashMap<>();
        rows.values().stream()
                .filter(which)
                .filter(row -> key.apply(row).compareTo(cursor) > 0)
                .forEach(row -> after.put(key.apply(row), row));
        List<V> items = after.values().stream().limit(limit).toList();
        return new Page<>(items, items.size() < after.size() ? key.apply(items.get(items.size() - 1)) : "");
    }

    @Override
    public long deviceCount() {
        return devices.size();
    }

    @Override
    public Optional<FirmwarePackage> firmwarePackage(PackageId id) {
        lookedUpOn = Thread.currentThread().getName();
        return Optional.ofNullable(packages.get(id));
    }

    @Override
    public List<FirmwarePackage> packages() {
        return List.copyOf(packages.values());
    }

    @Override
    public Optional<Campaign> campaign(CampaignId id) {
        return status(id).map(CampaignStatus::campaign);
    }

    @Override
    public List<Campaign> campaigns() {
        return campaigns.values().stream().map(CampaignStatus::campaign).toList();
    }

    @Override
    public Optional<Update> update(UpdateId id) {
        return Optional.ofNullable(updates.get(id));
    }

    @Override
    public Page<Update> updates(CampaignId campaign, Predicate<Update> which, String cursor, int limit) {
        return page(
                updates,
                update -> update.endpoint().name(),
                which.and(update -> update.campaign().equals(campaign)),
                cursor,
                limit);
    }

    @Override
    public List<Update> updatesOf(Endpoint endpoint, int limit) {
        return updates.values().stream()
                .filter(update -> update.endpoint().equals(endpoint))
                .limit(limit)
                .toList();
    }

    @Override
    public List<Fact.GateJudged> gateDecisions(CampaignId campaign, int limit) {
        return judged.stream().limit(limit).toList();
    }

    /** Orders that were carried out leave their line; refused ones do not. */
    @Override
    public Operations audited(AuditLine line) {
        return (Operations) Proxy.newProxyInstance(
                Operations.class.getClassLoader(), new Class<?>[] {Operations.class}, (proxy, method, args) -> {
                    Object order = invoked(method, args);
                    return order instanceof CompletableFuture<?> given
                            ? given.thenCompose(done -> record(
                                            line.actor(),
                                            line.action(),
                                            done instanceof KillReceipt receipt
                                                    ? "kill-switches/"
                                                            + receipt.killSwitch()
                                                                    .id()
                                                    : line.subject(),
                                            Audit.DONE,
                                            line.details())
                                    .thenApply(recorded -> done))
                            : order;
                });
    }

    private Object invoked(Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(this, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Override
    public CompletableFuture<Void> record(
            String actor, String action, String subject, String outcome, Map<String, String> details) {
        if (deaf) {
            return CompletableFuture.failedFuture(new LedgerFailure("no disk"));
        }
        audited.add(
                0, new AuditEntry(audited.size() + 1, Fact.Audited.cut(NOW, actor, action, subject, outcome, details)));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Page<AuditEntry> audited(Predicate<Fact.Audited> which, String cursor, int limit) {
        return new Page<>(
                audited.stream()
                        .filter(entry -> which.test(entry.audited()))
                        .limit(limit)
                        .toList(),
                "");
    }

    @Override
    public List<KillSwitch> killSwitches() {
        return List.copyOf(kills);
    }

    @Override
    public List<KillReceipt> killReceipts() {
        return List.copyOf(receipts);
    }

    @Override
    public void close() {}
}
