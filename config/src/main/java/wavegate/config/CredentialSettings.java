package wavegate.config;

import java.time.Duration;

/**
 * What devices prove themselves with.
 *
 * @param keyFile file of the key that credentials and other secrets at rest are encrypted with, outside the data directory; empty: beside it,
 *     with its name and {@code .key}
 * @param grace how long an earlier credential stays good after a rotation, unless the new one is used before
 */
public record CredentialSettings(String keyFile, Duration grace) {
    public static final CredentialSettings DEFAULT = new CredentialSettings("", Duration.ofHours(24));

    public CredentialSettings {
        new Checks()
                .that(!grace.isNegative(), "grace", grace, "a duration, like 24h; 0s ends the earlier one at once")
                .done();
    }
}
