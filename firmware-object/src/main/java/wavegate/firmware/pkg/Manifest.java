package wavegate.firmware.pkg;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What the author of a package signs. {@code manufacturer}, {@code model} and {@code hardware} name the only devices it may go to; an empty
 * one means any. {@code sizeBytes} and {@code sha256} are those of the image that travels to the device. {@code sequence} only grows within
 * one name: a lower one is an older release. After {@code expires}, whole seconds, no device is given the package any more; empty: no end.
 */
public record Manifest(
        String name,
        FirmwareVersion version,
        String manufacturer,
        String model,
        String hardware,
        long sizeBytes,
        Sha256 sha256,
        long sequence,
        Optional<Instant> expires) {
    /** One that does not expire. */
    public Manifest(
            String name,
            FirmwareVersion version,
            String manufacturer,
            String model,
            String hardware,
            long sizeBytes,
            Sha256 sha256,
            long sequence) {
        this(name, version, manufacturer, model, hardware, sizeBytes, sha256, sequence, Optional.empty());
    }

    public Manifest {
        if (name.isBlank() || name.length() > 255) {
            throw new IllegalArgumentException("package name: \"" + name + "\" (expected: 1 to 255 characters)");
        }
        if (!version.known()) {
            throw new IllegalArgumentException(
                    "package version: \"\" (expected: the version a device shows once it runs this package)");
        }
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("package size: " + sizeBytes + " (expected: at least 1 byte)");
        }
        if (sequence < 0) {
            throw new IllegalArgumentException("package sequence: " + sequence + " (expected: 0 or more)");
        }
        expires = expires.map(end -> end.truncatedTo(ChronoUnit.SECONDS));
    }

    public boolean expired(Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }

    /** Whether this is a release of the same firmware that came before the other. */
    public boolean precedes(Manifest other) {
        return name.equals(other.name) && sequence < other.sequence;
    }
}
