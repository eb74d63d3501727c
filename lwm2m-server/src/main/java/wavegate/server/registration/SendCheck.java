package wavegate.server.registration;

import java.util.Optional;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.leshan.core.node.codec.LwM2mDecoder;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationStore;
import wavegate.server.registration.GuardedResource.Refusal;

/**
 * Binds a Send to its sender, which Leshan M15 does not: the registration it would be booked to must be one the sender's credential may speak
 * for now. Any thread.
 */
final class SendCheck implements Function<Request, Optional<Refusal>> {
    private final CredentialHolders holders;
    private final DtlsIdentities identities;
    private final RegistrationStore registrations;
    private final LwM2mDecoder decoder;

    SendCheck(
            CredentialHolders holders,
            DtlsIdentities identities,
            RegistrationStore registrations,
            LwM2mDecoder decoder) {
        this.holders = holders;
        this.identities = identities;
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
        Optional<LwM2mIdentity> identity = identities.of(request.getSourceContext());
        if (identity.isEmpty()) {
            return forbidden();
        }
        LwM2mIdentity sender = identity.get();
        if (sender.isSecure() && holders.credential(sender).isEmpty()) {
            return forbidden();
        }
        // Without a registration it is Leshan's to answer.
        Registration registration = registrations.getRegistrationByIdentity(sender);
        return registration == null || holders.maySpeakFor(registration.getEndpoint(), sender)
                ? Optional.empty()
                : forbidden();
    }

    private static Optional<Refusal> forbidden() {
        return Optional.of(new Refusal(ResponseCode.FORBIDDEN, "not the holder of this registration"));
    }
}
