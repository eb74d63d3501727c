package wavegate.firmware.pkg;

import java.util.Optional;

/**
 * What a manifest says of its image beyond size and digest.
 *
 * @param format empty: an image that shows what it is is taken for that
 * @param encrypted whether the image may be encrypted, so that the server cannot look into its payload
 * @param securityCounter counter against roll-back that the image brings, 0 to 2^32 - 1; empty: what the image itself says, if anything
 */
public record ImageTerms(Optional<ImageFormat> format, boolean encrypted, Optional<Long> securityCounter) {
    public static final ImageTerms NONE = new ImageTerms(Optional.empty(), false, Optional.empty());
    private static final long MOST = 0xFFFF_FFFFL;

    public ImageTerms {
        securityCounter.filter(counter -> counter < 0 || counter > MOST).ifPresent(counter -> {
            throw new IllegalArgumentException("security counter: " + counter + " (expected: 0 to " + MOST + ")");
        });
    }
}
