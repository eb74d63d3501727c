package wavegate.firmware.pkg;

import java.util.Locale;

/**
 * The bytes an update carries to its device.
 *
 * @param kind whether they are the image or a way to it
 * @param sizeBytes what travels
 * @param savedBytes how many bytes fewer than the full image's travel over all of this update; below zero where a delta went first in vain
 */
public record Payload(Kind kind, Sha256 sha256, long sizeBytes, long savedBytes) {
    public enum Kind {
        FULL,
        /** A patch to what the device runs. */
        DELTA,
        /** The image, after a delta was refused or failed on this device. */
        FULL_AFTER_DELTA;

        /** Kebab-case, as in the API. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public Payload {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("payload size: " + sizeBytes + " (expected: at least 1 byte)");
        }
    }

    public static Payload full(Manifest manifest) {
        return new Payload(Kind.FULL, manifest.sha256(), manifest.sizeBytes(), 0);
    }

    public static Payload of(Delta delta, Manifest manifest) {
        return new Payload(Kind.DELTA, delta.sha256(), delta.sizeBytes(), manifest.sizeBytes() - delta.sizeBytes());
    }

    /** What follows a delta that came to nothing. */
    public static Payload fullAfter(Payload delta, Manifest manifest) {
        return new Payload(Kind.FULL_AFTER_DELTA, manifest.sha256(), manifest.sizeBytes(), -delta.sizeBytes());
    }

    public boolean isDelta() {
        return kind == Kind.DELTA;
    }
}
