package wavegate.server.registration;

import java.util.Arrays;
import java.util.Collections;
import org.eclipse.leshan.core.LwM2m.LwM2mVersion;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.server.registration.DefaultRegistrationDataExtractor;
import org.eclipse.leshan.server.registration.RegistrationDataExtractor;
import org.jspecify.annotations.Nullable;

/**
 * What follows from an object list (objects, instances, formats), computed once for each list that {@link InterningLinkParser} hands out and
 * shared by all registrations that have it. Any thread.
 */
final class InterningDataExtractor implements RegistrationDataExtractor {
    private record Key(Link[] links, LwM2mVersion version) {
        // The parser hands out one array per list, so the array itself is the key: comparing links one by one would
        // cost more than it saves.
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.links == links && key.version.equals(version);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(links) * 31 + version.hashCode();
        }

        @Override
        public String toString() {
            return version + " " + Arrays.toString(links);
        }
    }

    private final RegistrationDataExtractor extractor = new DefaultRegistrationDataExtractor();
    private final LruCache<Key, RegistrationData> seen = new LruCache<>(1024);

    @Override
    public RegistrationData extractDataFromObjectLinks(Link @Nullable [] objectLinks, LwM2mVersion version) {
        if (objectLinks == null) {
            return extractor.extractDataFromObjectLinks(null, version);
        }
        Key key = new Key(objectLinks, version);
        RegistrationData known = seen.get(key);
        if (known == null) {
            known = frozen(extractor.extractDataFromObjectLinks(objectLinks, version));
            seen.put(key, known);
        }
        return known;
    }

    private static RegistrationData frozen(RegistrationData data) {
        data.setAvailableInstances(Collections.unmodifiableSet(data.getAvailableInstances()));
        data.setSupportedObjects(Collections.unmodifiableMap(data.getSupportedObjects()));
        data.setSupportedContentFormats(Collections.unmodifiableSet(data.getSupportedContentFormats()));
        return data;
    }
}
