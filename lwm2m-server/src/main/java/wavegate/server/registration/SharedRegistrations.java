package wavegate.server.registration;

import java.net.URI;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationDataExtractor;
import org.eclipse.leshan.server.registration.RegistrationDataExtractor.RegistrationData;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.jspecify.annotations.Nullable;

/**
 * Registrations that share what many have in common: objects, instances, formats, binding, the server's own URI. Leshan's builder copies the
 * collections for each registration and again at each update, 1.7 KB and a tenth of the time of an update. Nobody changes them: what is shared
 * is unmodifiable, or only ever read. Any thread.
 */
final class SharedRegistrations {
    /** A server has as many URIs as endpoints; more than this are not its own. */
    private static final int MOST_URIS = 16;

    private final RegistrationDataExtractor extractor;
    private final Map<URI, URI> uris = new ConcurrentHashMap<>();
    private final Map<EnumSet<BindingMode>, EnumSet<BindingMode>> bindings = new ConcurrentHashMap<>();

    /** @param extractor gives one result for one array of links */
    SharedRegistrations(RegistrationDataExtractor extractor) {
        this.extractor = extractor;
    }

    /** The same registration, of shared parts. */
    Registration share(Registration given) {
        Registration.Builder builder = new Registration.Builder(
                        given.getId(),
                        given.getEndpoint(),
                        given.getClientTransportData(),
                        uri(given.getLastEndpointUsed()))
                .registrationDate(given.getRegistrationDate())
                .lastUpdate(given.getLastUpdate())
                .lifeTimeInSec(given.getLifeTimeInSec())
                .smsNumber(given.getSmsNumber())
                .bindingMode(binding(given.getBindingMode()))
                .queueMode(given.getQueueMode())
                .lwM2mVersion(given.getLwM2mVersion())
                .objectLinks(given.getObjectLinks())
                .rootPath(given.getRootPath())
                .additionalRegistrationAttributes(given.getAdditionalRegistrationAttributes())
                .applicationData(given.getApplicationData());
        Link @Nullable [] links = given.getObjectLinks();
        RegistrationData data = extractor.extractDataFromObjectLinks(links, given.getLwM2mVersion());
        builder.supportedContentFormats(
                isEmpty(data.getSupportedContentFormats())
                        ? given.getSupportedContentFormats()
                        : data.getSupportedContentFormats());
        builder.supportedObjects(
                data.getSupportedObjects() == null ? given.getSupportedObject() : data.getSupportedObjects());
        builder.availableInstances(
                isEmpty(data.getAvailableInstances()) ? given.getAvailableInstances() : data.getAvailableInstances());
        return new Shared(builder);
    }

    /** An update that, applied to one of these registrations, gives another. */
    RegistrationUpdate share(RegistrationUpdate update) {
        return new SharedUpdate(update);
    }

    private static boolean isEmpty(@Nullable Collection<?> collection) {
        return collection == null || collection.isEmpty();
    }

    private URI uri(URI given) {
        URI known = uris.get(given);
        if (known == null && uris.size() < MOST_URIS) {
            known = uris.putIfAbsent(given, given);
        }
        return known == null ? given : known;
    }

    private EnumSet<BindingMode> binding(EnumSet<BindingMode> given) {
        EnumSet<BindingMode> known = bindings.get(given);
        if (known == null) {
            known = bindings.putIfAbsent(given, given);
        }
        return known == null ? given : known;
    }

    /** Takes the builder's parts as they are, where {@code build()} would copy them. */
    private static final class Shared extends Registration {
        private Shared(Registration.Builder builder) {
            super(builder);
        }
    }

    private final class SharedUpdate extends RegistrationUpdate {
        SharedUpdate(RegistrationUpdate given) {
            super(
                    given.getRegistrationId(),
                    given.getClientTransportData(),
                    given.getLifeTimeInSec(),
                    given.getSmsNumber(),
                    given.getBindingMode(),
                    given.getObjectLinks(),
                    given.getAlternatePath(),
                    given.getSupportedContentFormats(),
                    given.getSupportedObjects(),
                    given.getAvailableInstances(),
                    given.getAdditionalAttributes(),
                    given.getApplicationData());
        }

        @Override
        public Registration update(Registration before) {
            boolean onlyRenews = getObjectLinks() == null
                    && getAlternatePath() == null
                    && getSupportedContentFormats() == null
                    && getSupportedObjects() == null
                    && getAvailableInstances() == null
                    && getAdditionalAttributes().isEmpty()
                    && getApplicationData().isEmpty();
            return onlyRenews && before instanceof Shared ? renewed(before) : share(super.update(before));
        }

        private Registration renewed(Registration before) {
            // Equal peers by certificate may have shown another one since.
            boolean moved = getClientTransportData() != null
                    && (getClientTransportData().getIdentity() instanceof CertificateIdentity
                            || !getClientTransportData().equals(before.getClientTransportData()));
            return new Shared(new Registration.Builder(
                            before.getId(),
                            before.getEndpoint(),
                            moved ? getClientTransportData() : before.getClientTransportData(),
                            before.getLastEndpointUsed())
                    .registrationDate(before.getRegistrationDate())
                    .lastUpdate(Date.from(Instant.now()))
                    .lifeTimeInSec(getLifeTimeInSec() == null ? before.getLifeTimeInSec() : getLifeTimeInSec())
                    .smsNumber(getSmsNumber() == null ? before.getSmsNumber() : getSmsNumber())
                    .bindingMode(getBindingMode() == null ? before.getBindingMode() : binding(getBindingMode()))
                    .queueMode(before.getQueueMode())
                    .lwM2mVersion(before.getLwM2mVersion())
                    .objectLinks(before.getObjectLinks())
                    .rootPath(before.getRootPath())
                    .supportedContentFormats(before.getSupportedContentFormats())
                    .supportedObjects(before.getSupportedObject())
                    .availableInstances(before.getAvailableInstances())
                    .additionalRegistrationAttributes(before.getAdditionalRegistrationAttributes())
                    .applicationData(before.getApplicationData()));
        }
    }
}
