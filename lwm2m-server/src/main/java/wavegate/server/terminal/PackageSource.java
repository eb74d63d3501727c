package wavegate.server.terminal;

import java.util.Optional;
import java.util.Set;
import wavegate.firmware.object.UpdateProtocol;

/** Where an image is fetched from. Any thread. */
public interface PackageSource {
    /**
     * A URI of at most 255 characters; empty if nothing it can fetch by is served to it.
     *
     * @param secure whether the terminal has asked by DTLS or TLS, and so has a key
     * @param fetches what it can fetch by
     */
    Optional<String> uri(boolean secure, Set<UpdateProtocol> fetches, String token);
}
