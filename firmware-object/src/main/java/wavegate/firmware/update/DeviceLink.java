package wavegate.firmware.update;

import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Endpoint;

/**
 * Port: the way to a device. Called on the rollout thread; never blocks and never throws. Every command but {@link #observeStatus}, {@link #prepareObject},
 * {@link #readDevice}, {@link #wake} and {@link #bootstrap} ends in exactly one answer signal that carries the command's update and step, given to the inbox from any thread, also when
 * the device is unknown ({@code LinkFailed(ASLEEP)}); but a read that is only for a device awake, on one asleep, in none. One request at a time goes to a device; the rest wait their turn in order. A dispatch
 * looks at the fence immediately before every send, retransmissions included.
 */
public interface DeviceLink {
    void readStatus(UpdateCommand.ReadStatus command);

    void observeStatus(UpdateCommand.ObserveStatus command);

    void prepareObject(UpdateCommand.PrepareObject command);

    void resetObject(UpdateCommand.ResetObject command);

    void cancelDownload(UpdateCommand.CancelDownload command);

    void pushPackage(UpdateCommand.PushPackage command);

    void writePackageUri(UpdateCommand.WritePackageUri command);

    void executeUpdate(UpdateCommand.ExecuteUpdate command);

    /**
     * Reads /3/0 of a registered device, to learn what it is and what it runs. Answered by a {@code DeviceRead} input, or by nothing if the device
     * does not answer; it is asked again at its next registration. Reads that are not {@code urgent} are paced, so that a storm of
     * registrations does not become a storm of reads.
     */
    void readDevice(Endpoint endpoint, boolean urgent);

    /** Executes Registration Update Trigger, /1/x/8. Best effort. */
    void wake(Endpoint endpoint);

    /** Executes Bootstrap-Request Trigger, /1/x/9. Best effort. */
    void bootstrap(Endpoint endpoint);

    /** How the client of a device with an open update behaves, as far as a link must know: how long it listens. Kept until {@link #forget}. */
    void meet(Endpoint endpoint, ClientProfile profile);

    /** Drops what is queued or in flight for an update that has ended or been called off. No answer follows. */
    void forget(UpdateId update);
}
