package wavegate.config;

import java.nio.file.Path;

/** Packages: where the public keys lie that may sign (one PEM file each; relative to the data directory), and the longest envelope accepted. */
public record PackageSettings(Path trustedKeys, DataSize maxSize) {
    public static final PackageSettings DEFAULT = new PackageSettings(Path.of("keys"), DataSize.ofMiB(512));

    public PackageSettings {
        new Checks()
                .notBlank("trusted-keys", trustedKeys.toString())
                .atLeast("max-size", maxSize.bytes(), 1024)
                .done();
    }
}
