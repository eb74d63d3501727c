package wavegate.server.rollout;

import java.util.List;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;

/** What an adapter may tell the loop. Past tense: it has happened. */
public sealed interface RolloutInput {
    /** A new registration; {@code reported} are the labels in its attributes. */
    record Registered(Endpoint endpoint, Labels reported) implements RolloutInput {}

    /** Registrations that outlived a restart of the server; their observations did not. */
    record Restored(List<Registered> registrations) implements RolloutInput {
        public Restored {
            registrations = List.copyOf(registrations);
        }
    }

    /**
     * A device that does not register has asked for a version. {@code restarted}: it has booted since it asked last. {@code committed} runs on
     * the rollout thread when the turn is in the ledger and what it sends has been handed over.
     */
    record CheckedIn(
            Endpoint endpoint,
            Labels reported,
            DeviceIdentity identity,
            FirmwareVersion version,
            boolean restarted,
            Runnable committed)
            implements RolloutInput {}

    /** An adapter wants to know when everything it has answered before is in the ledger; {@code committed} then runs on the rollout thread. */
    record Awaited(Runnable committed) implements RolloutInput {}

    /** A Registration Update of a device for which {@link Inbox#concerns} said yes. */
    record RegistrationUpdated(Endpoint endpoint) implements RolloutInput {}

    /** De-registered or expired. */
    record Deregistered(Endpoint endpoint) implements RolloutInput {}

    /** Answer to {@code DeviceLink.readDevice}. {@code packageVersion} is /5/0/7, read only where there is no {@code version}. */
    record DeviceRead(
            Endpoint endpoint, DeviceIdentity identity, FirmwareVersion version, FirmwareVersion packageVersion)
            implements RolloutInput {
        public DeviceRead(Endpoint endpoint, DeviceIdentity identity, FirmwareVersion version) {
            this(endpoint, identity, version, FirmwareVersion.UNKNOWN);
        }
    }

    /** A device has said in which radio cell it is. */
    record CellSeen(Endpoint endpoint, String cell) implements RolloutInput {}

    /** The device of an update refused to be observed on its firmware object. */
    record ObserveRefused(UpdateId update) implements RolloutInput {}

    /** A notification of /5 arrived. */
    record StatusHinted(Endpoint endpoint) implements RolloutInput {}

    record HealthReported(HealthReport report) implements RolloutInput {}

    /** Answer to the command of an update. */
    record Answered(UpdateId update, int step, UpdateSignal signal) implements RolloutInput {}

    /** A block of an image was accepted or fetched; offered at most once a second per update. */
    record BytesMoved(UpdateId update, long bytesSoFar) implements RolloutInput {}
}
