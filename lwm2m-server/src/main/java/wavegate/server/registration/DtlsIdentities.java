package wavegate.server.registration;

import java.security.Principal;
import java.util.Optional;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.californium.elements.auth.RawPublicKeyIdentity;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.peer.RpkIdentity;

/** Who has shown itself in a DTLS handshake, as Leshan names it. Any thread. */
final class DtlsIdentities {
    Optional<LwM2mIdentity> of(Principal principal) {
        if (principal instanceof PreSharedKeyIdentity psk) {
            return Optional.of(new PskIdentity(psk.getIdentity()));
        }
        if (principal instanceof RawPublicKeyIdentity rpk) {
            return Optional.of(new RpkIdentity(rpk.getKey()));
        }
        return Optional.empty();
    }
}
