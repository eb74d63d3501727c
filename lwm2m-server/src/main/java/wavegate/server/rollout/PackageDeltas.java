package wavegate.server.rollout;

import java.io.IOException;
import java.io.InputStream;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;

/** Port: makes and checks deltas between the images of two packages, and stores them as artifacts. Blocks, for seconds; any worker thread. */
public interface PackageDeltas {
    /**
     * Makes one, and applies it before it is kept.
     *
     * @return the delta, durable; not yet a fact
     * @throws OrderRefused if it cannot be made of these images, or would spare nothing
     * @throws IOException if reading or storing fails
     */
    Delta make(FirmwarePackage from, FirmwarePackage to) throws IOException;

    /** The same with one that was made elsewhere. @throws OrderRefused if it does not make the one image of the other */
    Delta take(FirmwarePackage from, FirmwarePackage to, InputStream delta) throws IOException;
}
