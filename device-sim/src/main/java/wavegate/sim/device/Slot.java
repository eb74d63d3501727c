package wavegate.sim.device;

import java.nio.charset.StandardCharsets;
import wavegate.firmware.pkg.Sha256;

/**
 * What one firmware slot holds: the parsed header and the digest of an image whose bytes are gone. {@code payloadDigest} is what the bytes
 * hashed to, {@code header.innerDigest()} what they should. A record, so that equal images are one object in a fleet.
 */
record Slot(ImageHeader header, Sha256 payloadDigest) {
    /** What a module leaves the factory with. */
    static Slot factory(ModuleModel model) {
        Sha256 digest = Sha256.of(model.baseVersion().getBytes(StandardCharsets.UTF_8));
        ImageHeader header = new ImageHeader(
                model.baseVersion(),
                model.model(),
                model.hardware(),
                model.partitionLayout(),
                1,
                1,
                false,
                model.baseVersion().length(),
                digest);
        return new Slot(header, digest);
    }
}
