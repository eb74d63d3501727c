package wavegate.firmware.update;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientProfile.Deferral;
import wavegate.firmware.device.ClientProfile.Delivery;
import wavegate.firmware.device.ClientProfile.Object5;
import wavegate.firmware.device.ClientProfile.ResultKept;
import wavegate.firmware.device.ClientProfile.VersionSource;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.device.ResetStep;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Sha256;

/** Words for the tests of the table: updates, what a device shows, and what surrounds both. The update goes from 1.1.1 to 1.1.10. */
final class UpdateFixture {
    static final Instant NOW = Instant.parse("2030-05-01T12:00:00Z");
    static final FirmwareVersion OLD = FirmwareVersion.of("1.1.1");
    static final FirmwareVersion TARGET = FirmwareVersion.of("1.1.10");
    static final FirmwareVersion OTHER = FirmwareVersion.of("1.2.0");
    static final UpdateId ID = new UpdateId(new CampaignId("spring"), new Endpoint("pump-17"));
    static final PackageId PACKAGE = new PackageId("00112233445566ff");
    static final String TOKEN = "0123456789abcdef";
    static final String REGION = "eu-north";
    static final DispatchScope SCOPE = new DispatchScope(ID.campaign(), PACKAGE, REGION);
    static final UpdatePolicy POLICY = UpdatePolicy.DEFAULT;
    static final Manifest MANIFEST =
            new Manifest("pump-firmware", TARGET, "Acme", "P100", "rev-b", 262_144, Sha256.of(new byte[] {1, 2, 3}), 7);

    private UpdateFixture() {}

    static Given update() {
        return new Given();
    }

    static Shown device() {
        return new Shown();
    }

    static Around context() {
        return new Around();
    }

    /** The habits of a client of the field that matter to the table, told once more here. */
    static ClientProfile client(String name) {
        Object5 likeAnjay = new Object5(ResultKept.FIRST_BOOT, false, true, true, false, Deferral.ASK_AGAIN);
        Object5 likeZephyr = new Object5(ResultKept.NEVER, true, true, false, false, Deferral.ASK_AGAIN);
        Object5 likeModem = new Object5(ResultKept.ALWAYS, false, false, false, false, Deferral.STARTS_ITSELF);
        return switch (name) {
            case "anjay" ->
                client(
                        name,
                        likeAnjay,
                        new Delivery(DeliveryMethod.BOTH, 1024, 255),
                        new ResetStep(ResetMeans.CANCEL, new TreeSet<>(Set.of(1, 2))),
                        new ResetStep(ResetMeans.EMPTY_URI, new TreeSet<>(Set.of(0, 1, 2))),
                        new ResetStep(ResetMeans.ZERO_BYTE, new TreeSet<>(Set.of(0, 1, 2))));
            case "zephyr" ->
                client(
                        name,
                        likeZephyr,
                        new Delivery(DeliveryMethod.BOTH, 512, 255),
                        new ResetStep(ResetMeans.EMPTY_URI, new TreeSet<>(Set.of(2))),
                        new ResetStep(ResetMeans.ZERO_BYTE, new TreeSet<>(Set.of(2))),
                        new ResetStep(ResetMeans.NEW_PUSH, new TreeSet<>(Set.of(1))));
            case "wakaama" -> client(name, likeZephyr, new Delivery(DeliveryMethod.PUSH, 128, 0));
            case "modem" -> client(name, likeModem, new Delivery(DeliveryMethod.PULL, 512, 255));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static ClientProfile client(String name, Object5 object5, Delivery delivery, ResetStep... reset) {
        ClientProfile d = ClientProfile.CAREFUL;
        return new ClientProfile(name, List.of(reset), object5, delivery, d.version(), d.listening());
    }

    static ClientProfile provenBy(VersionSource source) {
        ClientProfile d = ClientProfile.CAREFUL;
        return new ClientProfile("mine", d.reset(), d.object5(), d.delivery(), source, d.listening());
    }

    /** A row of the ledger. Entered an hour ago, due in a minute, so that a kept deadline differs from a new one. */
    static final class Given {
        private UpdatePhase phase = UpdatePhase.IDLE;
        private UpdateDetail detail = UpdateDetail.RESERVED;
        private Intent intent = Intent.NONE;
        private Tries tries = Tries.NONE;
        private int attempt = 1;
        private FirmwareVersion from = OLD;
        private Optional<Payload> payload = Optional.empty();

        private Optional<Sighting> sighting = Optional.empty();

        /** What the object showed before. */
        Given sawBefore(Shown shown) {
            this.sighting = Optional.of(Sighting.of(shown.status()));
            return this;
        }

        Given in(UpdatePhase phase, UpdateDetail detail) {
            this.phase = phase;
            this.detail = detail;
            return this;
        }

        Given meaning(Intent intent) {
            this.intent = intent;
            return this;
        }

        Given having(Tries tries) {
            this.tries = tries;
            return this;
        }

        Given attempt(int attempt) {
            this.attempt = attempt;
            return this;
        }

        Given from(FirmwareVersion from) {
            this.from = from;
            return this;
        }

        Given carrying(Payload payload) {
            this.payload = Optional.of(payload);
            return this;
        }

        Update build() {
            return new Update(
                    ID,
                    2,
                    PACKAGE,
                    REGION,
                    TOKEN,
                    TARGET,
                    from,
                    phase,
                    detail,
                    intent,
                    attempt,
                    5,
                    tries,
                    UpdateResult.INITIAL,
                    NOW.minus(Duration.ofHours(1)),
                    NOW.plus(Duration.ofMinutes(1)),
                    payload,
                    Optional.empty(),
                    sighting);
        }
    }

    /** What a burst of reads shows: by default 0/0, the old version, a device the package is for, push and pull over coap. */
    static final class Shown {
        private boolean hasObject5 = true;
        private int state;
        private int result;
        private FirmwareVersion version = OLD;
        private DeviceIdentity identity = new DeviceIdentity("Acme", "P100", "rev-b");
        private DeliveryMethod method = DeliveryMethod.BOTH;
        private Set<UpdateProtocol> protocols = Set.of(UpdateProtocol.COAP);
        private int battery = -1;
        private OptionalLong freeMemoryKb = OptionalLong.empty();

        private ObjectDetails details = ObjectDetails.BARE;

        /** Object version 1.1 or later, with the resources it added. */
        Shown ofVersion(String version, Integer... resources) {
            this.details = new ObjectDetails(
                    details.slot(),
                    version,
                    details.packageUri(),
                    details.packageVersion(),
                    details.stateChanged(),
                    Set.of(resources),
                    details.linked());
            return this;
        }

        Shown holding(String packageUri, String packageVersion) {
            this.details = new ObjectDetails(
                    details.slot(),
                    details.objectVersion(),
                    packageUri,
                    packageVersion,
                    details.stateChanged(),
                    details.resources(),
                    details.linked());
            return this;
        }

        Shown changedAt(Instant stateChanged) {
            this.details = new ObjectDetails(
                    details.slot(),
                    details.objectVersion(),
                    details.packageUri(),
                    details.packageVersion(),
                    Optional.of(stateChanged),
                    details.resources(),
                    details.linked());
            return this;
        }

        Shown asComponent(int instance, boolean linked) {
            this.details = new ObjectDetails(
                    new FirmwareSlot(FirmwareSlot.ADVANCED, instance),
                    details.objectVersion(),
                    details.packageUri(),
                    details.packageVersion(),
                    details.stateChanged(),
                    details.resources(),
                    linked);
            return this;
        }

        Shown at(int state, int result) {
            this.state = state;
            this.result = result;
            return this;
        }

        Shown running(FirmwareVersion version) {
            this.version = version;
            return this;
        }

        Shown being(String manufacturer, String model, String hardware) {
            this.identity = new DeviceIdentity(manufacturer, model, hardware);
            return this;
        }

        Shown by(DeliveryMethod method, UpdateProtocol... protocols) {
            this.method = method;
            this.protocols = Set.of(protocols);
            return this;
        }

        Shown battery(int percent) {
            this.battery = percent;
            return this;
        }

        Shown freeMemory(long kilobytes) {
            this.freeMemoryKb = OptionalLong.of(kilobytes);
            return this;
        }

        Shown withoutObject5() {
            this.hasObject5 = false;
            return this;
        }

        DeviceStatus status() {
            return new DeviceStatus(
                    hasObject5,
                    new FirmwareStatus(state, new UpdateResult(result)),
                    version,
                    identity,
                    method,
                    protocols,
                    battery,
                    freeMemoryKb,
                    details);
        }

        UpdateSignal read() {
            return new UpdateSignal.StatusRead(status());
        }
    }

    /** What surrounds an update: by default Execute is allowed, images are served over coap, blocks have moved, no spread. */
    static final class Around {
        private UpdatePolicy policy = POLICY;
        private Manifest manifest = MANIFEST;
        private Labels labels = Labels.NONE;
        private List<Delta> deltas = List.of();
        private boolean applyAllowed = true;
        private boolean artifactClosed;
        private Set<FirmwareVersion> laterReleases = Set.of();
        private Set<FirmwareVersion> guardedReleases = Set.of();
        private double spread;
        private Set<UpdateProtocol> served = Set.of(UpdateProtocol.COAP);
        private ClientProfile profile = ClientProfile.CAREFUL;
        private int uriLength = 40;
        private boolean blocksMoved = true;
        private boolean selfTest;

        Around of(ClientProfile client) {
            this.profile = client;
            return this;
        }

        Around packaged(Manifest other) {
            this.manifest = other;
            return this;
        }

        Around forComponent(String name) {
            this.manifest = manifest.forComponent(name);
            return this;
        }

        Around handledAs(Handling handling) {
            this.manifest = manifest.handledAs(handling);
            return this;
        }

        Around beforeAnyBlock() {
            this.blocksMoved = false;
            return this;
        }

        Around uriOf(int characters) {
            this.uriLength = characters;
            return this;
        }

        Around allowingReboot(int attempts) {
            UpdatePolicy p = policy;
            this.policy = new UpdatePolicy(
                    p.checking(),
                    p.downloadStall(),
                    p.verifying(),
                    p.applying(),
                    p.awaitReturn(),
                    p.verifyFor(),
                    p.deferral(),
                    p.poll(),
                    p.backoff(),
                    p.backoffMax(),
                    attempts,
                    p.minBatteryPercent(),
                    p.maxBoots(),
                    p.delivery(),
                    p.allowOlder(),
                    true);
            return this;
        }

        Around preferring(UpdatePolicy.DeliveryChoice choice) {
            this.policy = policy.withDelivery(choice);
            return this;
        }

        Around needingBattery(int percent) {
            UpdatePolicy p = policy;
            this.policy = new UpdatePolicy(
                    p.checking(),
                    p.downloadStall(),
                    p.verifying(),
                    p.applying(),
                    p.awaitReturn(),
                    p.verifyFor(),
                    p.deferral(),
                    p.poll(),
                    p.backoff(),
                    p.backoffMax(),
                    p.attempts(),
                    percent,
                    p.maxBoots(),
                    p.delivery(),
                    p.allowOlder(),
                    p.allowReboot());
            return this;
        }

        Around allowingOlder() {
            this.policy = policy.allowingOlder();
            return this;
        }

        Around packagedFor(String manufacturer, String model, String hardware) {
            this.manifest = new Manifest(
                    MANIFEST.name(),
                    MANIFEST.version(),
                    manufacturer,
                    model,
                    hardware,
                    MANIFEST.sizeBytes(),
                    MANIFEST.sha256(),
                    MANIFEST.sequence());
            return this;
        }

        Around requiring(Requirements requirements) {
            this.manifest = manifest.requiring(requirements);
            return this;
        }

        Around labelled(String carrier, String region) {
            this.labels = new Labels(region, carrier, new TreeSet<>());
            return this;
        }

        Around withDeltas(Delta... deltas) {
            this.deltas = List.of(deltas);
            return this;
        }

        Around afterWhichCame(FirmwareVersion... versions) {
            this.laterReleases = Set.of(versions);
            return this;
        }

        Around whoseCounterIsBelow(FirmwareVersion... versions) {
            this.guardedReleases = Set.of(versions);
            return this;
        }

        Around holding() {
            this.applyAllowed = false;
            return this;
        }

        Around closed() {
            this.artifactClosed = true;
            return this;
        }

        Around selfTest() {
            selfTest = true;
            return this;
        }

        Around spread(double spread) {
            this.spread = spread;
            return this;
        }

        UpdateContext build() {
            return new UpdateContext(
                    NOW,
                    policy,
                    manifest,
                    labels,
                    deltas,
                    applyAllowed,
                    artifactClosed,
                    laterReleases,
                    guardedReleases,
                    served,
                    profile,
                    uriLength,
                    blocksMoved,
                    selfTest,
                    spread);
        }
    }
}
