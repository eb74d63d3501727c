package wavegate.server.registration;

import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationService;
import wavegate.firmware.device.Endpoint;
import wavegate.server.rollout.SessionDirectory;

/** Reads Leshan's registrations in place: nothing is copied per device until it is asked for. Any thread. */
public final class LeshanSessionDirectory implements SessionDirectory {
    private final RegistrationService registrations;

    public LeshanSessionDirectory(RegistrationService registrations) {
        this.registrations = registrations;
    }

    @Override
    public Optional<Session> find(Endpoint endpoint) {
        return Optional.ofNullable(registrations.getByEndpoint(endpoint.name())).map(LeshanSessionDirectory::session);
    }

    @Override
    public int count() {
        int count = 0;
        for (Iterator<Registration> all = registrations.getAllRegistrations(); all.hasNext(); all.next()) {
            count++;
        }
        return count;
    }

    @Override
    public void forEach(Predicate<Session> visitor) {
        Iterator<Registration> all = registrations.getAllRegistrations();
        while (all.hasNext()) {
            if (!visitor.test(session(all.next()))) {
                return;
            }
        }
    }

    private static Session session(Registration registration) {
        Map<Integer, String> objects = new TreeMap<>();
        registration.getSupportedObject().forEach((id, version) -> objects.put(id, version.toString()));
        return new Session(
                new Endpoint(registration.getEndpoint()),
                registration.getId(),
                registration.getSocketAddress(),
                Duration.ofSeconds(registration.getLifeTimeInSec()),
                registration.getBindingMode().stream().map(Enum::name).collect(Collectors.joining()),
                registration.usesQueueMode(),
                registration.getLwM2mVersion().toString(),
                objects,
                registration.getRegistrationDate().toInstant(),
                registration.getLastUpdate().toInstant());
    }
}
