package wavegate.server.registration;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationStore;
import wavegate.server.registration.GuardedResource.Refusal;

/**
 * Keeps a registration with the credential it was made with. A device that comes with another one of its own, after a rotation, is told 4.04 and
 * registers anew: its observations would be matched against the earlier credential and come to nothing. Any thread.
 */
final class SameCredentialCheck implements Function<Request, Optional<Refusal>> {
    private final CredentialHolders holders;
    private final DtlsIdentities identities;
    private final RegistrationStore registrations;

    SameCredentialCheck(CredentialHolders holders, DtlsIdentities identities, RegistrationStore registrations) {
        this.holders = holders;
        this.identities = identities;
        this.registrations = registrations;
    }

    @Override
    public Optional<Refusal> apply(Request request) {
        List<String> path = request.getOptions().getUriPath();
        Registration registration = path.size() == 2 ? registrations.getRegistration(path.get(1)) : null;
        if (registration == null) {
            return Optional.empty();
        }
        LwM2mIdentity made = registration.getClientTransportData().getIdentity();
        Optional<LwM2mIdentity> shown = identities.of(request.getSourceContext());
        boolean another = shown.isPresent()
                && (made.isSecure() || shown.get().isSecure())
                && !shown.get().equals(made)
                && holders.maySpeakFor(registration.getEndpoint(), shown.get());
        // Whoever may not speak for it at all is turned back by the authorizer.
        return another
                ? Optional.of(new Refusal(ResponseCode.NOT_FOUND, "registered with another credential, register anew"))
                : Optional.empty();
    }
}
