package wavegate.firmware.pkg;

import java.time.Instant;

/** A package the server holds and has checked. {@code keyId} names the public key its signature was checked with. A revoked package is never dispatched again. */
public record FirmwarePackage(PackageId id, Manifest manifest, String keyId, Instant uploadedAt, boolean revoked) {
    public FirmwarePackage asRevoked() {
        return new FirmwarePackage(id, manifest, keyId, uploadedAt, true);
    }
}
