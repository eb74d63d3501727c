package wavegate.server.rollout;

import java.io.IOException;
import wavegate.firmware.pkg.FirmwarePackage;

/** Port: looks at a stored package again before a campaign may use it. Blocks; worker thread. */
@FunctionalInterface
public interface PackageCheck {
    /** @throws IOException if its signature no longer holds, its key is no longer trusted, or its image is not the one that was signed */
    void recheck(FirmwarePackage firmwarePackage) throws IOException;
}
