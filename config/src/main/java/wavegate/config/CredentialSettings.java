package wavegate.config;

import java.time.Duration;

/**
 * What devices prove themselves with.
 *
 * @param keyFile file of the key that credentials and other secrets at rest are encrypted with, outside the data directory; empty: beside it,
 *     with its name and {@code .key}
 * @param grace how long an earlier credential stays good after a rotation, unless the new one is used before
 * @param clones what becomes of a credential in use from two places
 */
public record CredentialSettings(String keyFile, Duration grace, Clones clones) {
    public static final CredentialSettings DEFAULT = new CredentialSettings("", Duration.ofHours(24), Clones.REPORT);

    public enum Clones {
        /** Said in the log, the audit and the device's entry. */
        REPORT,
        /** That, and it is revoked: the device is out too, until it is given another. */
        REVOKE
    }

    public CredentialSettings {
        new Checks()
                .that(!grace.isNegative(), "grace", grace, "a duration, like 24h; 0s ends the earlier one at once")
                .done();
    }
}
