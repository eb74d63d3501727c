package wavegate.server.artifact;

import java.io.IOException;
import java.util.Optional;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;

/**
 * Looks into an image before it is kept. What shows that it is of a format is checked as such, unless its manifest says {@code raw}; what is
 * said to be of a format must be.
 */
final class ImageInspection {
    private final McubootCheck mcuboot;
    private final SuitCheck suit;

    ImageInspection(TrustAnchors anchors) {
        this.mcuboot = new McubootCheck(anchors);
        this.suit = new SuitCheck(anchors);
    }

    /**
     * What was found; empty for an image that nothing is known of but its digest.
     *
     * @throws PackageRefused if the image is not what it shows or its manifest says
     */
    Optional<ImageFacts> inspect(ImageBytes image, Manifest manifest) throws IOException {
        ImageTerms terms = manifest.imageTerms();
        ImageFormat format = terms.format().isPresent() ? terms.format().get() : shown(image);
        Optional<ImageFacts> facts =
                switch (format) {
                    case RAW -> Optional.empty();
                    case MCUBOOT -> Optional.of(mcuboot.check(image, manifest));
                    case SUIT -> Optional.of(suit.check(image, manifest));
                };
        if (facts.isPresent()
                && terms.securityCounter().isPresent()
                && !terms.securityCounter().equals(facts.get().securityCounter())) {
            throw new PackageRefused(
                    PackageRefused.Code.COUNTER_MISMATCH,
                    "image with security counter "
                            + facts.get().securityCounter().map(String::valueOf).orElse("none")
                            + " (expected: " + terms.securityCounter().get() + ", as its manifest says)");
        }
        return facts;
    }

    private static ImageFormat shown(ImageBytes image) throws IOException {
        if (McubootImage.begins(image)) {
            return ImageFormat.MCUBOOT;
        }
        return SuitEnvelope.begins(image) ? ImageFormat.SUIT : ImageFormat.RAW;
    }
}
