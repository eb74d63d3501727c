package wavegate.server.rollout;

import java.io.IOException;
import java.io.InputStream;
import wavegate.firmware.pkg.FirmwarePackage;

/** Port: checks an uploaded package envelope while it streams in, and stores its artifact. Blocks; any worker thread. */
@FunctionalInterface
public interface PackageIntake {
    /**
     * Reads the envelope to its end.
     *
     * @return the package, its signature checked, its artifact durable; not yet a fact
     * @throws OrderRefused of kind INVALID with a stable code ({@code bad-signature}, {@code digest-mismatch}, ...) if the envelope cannot be accepted
     * @throws IOException if reading or storing fails
     */
    FirmwarePackage accept(InputStream envelope) throws IOException;
}
