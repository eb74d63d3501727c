package wavegate.server.registration;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.request.UplinkRequest;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.security.Authorization;
import org.eclipse.leshan.server.security.Authorizer;
import wavegate.firmware.device.Endpoint;

/**
 * Binds an endpoint name to its credential: over DTLS a device may speak only for the endpoint its key belongs to, and an endpoint that has a
 * key may not speak without it. Asked for Register, Registration Update and De-register on CoAP protocol threads.
 */
final class CredentialAuthorizer implements Authorizer {
    private final CredentialDirectory credentials;
    private final AtomicLong refused = new AtomicLong();

    CredentialAuthorizer(CredentialDirectory credentials) {
        this.credentials = credentials;
    }

    @Override
    public Authorization isAuthorized(UplinkRequest<?> request, Registration registration, LwM2mPeer sender) {
        if (Endpoint.isValid(registration.getEndpoint())
                && maySpeakFor(new Endpoint(registration.getEndpoint()), sender)) {
            return Authorization.approved();
        }
        refused.incrementAndGet();
        return Authorization.declined();
    }

    /** Requests turned back so far because the sender is not who it says. */
    long refused() {
        return refused.get();
    }

    boolean maySpeakFor(Endpoint endpoint, LwM2mPeer sender) {
        if (sender.getIdentity() instanceof PskIdentity psk) {
            Optional<Credential> credential = credentials.byIdentity(psk.getPskIdentity());
            return credential.isPresent() && credential.get().endpoint().equals(endpoint);
        }
        return !sender.getIdentity().isSecure()
                && credentials.byEndpoint(endpoint).isEmpty();
    }
}
