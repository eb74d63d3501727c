package wavegate.server.registration;

import java.util.Collection;
import java.util.function.Consumer;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.jspecify.annotations.Nullable;

/** Tells the name of each device that has registered, on the thread that registered it. */
public final class RegisteredNames implements RegistrationListener {
    private final Consumer<String> told;

    /** @param told must not block */
    public RegisteredNames(Consumer<String> told) {
        this.told = told;
    }

    @Override
    public void registered(
            Registration registration,
            @Nullable Registration previous,
            @Nullable Collection<Observation> observations) {
        told.accept(registration.getEndpoint());
    }

    @Override
    public void updated(RegistrationUpdate update, Registration updated, Registration previous) {}

    @Override
    public void unregistered(
            Registration registration,
            Collection<Observation> observations,
            boolean expired,
            @Nullable Registration newRegistration) {}
}
