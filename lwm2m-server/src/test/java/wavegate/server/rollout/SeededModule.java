package wavegate.server.rollout;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.DeviceStatus;

/** The far end of the simulated link: an Object 5 of the test's own, as whole or as quirky as its seed made it. */
final class SeededModule {
    static final DeviceIdentity IDENTITY = new DeviceIdentity("Acme", "M1", "rev-a");

    /** How it is reached. */
    enum Kind {
        /** Always listens. */
        LISTENS,
        /** Listens for a while after it was heard. */
        SLEEPS,
        /** Never listens: asks for a version now and then. */
        ASKS
    }

    final Endpoint endpoint;
    final Kind kind;
    final Labels labels;
    final boolean persistsResult;
    final boolean failureKeepsImage;
    final DeliveryMethod method;

    FirmwareVersion version;
    UpdateState state;
    UpdateResult result = UpdateResult.INITIAL;
    /** The download that lies in the inactive slot: the token of the update that brought it, or "foreign". */
    String image = "";

    FirmwareVersion imageVersion = FirmwareVersion.UNKNOWN;
    boolean imageOfDelta;
    int downloads;
    boolean on = true;
    boolean bricked;
    boolean mute;
    /** For one that sleeps or asks. */
    long listensUntil;

    boolean bootedSinceAsked;
    /** What it may fetch, once its question is answered. */
    Runnable offer = () -> {};

    int generationRegistered = -1;
    /** Grows with every change of address: what was under way before is lost. */
    int address;

    long crashes;
    double energy;
    final Map<String, Integer> appliesPerDownload = new HashMap<>();
    final Set<FirmwareVersion> ran = new TreeSet<>();

    SeededModule(int index, RandomGenerator random, FirmwareVersion version, double listening) {
        this.endpoint = new Endpoint("sim-" + index);
        double lot = random.nextDouble();
        double silent = (1 - lot) / (1 - listening);
        this.kind = lot < listening ? Kind.LISTENS : silent > 1 / 3.0 ? Kind.SLEEPS : Kind.ASKS;
        TreeSet<String> tags = new TreeSet<>(Set.of("cell:cell-" + index % 7, "half:" + index % 2));
        if (random.nextInt(3) == 0) {
            tags.add("delta:bsdiff");
        }
        this.labels = new Labels("region-" + index % 3, "carrier-" + index % 2, tags);
        this.persistsResult = random.nextInt(4) != 0;
        this.failureKeepsImage = random.nextInt(4) == 0;
        int way = kind == Kind.ASKS ? 1 : random.nextInt(6);
        this.method = way == 0 ? DeliveryMethod.PUSH : way == 1 ? DeliveryMethod.PULL : DeliveryMethod.BOTH;
        this.version = version;
        ran.add(version);
        boolean foreignImage = random.nextInt(12) == 0;
        this.state = foreignImage ? UpdateState.DOWNLOADED : UpdateState.IDLE;
        this.image = foreignImage ? "foreign" : "";
        this.energy = random.nextDouble() * 100;
    }

    boolean listens(long now) {
        return kind == Kind.LISTENS || now < listensUntil;
    }

    DeviceStatus status() {
        return new DeviceStatus(
                true,
                new FirmwareStatus(state, result),
                version,
                IDENTITY,
                method,
                Set.of(UpdateProtocol.COAP),
                -1,
                OptionalLong.empty());
    }

    void reset() {
        if (state == UpdateState.DOWNLOADED || state == UpdateState.DOWNLOADING || state == UpdateState.IDLE) {
            state = UpdateState.IDLE;
            result = UpdateResult.INITIAL;
            image = "";
        }
    }

    /** A download begins. @return false if the device is in no state to take it */
    boolean begin() {
        if (state != UpdateState.IDLE && state != UpdateState.DOWNLOADING) {
            return false;
        }
        state = UpdateState.DOWNLOADING;
        result = UpdateResult.INITIAL;
        downloads++;
        return true;
    }

    void finish(String token, FirmwareVersion brings, boolean ofDelta, UpdateResult outcome) {
        boolean good = outcome.equals(UpdateResult.INITIAL);
        state = good ? UpdateState.DOWNLOADED : UpdateState.IDLE;
        result = outcome;
        image = good ? token + "#" + downloads : "";
        imageVersion = brings;
        imageOfDelta = ofDelta;
    }

    /** State 3 begins. @return how often this very download was applied */
    int startApplying() {
        state = UpdateState.UPDATING;
        result = UpdateResult.INITIAL;
        return appliesPerDownload.merge(image, 1, Integer::sum);
    }

    /** The boot stage has run. */
    void applied(boolean good) {
        if (good) {
            version = imageVersion;
            ran.add(version);
            state = UpdateState.IDLE;
            result = persistsResult ? UpdateResult.SUCCESS : UpdateResult.INITIAL;
            image = "";
        } else if (failureKeepsImage) {
            state = UpdateState.DOWNLOADED;
            result = UpdateResult.UPDATE_FAILED;
        } else {
            state = UpdateState.IDLE;
            result = persistsResult ? UpdateResult.UPDATE_FAILED : UpdateResult.INITIAL;
            image = "";
        }
        rebooted();
    }

    /** A reboot of its own: a running download is lost, and what a device that does not persist knew. */
    void reboot() {
        if (state == UpdateState.DOWNLOADING || !persistsResult) {
            state = UpdateState.IDLE;
            result = UpdateResult.INITIAL;
            image = "";
        }
        rebooted();
    }

    private void rebooted() {
        generationRegistered = -1;
        listensUntil = 0;
        bootedSinceAsked = true;
        address++;
    }
}
