package wavegate.server.artifact;

import java.nio.file.Path;
import java.util.Locale;

/** What a trusted key may vouch for. A key of one purpose is a stranger to the others. */
public enum KeyPurpose {
    /** Signs {@code .wgp} envelopes. */
    ENVELOPE,
    /** Signs MCUboot images: the key the boot loaders hold. */
    MCUBOOT,
    /** Signs SUIT manifests. */
    SUIT;

    /** Lower-case; also the name of its folder, but for envelopes, whose keys lie in the folder above. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    Path folder(Path trustedKeys) {
        return this == ENVELOPE ? trustedKeys : trustedKeys.resolve(label());
    }
}
