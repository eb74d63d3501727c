package wavegate.firmware.update;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Labels;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;

/**
 * What the table may know besides the row and the signal.
 *
 * @param labels carrier and region the device is labelled with now
 * @param deltas deltas to this package that the device can take, to choose from by what it runs
 * @param applyAllowed whether campaign, wave and kill switch allow Execute now
 * @param artifactClosed whether this image failed on this device for good before
 * @param laterReleases versions of known packages of the same name with a higher sequence
 * @param guardedReleases versions of known packages of the same name with a higher security counter: a device that has run one refuses this image
 * @param served schemes under which the server hands out images
 * @param profile how the device's client behaves
 * @param uriLength characters of the Package URI the device would be given, at most
 * @param blocksMoved whether a block of this delivery has been asked for or taken, as far as is known: not over a restart of the server
 * @param selfTest whether nothing is to be changed: what runs the target already is watched as if it had just been installed
 * @param spread 0..1, fixed per device, spreads back-offs
 */
public record UpdateContext(
        Instant now,
        UpdatePolicy policy,
        Manifest manifest,
        Labels labels,
        List<Delta> deltas,
        boolean applyAllowed,
        boolean artifactClosed,
        Set<FirmwareVersion> laterReleases,
        Set<FirmwareVersion> guardedReleases,
        Set<UpdateProtocol> served,
        ClientProfile profile,
        int uriLength,
        boolean blocksMoved,
        boolean selfTest,
        double spread) {}
