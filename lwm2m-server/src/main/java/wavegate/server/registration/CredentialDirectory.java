package wavegate.server.registration;

import java.util.Optional;
import wavegate.firmware.device.Endpoint;

/** Who may speak over DTLS. Asked on DTLS handshake threads, so it answers from memory and never blocks. */
public interface CredentialDirectory {
    Optional<Credential> byIdentity(String pskIdentity);

    Optional<Credential> byEndpoint(Endpoint endpoint);
}
