package wavegate.firmware.pkg;

/**
 * The image of one component in a package for several. The images lie one behind the other in the package, in the order of the list.
 *
 * @param name of the component, as Object 33629 shows it in resource 14; 1 to 255 characters
 * @param version what the component shows in resource 15 once it runs this
 */
public record ComponentImage(String name, FirmwareVersion version, long sizeBytes, Sha256 sha256) {
    private static final int LONGEST_NAME = 255;

    public ComponentImage {
        if (name.isBlank() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("component name of " + name.length()
                    + " characters (expected: 1 to 255, not blank, no control characters)");
        }
        if (!version.known()) {
            throw new IllegalArgumentException(
                    "version of component " + name + ": \"\" (expected: the version it shows once it runs this image)");
        }
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException(
                    "image of component " + name + ": " + sizeBytes + " bytes (expected: at least 1)");
        }
    }

    public Payload payload() {
        return new Payload(Payload.Kind.FULL, sha256, sizeBytes, 0);
    }
}
