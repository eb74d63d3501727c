package wavegate.firmware.pkg;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A package the server holds and has checked. {@code keyId} names the public key its signature was checked with. A revoked package is never
 * dispatched again. {@code deltas} are ways to its image that spare bytes; at most one per image they start from and format.
 */
public record FirmwarePackage(
        PackageId id, Manifest manifest, String keyId, Instant uploadedAt, boolean revoked, List<Delta> deltas) {
    public FirmwarePackage {
        deltas = List.copyOf(deltas);
    }

    /** One without deltas. */
    public FirmwarePackage(PackageId id, Manifest manifest, String keyId, Instant uploadedAt, boolean revoked) {
        this(id, manifest, keyId, uploadedAt, revoked, List.of());
    }

    public FirmwarePackage asRevoked() {
        return new FirmwarePackage(id, manifest, keyId, uploadedAt, true, deltas);
    }

    /** With one delta more, instead of one from the same image in the same format. */
    public FirmwarePackage with(Delta delta) {
        List<Delta> all = new ArrayList<>(deltas);
        all.removeIf(known -> known.fromSha256().equals(delta.fromSha256()) && known.format() == delta.format());
        all.add(delta);
        return new FirmwarePackage(id, manifest, keyId, uploadedAt, revoked, all);
    }
}
