package wavegate.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.credential.CredentialChange;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.OwnedFiles;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;
import wavegate.bootstrap.rotation.Rotations;
import wavegate.config.CoapsSettings;
import wavegate.config.CredentialSettings;
import wavegate.config.Settings;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.object.ModemHealthObject;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.FirmwareSlot;
import wavegate.server.api.ApiPorts;
import wavegate.server.api.ApiServer;
import wavegate.server.api.BootstrapDesk;
import wavegate.server.api.CampaignDefaults;
import wavegate.server.api.CredentialAccess;
import wavegate.server.api.SocketLoad;
import wavegate.server.api.access.Access;
import wavegate.server.api.access.TokenStore;
import wavegate.server.artifact.DeltaMaker;
import wavegate.server.artifact.FileArtifactStore;
import wavegate.server.artifact.PackageRefused;
import wavegate.server.artifact.PackageVerifier;
import wavegate.server.delivery.DeliverySettings;
import wavegate.server.delivery.DeliveryStack;
import wavegate.server.delivery.FirmwareResource;
import wavegate.server.delivery.Images;
import wavegate.server.delivery.LeshanDeviceLink;
import wavegate.server.delivery.PackageUris;
import wavegate.server.delivery.PullProgress;
import wavegate.server.delivery.http.HttpImages;
import wavegate.server.delivery.http.ImageListener;
import wavegate.server.delivery.http.ImageSource;
import wavegate.server.ingest.TelemetryIntake;
import wavegate.server.ledger.CheckpointKey;
import wavegate.server.ledger.CheckpointSink;
import wavegate.server.ledger.Checkpointer;
import wavegate.server.ledger.FactCodec;
import wavegate.server.ledger.FileLedger;
import wavegate.server.ledger.Snapshotter;
import wavegate.server.mqtt.MqttTelemetry;
import wavegate.server.registration.CertificateSide;
import wavegate.server.registration.LeshanRegistrationListener;
import wavegate.server.registration.LeshanSessionDirectory;
import wavegate.server.registration.LwM2mEndpoints;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.registration.ObjectModels;
import wavegate.server.registration.RegisteredNames;
import wavegate.server.registration.RegistrationsWrittenBehind;
import wavegate.server.registration.ServerIdentity;
import wavegate.server.registration.TenantAuthorities;
import wavegate.server.registration.limit.Admission;
import wavegate.server.registration.limit.ShedCounts;
import wavegate.server.registration.oscore.OscoreSequences;
import wavegate.server.rollout.Audit;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.OrderRefused;
import wavegate.server.rollout.RolloutLoop;
import wavegate.server.rollout.RolloutStore;
import wavegate.server.rollout.SessionDirectory;
import wavegate.server.rollout.SingleNode;
import wavegate.server.rollout.Standings;
import wavegate.server.rollout.SteadyClock;
import wavegate.server.rollout.TelemetryStore;
import wavegate.server.rollout.VersionDesk;
import wavegate.server.store.mapdb.MapDbRolloutStore;
import wavegate.server.store.mapdb.MapDbTelemetryStore;
import wavegate.server.telemetry.LeshanTelemetryListener;
import wavegate.server.terminal.JoinedSessions;
import wavegate.server.terminal.RoutedLink;
import wavegate.server.terminal.TerminalSessions;
import wavegate.server.terminal.Terminals;
import wavegate.server.terminal.UpdateCheckResource;

/**
 * A whole server: the only place that says {@code new} for an adapter. Built leaf to root in the order of the story (ledger, view, artifacts,
 * loop, devices, operators), started in the same order, closed in reverse. What it uses besides, the threads and the clock, it makes itself.
 */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final int SOFTWARE_MANAGEMENT = 9;
    private static final int TELEMETRY_QUEUE = 65_536;
    /** Objects whose definition Leshan has not, or not in this version. */
    private static final List<Integer> OUR_MODELS = List.of(
            FirmwareUpdateObject.OBJECT_ID, SOFTWARE_MANAGEMENT, ModemHealthObject.OBJECT_ID, FirmwareSlot.ADVANCED);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Settings settings;
    private final InstantSource clock = new SteadyClock();
    private final SecureRandom random = new SecureRandom();
    private final Fence fence = new Fence(clock);
    private final RolloutStore view;
    private final RolloutLoop loop;
    private final LwM2mEndpoints endpoints;
    private final SessionDirectory sessions;
    private final int httpPort;
    private final OptionalInt oscorePort;
    private volatile Optional<BootstrapParts> bootstrapParts = Optional.empty();
    private volatile boolean ready;

    /**
     * Starts a server; it takes devices and orders when this returns.
     *
     * @param announce is given the API's token if one is made now; it is not kept anywhere else
     * @param onFatal is told, once, when the ledger has failed and nothing is dispatched any more
     * @throws IOException if a port or a directory cannot be had
     * @throws wavegate.server.rollout.LedgerFailure if the ledger refuses to open
     */
    public Server(Settings settings, Consumer<String> announce, Consumer<Throwable> onFatal) throws IOException {
        this.settings = settings;
        try {
            AdapterSettings adapters = AdapterSettings.of(settings);
            Path data = OwnedFiles.directory(settings.dataDir());
            ClientProfiles clients = KnownClients.of(settings.clients().profiles(), data);
            StoreKey storeKey = StoreKey.forData(data, settings.credentials().keyFile(), random);
            CheckpointKey checkpointKey = CheckpointKey.keptIn(data, storeKey, random);
            List<CheckpointSink> sinks = Checkpointer.sinks(
                    settings.ledger().checkpointFile(), settings.ledger().checkpointUrl());
            FileLedger ledger = keep(FileLedger.open(
                    new FileLedger.Options(
                            data.resolve("ledger"),
                            archive(settings),
                            Checkpointer.witnesses(sinks, checkpointKey.verifier())),
                    random));
            ledger.tornTail().ifPresent(tail -> LOG.warn("ledger cut a torn tail: {}", tail));
            Snapshotter snapshotter =
                    keep(new Snapshotter(ledger, settings.ledger().snapshotEvery()));
            Checkpointer checkpointer = keep(new Checkpointer(ledger, checkpointKey, sinks, clock));
            view = keep(view(data, ledger));
            TelemetryStore telemetry = keep(MapDbTelemetryStore.open(data.resolve("telemetry.mapdb"), TELEMETRY_QUEUE));
            FileArtifactStore artifacts = keep(new FileArtifactStore(data.resolve("artifacts")));
            PackageVerifier verifier = new PackageVerifier(
                    resolved(settings.packages().trustedKeys()),
                    data.resolve("packages"),
                    artifacts,
                    settings.packages().maxSize().bytes(),
                    Clock.systemUTC());
            ExecutorService worker = keep("worker", Executors.newFixedThreadPool(1, named("worker")));
            loop = new RolloutLoop(
                    new RolloutLoop.Ports(
                            ledger,
                            view,
                            artifacts,
                            verifier::recheck,
                            batch -> {},
                            new SingleNode(),
                            worker,
                            new Standings(this::sessions, telemetry, clients, this::cloneSuspected)),
                    fence,
                    clock,
                    random,
                    adapters.rollout(clients),
                    onFatal);

            LwM2mSettings lwm2m = adapters.lwm2m();
            CredentialStore credentials =
                    keep(SealedCredentialStore.open(data.resolve("credentials"), storeKey, clock, random));
            CertificateSide certificates = settings.coaps().enabled() ? certificates(data, storeKey) : null;
            oscorePort = lwm2m.oscore().on() ? OptionalInt.of(lwm2m.oscore().port()) : OptionalInt.empty();
            OscoreSequences sequences =
                    lwm2m.oscore().on() ? keep(OscoreSequences.open(data.resolve("oscore-sequences"))) : null;
            endpoints = new LwM2mEndpoints(
                    lwm2m,
                    credentials,
                    certificates,
                    sequences,
                    models().all(),
                    DeliveryStack.under(fence, settings.limits()));
            if (settings.coaps().keepConnections()) {
                endpoints.carryConnections(data.resolve("dtls-connections"), storeKey);
            }
            // Under the endpoints, so that its last write is after their last answer.
            RegistrationsWrittenBehind written = RegistrationsWrittenBehind.restore(
                    data.resolve("registrations"), endpoints.leshan(), credentials, lwm2m);
            open.push(written);
            open.push(endpoints);
            ScheduledExecutorService timers = keep("delivery", Executors.newScheduledThreadPool(2, named("delivery")));
            Images images = new Images(loop.packages(), artifacts, timers);
            DeliverySettings delivery = adapters.delivery();
            LeshanDeviceLink link =
                    keep(new LeshanDeviceLink(endpoints.leshan(), loop, fence, images, delivery, clock, timers));
            PullProgress pulls = new PullProgress(loop, link::heard, clock);
            FirmwareResource firmware = new FirmwareResource(loop.grants(), fence, images, pulls, delivery.blockSize());
            ImageSource source = new ImageSource(loop.grants(), fence, images, pulls);
            endpoints.coap().add(firmware);
            endpoints.shortcut(firmware.shortcut());
            link.start();
            TelemetryIntake ingest =
                    new TelemetryIntake(endpoint -> view.device(endpoint).isPresent(), telemetry, loop, clock);
            LeshanTelemetryListener health = new LeshanTelemetryListener(telemetry, loop, clock);
            health.listenTo(endpoints.leshan(), adapters.telemetry(), timers);
            LeshanRegistrationListener registrations = new LeshanRegistrationListener(loop);
            endpoints.leshan().getRegistrationService().addListener(registrations);
            Optional<Terminals> terminals = Optional.empty();
            SessionDirectory registered =
                    new LeshanSessionDirectory(endpoints.leshan().getRegistrationService());
            DeviceLink devices = link;
            if (settings.terminals().enabled()) {
                TerminalSessions there =
                        new TerminalSessions(settings.terminals().sessions());
                Terminals desk = keep(terminals(adapters, telemetry, there));
                devices = new RoutedLink(there::has, desk.link(), link);
                sessions = new JoinedSessions(registered, there);
                endpoints.namesElsewhere(name -> Endpoint.isValid(name) && there.has(new Endpoint(name)));
                endpoints.coap().add(new UpdateCheckResource(desk, new CoapSenders(endpoints), fence));
                credentials.addListener(change -> ended(change, desk));
                desk.start(timers);
                terminals = Optional.of(desk);
            } else {
                sessions = registered;
            }

            endpoints.seenBefore(endpoint -> view.device(endpoint).isPresent());
            endpoints.rememberClones(data.resolve("suspected-clones"));
            endpoints.onClone(endpoint -> cloned(endpoint, credentials));
            open.push(loop);
            loop.start(devices);
            snapshotter.start();
            checkpointer.start();
            endpoints.start();
            for (Optional<ImageListener> listener : List.of(adapters.http(), adapters.https())) {
                if (listener.isPresent()) {
                    keep(new HttpImages(source, listener.get())).start();
                }
            }
            registrations.restored(endpoints.leshan().getRegistrationService().getAllRegistrations());
            health.restored(endpoints.leshan().getRegistrationService().getAllRegistrations());

            if (settings.mqtt().enabled()) {
                keep(new MqttTelemetry(
                                settings.mqtt(),
                                ingest,
                                keep("mqtt", Executors.newScheduledThreadPool(1, named("mqtt"))),
                                random))
                        .start();
            }
            Optional<BootstrapDesk> bootstrap = bootstrap(adapters, data, credentials, certificates);
            Rotations rotations = keep(Rotations.open(
                    data.resolve("credential-rotations"),
                    credentials,
                    name -> loop.operations().bootstrap(new Endpoint(name)),
                    clock));
            rotations.runOn(keep("rotations", Executors.newScheduledThreadPool(1, named("rotations"))));

            ApiServer api = keep(new ApiServer(
                    new ApiPorts(
                            loop.operations(),
                            view,
                            telemetry,
                            ingest,
                            sessions,
                            clients,
                            stream -> accepted(verifier, stream),
                            new DeltaMaker(artifacts),
                            fence,
                            loop.figures(),
                            loop,
                            new CredentialAccess(
                                    credentials,
                                    settings.credentials().grace(),
                                    random,
                                    endpoints::cloneSuspected,
                                    endpoints::clones),
                            bootstrap,
                            Optional.of(rotations),
                            terminals.map(VersionDesk.class::cast),
                            () -> shed().stream().map(Server::load).toList(),
                            this::answering),
                    settings.http(),
                    settings.packages().maxSize().bytes(),
                    new Access(
                            TokenStore.open(data.resolve("tokens.json"), settings.token(), clock, random, announce),
                            settings.http().oidc(),
                            clock),
                    CampaignDefaults.from(settings),
                    clock,
                    random));
            httpPort = api.start();
            ready = true;
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** What cannot stand in the files that these settings name, to be said together with what cannot stand in the settings. */
    public static List<String> faultsBeyond(Settings settings) {
        return settings.bootstrap().enabled() ? BootstrapParts.faults(settings) : List.of();
    }

    private static Optional<Path> archive(Settings settings) {
        return Optional.of(settings.ledger().archiveDir())
                .filter(dir -> !dir.isEmpty())
                .map(Path::of);
    }

    private Terminals terminals(AdapterSettings adapters, TelemetryStore telemetry, TerminalSessions there) {
        PackageUris uris = adapters.delivery().uris();
        return new Terminals(
                new Terminals.Ports(
                        loop,
                        loop.openUpdates(),
                        loop.packages(),
                        loop.grants(),
                        telemetry,
                        campaign -> loop.operations()
                                .status(campaign)
                                .map(status -> status.campaign().spec().update()),
                        uris::uri,
                        endpoint -> endpoints.leshan().getRegistrationService().getByEndpoint(endpoint.name()) != null),
                adapters.terminals(),
                there,
                clock,
                random);
    }

    /** Who may speak for a terminal's name over CoAP. */
    private record CoapSenders(LwM2mEndpoints endpoints) implements UpdateCheckResource.Senders {
        @Override
        public boolean maySpeakFor(String endpoint, Request request) {
            return endpoints.maySpeakFor(endpoint, request);
        }

        @Override
        public boolean mayCome(Endpoint endpoint, Request request) {
            return endpoints.mayCome(endpoint, request);
        }
    }

    /** A terminal that lost its credential, or was given its first, is not there until it asks with a good one. */
    private static void ended(CredentialChange change, Terminals desk) {
        boolean over = change.kind() == CredentialChange.Kind.REVOKED || change.kind() == CredentialChange.Kind.ADDED;
        if (over
                && change.use() == Use.LWM2M
                && Endpoint.isValid(change.credential().endpoint())) {
            desk.end(new Endpoint(change.credential().endpoint()));
        }
    }

    private void cloned(String endpoint, CredentialStore credentials) {
        boolean revoke = settings.credentials().clones() == CredentialSettings.Clones.REVOKE;
        CompletableFuture<Void> recorded = loop.record(
                "server",
                "suspectClone",
                "credentials/" + endpoint,
                Audit.DONE,
                Map.of("revoked", String.valueOf(revoke)));
        if (revoke) {
            try {
                // First the line, then the change. Where it takes long the credential does not wait.
                recorded.exceptionally(failed -> null)
                        .completeOnTimeout(null, 1, TimeUnit.SECONDS)
                        .join();
                credentials.revoke(Use.LWM2M, endpoint, "in use from two places");
            } catch (IOException | CredentialRefused e) {
                LOG.error("credential in use from two places could not be revoked ep={}", endpoint, e);
            }
        }
    }

    private Optional<BootstrapDesk> bootstrap(
            AdapterSettings adapters, Path data, CredentialStore credentials, @Nullable CertificateSide certificates)
            throws IOException {
        if (!settings.bootstrap().enabled()) {
            return Optional.empty();
        }
        BootstrapParts parts = keep(new BootstrapParts(
                settings.bootstrap().file(),
                adapters.uri(),
                adapters.oscoreUri(),
                data,
                new BootstrapParts.Shared(credentials, certificates, settings.limits(), loop, clock, random)));
        endpoints.leshan().getRegistrationService().addListener(new RegisteredNames(parts.server()::registered));
        parts.server().start();
        bootstrapParts = Optional.of(parts);
        return Optional.of(new BootstrapDesk(parts.server(), parts.accounts()));
    }

    private static FirmwarePackage accepted(PackageVerifier verifier, InputStream envelope) throws IOException {
        try {
            return verifier.accept(envelope);
        } catch (PackageRefused e) {
            throw new OrderRefused(OrderRefused.Kind.INVALID, e.code().label(), String.valueOf(e.getMessage()));
        }
    }

    private RolloutStore view(Path data, FileLedger ledger) {
        FactCodec codec = new FactCodec();
        MapDbRolloutStore.Opened opened = MapDbRolloutStore.open(
                data.resolve("view.mapdb"),
                ledger,
                ledger.chainId().toString(),
                codec::decode,
                (done, all, elapsed) -> LOG.info("view rebuilt={} of={} took={}", done, all, elapsed));
        LOG.info(
                "view open replayed={} took={} {}",
                opened.replayed(),
                opened.took(),
                opened.reason().isEmpty() ? "as it was closed" : "rebuilt: " + opened.reason());
        return opened.store();
    }

    private CertificateSide certificates(Path data, StoreKey storeKey) throws IOException {
        CoapsSettings coaps = settings.coaps();
        ServerIdentity identity = coaps.privateKey().isEmpty()
                ? ServerIdentity.keptIn(data.resolve("server-identity"), storeKey, random, clock.instant())
                : ServerIdentity.ofFiles(Path.of(coaps.privateKey()), Path.of(coaps.certificate()));
        return new CertificateSide(identity, TenantAuthorities.open(resolved(coaps.tenants()), coaps.maxLife(), clock));
    }

    private static ObjectModels models() throws IOException {
        ObjectModels models = ObjectModels.builtIn();
        for (int object : OUR_MODELS) {
            String name = object + ".xml";
            try (InputStream xml = Settings.class.getResourceAsStream("models/" + name)) {
                models.with(name, Objects.requireNonNull(xml, name + " is not on the class path"));
            }
        }
        return models;
    }

    private Path resolved(Path path) {
        return path.isAbsolute() ? path : settings.dataDir().resolve(path);
    }

    private <T extends AutoCloseable> T keep(T part) {
        open.push(part);
        return part;
    }

    private <T extends ExecutorService> T keep(String name, T executor) {
        open.push(() -> {
            executor.shutdown();
            if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("executor {} did not end in time", name);
                executor.shutdownNow();
            }
        });
        return executor;
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    public int httpPort() {
        return httpPort;
    }

    /** Address of the NoSec endpoint; empty if it is off. */
    public Optional<InetSocketAddress> coapAddress() {
        // OSCORE's socket is of the same protocol.
        return settings.coap().enabled() ? endpoints.address(Protocol.COAP) : Optional.empty();
    }

    /** Address of the DTLS endpoint; empty if it is off. */
    public Optional<InetSocketAddress> coapsAddress() {
        return endpoints.address(Protocol.COAPS);
    }

    /** Port of the OSCORE endpoint; empty if it is off. */
    public OptionalInt oscorePort() {
        return oscorePort;
    }

    /** DTLS handshakes completed since the start. */
    public long handshakes() {
        return endpoints.handshakes();
    }

    /** DTLS connections open now. */
    public int connections() {
        return endpoints.connections();
    }

    /** Empty unless it is enabled. */
    public Optional<BootstrapServer> bootstrap() {
        return bootstrapParts.map(BootstrapParts::server);
    }

    public RolloutLoop loop() {
        return loop;
    }

    public RolloutStore view() {
        return view;
    }

    public SessionDirectory sessions() {
        return sessions;
    }

    private boolean cloneSuspected(String endpoint) {
        return endpoints.cloneSuspected(endpoint);
    }

    /** What each socket has admitted and shed since the start. */
    public List<ShedCounts> shed() {
        List<ShedCounts> all = new ArrayList<>(endpoints.shed());
        bootstrapParts.ifPresent(parts -> all.addAll(parts.sockets().shed()));
        return all;
    }

    private boolean answering() {
        return ready
                && endpoints.answering()
                && bootstrapParts.map(parts -> parts.sockets().answering()).orElse(true);
    }

    private static SocketLoad load(ShedCounts counts) {
        return new SocketLoad(counts.socket(), counts.of(Admission.ADMITTED), counts.byReason());
    }

    public Fence fence() {
        return fence;
    }

    /** Closes what was opened, last first. What cannot be closed is logged and passed over. */
    @Override
    public void close() {
        ready = false;
        while (!open.isEmpty()) {
            AutoCloseable part = open.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
            }
        }
    }
}
