package wavegate.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The CoAP endpoint over DTLS. {@code port} 0 takes any free one.
 *
 * @param privateKey PEM file of the server's own EC key; empty: one is made at the first start and kept encrypted
 * @param certificate PEM file of its certificate chain; empty: a self-signed one is made. Both or none
 * @param tenants folder with a PEM file of certificate authorities for each tenant, and beside it its CRL; relative to the data directory
 * @param maxLife longest validity of a device's certificate where its tenant has no CRL
 * @param connectionIdLength bytes of the DTLS connection id, by which a device is known behind a changing address; 0 for none
 * @param maxConnections most DTLS connections at a time; 1.5 times the devices
 * @param keepConnections whether connections are carried over a planned restart, encrypted
 */
public record CoapsSettings(
        boolean enabled,
        String host,
        int port,
        String privateKey,
        String certificate,
        Path tenants,
        Duration maxLife,
        int connectionIdLength,
        int maxConnections,
        boolean keepConnections) {
    public static final CoapsSettings DEFAULT = new CoapsSettings(
            true, "127.0.0.1", 5684, "", "", Path.of("tenants"), Duration.ofDays(30), 6, 150_000, true);

    public CoapsSettings {
        new Checks()
                .notBlank("host", host)
                .port("port", port)
                .that(
                        privateKey.isEmpty() == certificate.isEmpty(),
                        "certificate",
                        certificate,
                        "a file where private-key is one, else nothing")
                .notBlank("tenants", tenants.toString())
                .positive("max-life", maxLife)
                .that(
                        connectionIdLength == 0 || (connectionIdLength >= 4 && connectionIdLength <= 16),
                        "connection-id-length",
                        connectionIdLength,
                        "4 to 16 bytes, or 0 for none")
                .that(
                        maxConnections >= 10 && maxConnections <= 10_000_000,
                        "max-connections",
                        maxConnections,
                        "10 to 10000000")
                .done();
    }
}
