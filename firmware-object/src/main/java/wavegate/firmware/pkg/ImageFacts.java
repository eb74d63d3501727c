package wavegate.firmware.pkg;

import java.util.List;
import java.util.Optional;

/**
 * What a server found in an image it could look into, all of it covered by the image's own signature.
 *
 * @param version the version the image says it is, or sequence number of a SUIT manifest
 * @param keyId the key that signature was checked with
 * @param securityCounter counter against roll-back, if it brings one
 * @param dependencies other images it asks for, as {@code image 1 >= 1.2.0}
 * @param vendorId vendor identifier, a UUID
 * @param classId class identifier, a UUID
 * @param payloadChecked false where the payload is encrypted, so that only its signed digest was seen
 */
public record ImageFacts(
        ImageFormat format,
        String version,
        String keyId,
        Optional<Long> securityCounter,
        List<String> dependencies,
        Optional<String> vendorId,
        Optional<String> classId,
        boolean payloadChecked) {
    public ImageFacts {
        dependencies = List.copyOf(dependencies);
    }
}
