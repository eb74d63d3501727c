package wavegate.server.loopback;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.eclipse.leshan.core.endpoint.Protocol;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.ModemHealthObject;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateId;
import wavegate.server.delivery.DeliverySettings;
import wavegate.server.delivery.DeliveryStack;
import wavegate.server.delivery.FirmwareResource;
import wavegate.server.delivery.Images;
import wavegate.server.delivery.LeshanDeviceLink;
import wavegate.server.delivery.PackageUris;
import wavegate.server.delivery.PullProgress;
import wavegate.server.registration.CertificateSide;
import wavegate.server.registration.LeshanRegistrationListener;
import wavegate.server.registration.LeshanSessionDirectory;
import wavegate.server.registration.LwM2mEndpoints;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.registration.LwM2mSettings.Listener;
import wavegate.server.registration.ObjectModels;
import wavegate.server.registration.ServerIdentity;
import wavegate.server.registration.TenantAuthorities;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.PullGrants;
import wavegate.server.rollout.TelemetryStore;
import wavegate.server.telemetry.LeshanTelemetryListener;
import wavegate.server.telemetry.TelemetrySettings;

/** The LwM2M side wired as the server wires it, with a recorded inbox where the loop would be. */
final class ServerUnderTest implements AutoCloseable {
    static final String COAP = "coap://127.0.0.1";
    static final CampaignId CAMPAIGN = new CampaignId("c-1");

    final RecordingInbox inbox = new RecordingInbox();
    final Fence fence = new Fence(Clock.systemUTC());
    final MemoryArtifacts artifacts = new MemoryArtifacts();
    final Map<PackageId, FirmwarePackage> packages = new ConcurrentHashMap<>();
    final Map<String, PullGrants.Grant> grants = new ConcurrentHashMap<>();
    final CredentialStore credentials;
    final java.util.List<HealthReport> stored = new java.util.concurrent.CopyOnWriteArrayList<>();

    final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
    final LwM2mEndpoints endpoints;
    final LeshanDeviceLink link;
    final LeshanRegistrationListener registrations;
    final LeshanTelemetryListener telemetry;
    final LeshanSessionDirectory sessions;
    final FirmwareResource firmware;
    final Images images;
    final PullProgress progress;

    final ServerIdentity identity;
    /** Folder of their authorities. */
    final Path tenants;

    private final Path temporary;
    private final TenantAuthorities authorities;

    ServerUnderTest() throws IOException {
        this(LwM2mSettings.defaults(), TelemetrySettings.defaults(), Duration.ofSeconds(20));
    }

    ServerUnderTest(LwM2mSettings settings, TelemetrySettings telemetrySettings, Duration responseTimeout)
            throws IOException {
        int port = freePort();
        temporary = Files.createTempDirectory("wavegate-server-");
        SecureRandom random = new SecureRandom();
        StoreKey key = StoreKey.forData(temporary.resolve("data"), "", random);
        credentials = SealedCredentialStore.open(temporary.resolve("data/credentials"), key, Clock.systemUTC(), random);
        identity = ServerIdentity.keptIn(temporary.resolve("data/server-identity"), key, random, Instant.now());
        tenants = temporary.resolve("tenants");
        authorities = TenantAuthorities.open(tenants, Duration.ofDays(30), Clock.systemUTC());
        ObjectModels models = ObjectModels.builtIn();
        for (int object : new int[] {5, ModemHealthObject.OBJECT_ID, 33629}) {
            String name = object + ".xml";
            try (InputStream xml = ServerUnderTest.class.getResourceAsStream("/wavegate/config/models/" + name)) {
                models.with(name, java.util.Objects.requireNonNull(xml, name + " is on the class path"));
            }
        }
        endpoints = new LwM2mEndpoints(
                settings.listening(Listener.at("127.0.0.1", port), Listener.at("127.0.0.1", 0)),
                credentials,
                new CertificateSide(identity, authorities),
                models.all(),
                DeliveryStack.under(fence, settings.limits()));
        DeliverySettings base = DeliverySettings.reachableAt(PackageUris.of(COAP + ":" + port, ""));
        DeliverySettings delivery = new DeliverySettings(
                base.blockSize(),
                responseTimeout,
                base.queueLength(),
                base.readsPerSecond(),
                base.maxPacedReads(),
                Duration.ofMillis(200),
                Duration.ofSeconds(2),
                base.uris());
        images = new Images(id -> Optional.ofNullable(packages.get(id)), artifacts, executor);
        link = new LeshanDeviceLink(endpoints.leshan(), inbox, fence, images, delivery, Clock.systemUTC(), executor);
        progress = new PullProgress(inbox, link::heard, Clock.systemUTC());
        firmware = new FirmwareResource(
                token -> Optional.ofNullable(grants.get(token)), fence, images, progress, delivery.blockSize());
        endpoints.coap().add(firmware);
        endpoints.shortcut(firmware.shortcut());
        link.start();
        telemetry = new LeshanTelemetryListener(new StoreForTests(), inbox, Clock.systemUTC());
        telemetry.listenTo(endpoints.leshan(), telemetrySettings, executor);
        registrations = new LeshanRegistrationListener(inbox);
        endpoints.leshan().getRegistrationService().addListener(registrations);
        sessions = new LeshanSessionDirectory(endpoints.leshan().getRegistrationService());
        endpoints.start();
    }

    private final class StoreForTests implements TelemetryStore {
        @Override
        public void append(HealthReport report) {
            stored.add(report);
        }

        @Override
        public java.util.List<HealthReport> latest(Endpoint endpoint, int limit) {
            throw new UnsupportedOperationException("nobody asks here");
        }
    }

    InetSocketAddress address(Protocol protocol) {
        return endpoints.address(protocol).orElseThrow();
    }

    String coapUri() {
        return COAP + ":" + address(Protocol.COAP).getPort();
    }

    String coapsUri() {
        return "coaps://127.0.0.1:" + address(Protocol.COAPS).getPort();
    }

    UpdateId update(String endpoint) {
        return new UpdateId(CAMPAIGN, new Endpoint(endpoint));
    }

    /** A package of random bytes, known to the server. */
    DispatchScope packageOf(byte[] image) {
        try {
            Sha256 digest = artifacts.put(new ByteArrayInputStream(image), Long.MAX_VALUE);
            PackageId id = new PackageId(digest.hex().substring(0, 16));
            Manifest manifest = new Manifest("app", FirmwareVersion.of("2.0"), "", "", "", image.length, digest, 1);
            packages.put(id, new FirmwarePackage(id, manifest, "key", Instant.EPOCH, false));
            return new DispatchScope(CAMPAIGN, id, "eu");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    void grant(String token, String endpoint, DispatchScope scope, byte[] image) {
        grants.put(token, new PullGrants.Grant(update(endpoint), scope, Sha256.of(image), image.length));
    }

    static byte[] image(int size) {
        byte[] image = new byte[size];
        new Random(size).nextBytes(image);
        return image;
    }

    static int freePort() throws IOException {
        try (java.net.DatagramSocket socket =
                new java.net.DatagramSocket(new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0))) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        link.close();
        endpoints.close();
        executor.shutdownNow();
        credentials.close();
        try (Stream<Path> all = Files.walk(temporary)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the server has seen what lies in the folder of tenants. */
    void looksAtTenants() throws IOException {
        int files;
        try (Stream<Path> all = Files.list(tenants)) {
            files = (int) all.count();
        }
        org.awaitility.Awaitility.await().until(() -> authorities.files() == files);
    }

    void knows(Credential credential) {
        try {
            credentials.put(Use.LWM2M, credential);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
