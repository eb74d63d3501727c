package wavegate.firmware.pkg;

import java.util.Locale;

/**
 * A patch that makes the image of a package from another one.
 *
 * @param from version a device must run to use it
 * @param fromSha256 digest of the image that version is, byte for byte
 * @param sha256 digest of the patch itself
 */
public record Delta(FirmwareVersion from, Sha256 fromSha256, Format format, Sha256 sha256, long sizeBytes) {
    /** How the patch is written; a device must know it. */
    public enum Format {
        /** {@code BSDIFF40}, with bzip2. */
        BSDIFF;

        /** Lower-case, as in the API and in a device's tag {@code delta:bsdiff}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Delta {
        if (!from.known()) {
            throw new IllegalArgumentException("delta from version: \"\" (expected: the version it starts from)");
        }
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("delta size: " + sizeBytes + " (expected: at least 1 byte)");
        }
    }
}
