package wavegate.sim;

import java.util.Optional;
import wavegate.sim.coap.Psk;

/** The keys modules leave the factory with. Asked on the fleet's thread, once per full handshake. */
public interface PskSource {
    PskSource NONE = endpoint -> Optional.empty();

    Optional<Psk> of(String endpoint);
}
