package wavegate.server.registration;

import java.security.Principal;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.leshan.core.node.codec.LwM2mDecoder;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.peer.SocketIdentity;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationStore;
import wavegate.firmware.device.Endpoint;
import wavegate.server.registration.GuardedResource.Refusal;

/**
 * Binds a Send to its sender, which Leshan M15 does not: the registration it would be booked to must be one the sender's credential may speak
 * for now. Any thread.
 */
final class SendCheck implements Function<Request, Optional<Refusal>> {
    private final CredentialDirectory credentials;
    private final RegistrationStore registrations;
    private final LwM2mDecoder decoder;

    SendCheck(CredentialDirectory credentials, RegistrationStore registrations, LwM2mDecoder decoder) {
        this.credentials = credentials;
        this.registrations = registrations;
        this.decoder = decoder;
    }

    @Override
    public Optional<Refusal> apply(Request request) {
        if (!request.getOptions().hasContentFormat()
                || !decoder.isSupported(
                        ContentFormat.fromCode(request.getOptions().getContentFormat()))) {
            return Refusal.badRequest("content format: expected a SenML one");
        }
        Principal principal = request.getSourceContext().getPeerIdentity();
        if (principal == null) {
            Registration registration = registrations.getRegistrationByIdentity(
                    new SocketIdentity(request.getSourceContext().getPeerAddress()));
            boolean mustUseDtls = registration != null
                    && credentials
                            .byEndpoint(new Endpoint(registration.getEndpoint()))
                            .isPresent();
            return mustUseDtls ? forbidden() : Optional.empty();
        }
        if (!(principal instanceof PreSharedKeyIdentity psk)) {
            return forbidden();
        }
        Optional<Credential> credential = credentials.byIdentity(psk.getIdentity());
        Registration registration = registrations.getRegistrationByIdentity(new PskIdentity(psk.getIdentity()));
        boolean foreign = credential.isEmpty()
                || (registration != null
                        && !registration
                                .getEndpoint()
                                .equals(credential.get().endpoint().name()));
        return foreign ? forbidden() : Optional.empty();
    }

    private static Optional<Refusal> forbidden() {
        return Optional.of(new Refusal(ResponseCode.FORBIDDEN, "not the holder of this registration"));
    }
}
