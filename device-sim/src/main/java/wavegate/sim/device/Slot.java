package wavegate.sim.device;

import java.nio.charset.StandardCharsets;
import wavegate.firmware.pkg.Sha256;

/**
 * What one firmware slot holds: the parsed header and the digest of an image whose bytes are gone. {@code payloadDigest} is what the bytes
 * hashed to, {@code header.innerDigest()} what they should. A record, so that equal images are one object in a fleet.
 */
record Slot(ImageHeader header, Sha256 payloadDigest) {
    /** One byte that was taken for an image; no boot stage starts it. */
    static final Slot POISON = useless(0);
    /** A delta for another base than the image that runs, which is found out when it is applied. */
    static final Slot WRONG_BASE = useless(1);

    private static Slot useless(int kind) {
        Sha256 digest = Sha256.of(new byte[] {(byte) kind});
        return new Slot(new ImageHeader("", "", "", "", 1, 1, false, false, "", 1, digest), digest);
    }

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
                false,
                "",
                model.baseVersion().length(),
                digest);
        return new Slot(header, digest);
    }
}
