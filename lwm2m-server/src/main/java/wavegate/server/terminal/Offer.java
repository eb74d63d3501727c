package wavegate.server.terminal;

import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateId;

/** A Package URI that stands until its update ends: a terminal whose answer was lost is told again. {@code artifact} is what is fetched: the image, or a way to it. */
record Offer(
        UpdateId update,
        DispatchScope scope,
        String token,
        FirmwarePackage firmwarePackage,
        Sha256 artifact,
        long sizeBytes,
        String uri,
        int leastBatteryPercent) {
    boolean isDelta() {
        return !artifact.equals(firmwarePackage.manifest().sha256());
    }
}
