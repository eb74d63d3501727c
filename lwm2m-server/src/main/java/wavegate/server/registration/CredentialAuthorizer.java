package wavegate.server.registration;

import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.request.UplinkRequest;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.security.Authorization;
import org.eclipse.leshan.server.security.Authorizer;
import wavegate.firmware.device.Endpoint;

/**
 * Binds an endpoint name to its credential: over DTLS a device may speak only for the endpoint its credential belongs to, and an endpoint that
 * has one may not speak without it. Asked for Register, Registration Update and De-register on CoAP protocol threads.
 */
final class CredentialAuthorizer implements Authorizer {
    private final CredentialHolders holders;
    private final AtomicLong refused = new AtomicLong();

    CredentialAuthorizer(CredentialHolders holders) {
        this.holders = holders;
    }

    @Override
    public Authorization isAuthorized(UplinkRequest<?> request, Registration registration, LwM2mPeer sender) {
        return maySpeakFor(registration.getEndpoint(), sender.getIdentity())
                ? Authorization.approved()
                : Authorization.declined();
    }

    /** Whether who has shown this identity may speak for the endpoint; if so, its credential counts as used. */
    boolean maySpeakFor(String endpoint, LwM2mIdentity identity) {
        if (Endpoint.isValid(endpoint) && holders.maySpeakFor(endpoint, identity)) {
            holders.used(identity);
            return true;
        }
        refused.incrementAndGet();
        return false;
    }

    /** Requests turned back so far because the sender is not who it says. */
    long refused() {
        return refused.get();
    }
}
