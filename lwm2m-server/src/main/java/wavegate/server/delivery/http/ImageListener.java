package wavegate.server.delivery.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where images are handed out.
 *
 * @param connections open at one time; further ones are closed at once
 * @param headersWithin how long a connection may be open without a request
 * @param idle how long nothing may move on a connection
 */
public record ImageListener(
        String host, int port, int connections, Duration headersWithin, Duration idle, Optional<Tls> tls) {
    /** A certificate chain and its key as PEM files, looked at for changes every {@code reload}. */
    public record Tls(Path certificate, Path key, Duration reload) {}

    public static ImageListener at(String host, int port, int connections, Optional<Tls> tls) {
        return new ImageListener(host, port, connections, Duration.ofSeconds(10), Duration.ofSeconds(60), tls);
    }
}
