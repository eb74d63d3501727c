package wavegate.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * TLS of the API. Both files are read again when they have changed; a pair that cannot be used leaves the one before in force.
 *
 * @param certificate PEM file of the chain, the server's own first; empty for no TLS
 * @param key PEM file of its private key, PKCS #8
 * @param reload how often the files are looked at
 */
public record TlsSettings(String certificate, String key, Duration reload) {
    public static final TlsSettings OFF = new TlsSettings("", "", Duration.ofSeconds(30));

    public TlsSettings {
        new Checks()
                .that(
                        certificate.isBlank() == key.isBlank(),
                        certificate.isBlank() ? "certificate" : "key",
                        "",
                        "a PEM file, since " + (certificate.isBlank() ? "key" : "certificate") + " is set")
                .that(reload.toMillis() >= 100, "reload", reload, "100ms or more")
                .done();
    }

    public boolean enabled() {
        return !certificate.isBlank();
    }

    public Path certificateFile() {
        return Path.of(certificate);
    }

    public Path keyFile() {
        return Path.of(key);
    }
}
