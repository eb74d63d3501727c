package wavegate.server.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.leshan.core.endpoint.Protocol;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.config.Settings;
import wavegate.config.SettingsReader;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.ModemHealthObject;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;
import wavegate.server.artifact.FileArtifactStore;
import wavegate.server.delivery.DeliverySettings;
import wavegate.server.delivery.DeliveryStack;
import wavegate.server.delivery.FirmwareResource;
import wavegate.server.delivery.Images;
import wavegate.server.delivery.LeshanDeviceLink;
import wavegate.server.delivery.PackageUris;
import wavegate.server.delivery.PullProgress;
import wavegate.server.registration.LwM2mEndpoints;
import wavegate.server.registration.LwM2mSettings;
import wavegate.server.registration.ObjectModels;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.PullGrants.Grant;
import wavegate.server.rollout.RolloutInput;

/** This server's delivery as it is wired in the server: gates, fence, checked artifacts on disk. Only the campaign behind it is not there. */
final class WavegateDelivery implements DeliveryTarget.Target {
    private static final CampaignId CAMPAIGN = new CampaignId("bench");

    /** All devices of the load are neighbours, which those of a fleet are not. */
    private static final String LIMITS =
            "limits: {known-rate: 2000000, source-rate: 2000000, stranger-rate: 2000000, source-registrations: 100000}";

    /** Everything that is told is forgotten. */
    private static final class NoLoop implements Inbox {
        @Override
        public boolean offer(RolloutInput input) {
            return true;
        }

        @Override
        public boolean concerns(Endpoint endpoint) {
            return false;
        }

        @Override
        public boolean watches(Endpoint endpoint) {
            return false;
        }
    }

    private final Map<PackageId, FirmwarePackage> packages = new ConcurrentHashMap<>();
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
    private final FileArtifactStore artifacts;
    private final CredentialStore credentials;
    private final LwM2mEndpoints endpoints;
    private final LeshanDeviceLink link;
    private int step;
    private DispatchScope scope = new DispatchScope(CAMPAIGN, new PackageId("0000000000000000"), "");

    WavegateDelivery(Path directory) throws IOException {
        Settings settings = SettingsReader.parse(LIMITS, Map.of());
        SecureRandom random = new SecureRandom();
        Clock clock = Clock.systemUTC();
        Fence fence = new Fence(clock);
        artifacts = new FileArtifactStore(directory.resolve("artifacts"));
        credentials = SealedCredentialStore.open(
                directory.resolve("credentials"), StoreKey.forData(directory, "", random), clock, random);
        endpoints = new LwM2mEndpoints(
                LwM2mSettings.defaults()
                        .within(settings.limits())
                        .listening(LwM2mSettings.Listener.at("127.0.0.1", 0), LwM2mSettings.Listener.OFF),
                credentials,
                models().all(),
                DeliveryStack.under(fence, settings.limits()));
        DeliverySettings delivery = DeliverySettings.reachableAt(PackageUris.of("coap://127.0.0.1:5683", ""));
        Images images = new Images(id -> Optional.ofNullable(packages.get(id)), artifacts, timers);
        Inbox inbox = new NoLoop();
        link = new LeshanDeviceLink(endpoints.leshan(), inbox, fence, images, delivery, clock, timers);
        FirmwareResource firmware = new FirmwareResource(
                token -> Optional.ofNullable(grants.get(token)),
                fence,
                images,
                new PullProgress(inbox, link::heard, clock),
                delivery.blockSize());
        endpoints.coap().add(firmware);
        endpoints.shortcut(firmware.shortcut());
        link.start();
        endpoints.start();
    }

    private static ObjectModels models() throws IOException {
        String name = ModemHealthObject.OBJECT_ID + ".xml";
        try (InputStream xml = Settings.class.getResourceAsStream("models/" + name)) {
            return ObjectModels.builtIn().with(name, Objects.requireNonNull(xml, name + " is not on the class path"));
        }
    }

    @Override
    public InetSocketAddress coap() {
        return endpoints.address(Protocol.COAP).orElseThrow();
    }

    @Override
    public void image(byte[] image, int devices) throws IOException {
        Sha256 digest = artifacts.put(new ByteArrayInputStream(image), Long.MAX_VALUE);
        PackageId id = new PackageId(digest.hex().substring(0, 16));
        Manifest manifest = new Manifest("bench", FirmwareVersion.of("2.0.0"), "", "", "", image.length, digest, 1);
        packages.put(id, new FirmwarePackage(id, manifest, "bench", Instant.EPOCH, false));
        scope = new DispatchScope(CAMPAIGN, id, "");
        grants.clear();
        for (int device = 0; device < devices; device++) {
            grants.put(DeliveryLoad.token(device), new Grant(update(device), scope, digest, image.length));
        }
    }

    private static UpdateId update(int device) {
        return new UpdateId(CAMPAIGN, new Endpoint(DeliveryLoad.endpoint(device)));
    }

    @Override
    public void push(int devices) {
        step++;
        for (int device = 0; device < devices; device++) {
            link.pushPackage(new UpdateCommand.PushPackage(update(device), step, scope));
        }
    }

    @Override
    public void close() {
        link.close();
        endpoints.close();
        timers.shutdownNow();
        credentials.close();
        try {
            artifacts.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
