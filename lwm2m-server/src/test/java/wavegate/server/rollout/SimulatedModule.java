package wavegate.server.rollout;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.DeviceStatus;

/** The far end of the simulated link: an Object 5 of the test's own, as whole or as quirky as its seed made it. */
final class SimulatedModule {
    static final DeviceIdentity IDENTITY = new DeviceIdentity("Acme", "M1", "rev-a");

    final Endpoint endpoint;
    final String region;
    final boolean persistsResult;
    final boolean failureKeepsImage;
    final DeliveryMethod method;

    FirmwareVersion version;
    UpdateState state;
    UpdateResult result = UpdateResult.INITIAL;
    /** The download that lies in the inactive slot: the token of the update that brought it, or "foreign". */
    String image = "";

    int downloads;
    boolean on = true;
    boolean bricked;
    boolean mute;
    int generationRegistered = -1;
    long crashes;
    double energy;
    final Map<String, Integer> appliesPerDownload = new HashMap<>();
    boolean ranTarget;
    int writesToObject5;

    SimulatedModule(int index, RandomGenerator random, FirmwareVersion version) {
        this.endpoint = new Endpoint("sim-" + index);
        this.region = "region-" + index % 3;
        this.persistsResult = random.nextInt(4) != 0;
        this.failureKeepsImage = random.nextInt(4) == 0;
        int kind = random.nextInt(6);
        this.method = kind == 0 ? DeliveryMethod.PUSH : kind == 1 ? DeliveryMethod.PULL : DeliveryMethod.BOTH;
        this.version = version;
        boolean foreignImage = random.nextInt(12) == 0;
        this.state = foreignImage ? UpdateState.DOWNLOADED : UpdateState.IDLE;
        this.image = foreignImage ? "foreign" : "";
        this.energy = random.nextDouble() * 100;
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
        writesToObject5++;
        if (state == UpdateState.DOWNLOADED || state == UpdateState.DOWNLOADING || state == UpdateState.IDLE) {
            state = UpdateState.IDLE;
            result = UpdateResult.INITIAL;
            image = "";
        }
    }

    /** A download begins. @return false if the device is in no state to take it */
    boolean begin() {
        writesToObject5++;
        if (state != UpdateState.IDLE && state != UpdateState.DOWNLOADING) {
            return false;
        }
        state = UpdateState.DOWNLOADING;
        result = UpdateResult.INITIAL;
        downloads++;
        return true;
    }

    void finish(String token, UpdateResult outcome) {
        boolean good = outcome.equals(UpdateResult.INITIAL);
        state = good ? UpdateState.DOWNLOADED : UpdateState.IDLE;
        result = outcome;
        image = good ? token + "#" + downloads : "";
    }

    /** State 3 begins. */
    void startApplying() {
        state = UpdateState.UPDATING;
        result = UpdateResult.INITIAL;
        appliesPerDownload.merge(image, 1, Integer::sum);
    }

    /** The boot stage has run. */
    void applied(boolean good, FirmwareVersion target) {
        if (good) {
            version = target;
            ranTarget = true;
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
        generationRegistered = -1;
    }

    /** A reboot of its own: a running download is lost, and what a device that does not persist knew. */
    void reboot() {
        if (state == UpdateState.DOWNLOADING || !persistsResult) {
            state = UpdateState.IDLE;
            result = UpdateResult.INITIAL;
            image = "";
        }
        generationRegistered = -1;
    }
}
