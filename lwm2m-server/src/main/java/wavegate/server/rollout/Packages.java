package wavegate.server.rollout;

import java.util.Optional;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;

/** The packages the ledger knows. Any thread; sees committed turns. */
public interface Packages {
    Optional<FirmwarePackage> find(PackageId id);
}
