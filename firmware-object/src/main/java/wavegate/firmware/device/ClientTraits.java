package wavegate.firmware.device;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a device has shown of its client, besides its identity.
 *
 * @param objectVersion version of Object 5 in its registration, {@code 1.0} to {@code 1.2}; empty before it was looked at, or without Object 5
 * @param behaviours what it did in updates
 */
public record ClientTraits(String objectVersion, SortedSet<ClientBehaviour> behaviours) {
    public static final ClientTraits NONE = new ClientTraits("", new TreeSet<>());
    private static final int LONGEST_VERSION = 16;

    public ClientTraits {
        objectVersion =
                objectVersion.length() > LONGEST_VERSION ? objectVersion.substring(0, LONGEST_VERSION) : objectVersion;
        behaviours = Collections.unmodifiableSortedSet(new TreeSet<>(behaviours));
    }

    public ClientTraits withObjectVersion(String version) {
        return new ClientTraits(version, behaviours);
    }

    public ClientTraits with(ClientBehaviour behaviour) {
        if (behaviours.contains(behaviour)) {
            return this;
        }
        TreeSet<ClientBehaviour> more = new TreeSet<>(behaviours);
        more.add(behaviour);
        return new ClientTraits(objectVersion, more);
    }

    public boolean shows(ClientBehaviour behaviour) {
        return behaviours.contains(behaviour);
    }
}
