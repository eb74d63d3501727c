package wavegate.firmware.update;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What the object that is driven showed besides State and Update Result.
 *
 * @param slot where it was read
 * @param objectVersion as registered: {@code 1.0}, {@code 1.1}, {@code 1.2}; {@code 1.0} where nothing was said
 * @param packageUri /5/0/1; empty if it is empty or unreadable
 * @param packageVersion /5/0/7, which many clients have only while they hold a package; empty if not there
 * @param stateChanged /5/0/12; empty if not there
 * @param resources ids of the resources that were readable
 * @param linked whether a component names others that are updated with it, /33629/x/16
 */
public record ObjectDetails(
        FirmwareSlot slot,
        String objectVersion,
        String packageUri,
        String packageVersion,
        Optional<Instant> stateChanged,
        Set<Integer> resources,
        boolean linked) {
    public static final ObjectDetails BARE =
            new ObjectDetails(FirmwareSlot.OBJECT_5, "1.0", "", "", Optional.empty(), Set.of(), false);

    public ObjectDetails {
        resources = Set.copyOf(resources);
    }

    public boolean has(int resource) {
        return resources.contains(resource);
    }
}
