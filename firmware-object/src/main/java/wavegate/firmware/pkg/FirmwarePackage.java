package wavegate.firmware.pkg;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A package the server holds and has checked. {@code keyId} names the public key its signature was checked with. A revoked package is never
 * dispatched again. {@code image} is what was found in an image the server can look into. {@code deltas} are ways to its image that spare bytes; at most one per image they start from and format.
 */
public record FirmwarePackage(
        PackageId id,
        Manifest manifest,
        String keyId,
        Instant uploadedAt,
        boolean revoked,
        List<Delta> deltas,
        Optional<ImageFacts> image) {
    public FirmwarePackage {
        deltas = List.copyOf(deltas);
    }

    /** One without deltas. */
    public FirmwarePackage(PackageId id, Manifest manifest, String keyId, Instant uploadedAt, boolean revoked) {
        this(id, manifest, keyId, uploadedAt, revoked, List.of(), Optional.empty());
    }

    public FirmwarePackage asRevoked() {
        return new FirmwarePackage(id, manifest, keyId, uploadedAt, true, deltas, image);
    }

    /** With one delta more, instead of one from the same image in the same format. */
    public FirmwarePackage with(Delta delta) {
        List<Delta> all = new ArrayList<>(deltas);
        all.removeIf(known -> known.fromSha256().equals(delta.fromSha256()) && known.format() == delta.format());
        all.add(delta);
        return new FirmwarePackage(id, manifest, keyId, uploadedAt, revoked, all, image);
    }

    /** Counter against roll-back that the image brings: what it says itself, else what the manifest says of it. */
    public Optional<Long> securityCounter() {
        return image.flatMap(ImageFacts::securityCounter)
                .or(() -> manifest.imageTerms().securityCounter());
    }
}
