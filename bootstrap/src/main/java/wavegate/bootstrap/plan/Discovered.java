package wavegate.bootstrap.plan;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a device answered to Bootstrap-Discover.
 *
 * @param extent how much was asked and answered
 * @param version {@code lwm2m} attribute, like 1.1; empty if it was not said
 * @param instances numbers in use, for each object named
 * @param shortServerIds for each instance of Security and Server that said one: key is {@code object * 65536 + instance}
 */
public record Discovered(
        Extent extent,
        Optional<String> version,
        Map<Integer, SortedSet<Integer>> instances,
        Map<Integer, Integer> shortServerIds) {
    public enum Extent {
        /** All objects: the device answered for the root. */
        ALL,
        /** Security and Server only. */
        ACCOUNTS,
        /** Nothing: the device cannot be asked. */
        NOTHING
    }

    public static final Discovered NOTHING = new Discovered(Extent.NOTHING, Optional.empty(), Map.of(), Map.of());

    /** Beyond what any device has; the rest of such an answer is passed over. */
    private static final int MOST_LINKS = 1_000;

    public Discovered {
        Map<Integer, SortedSet<Integer>> copy = new TreeMap<>();
        instances.forEach((object, numbers) -> copy.put(object, new TreeSet<>(numbers)));
        instances = copy;
        shortServerIds = new TreeMap<>(shortServerIds);
    }

    /**
     * Reads link format as devices write it: {@code </0/0>}, {@code </0/1>;ssid=101;uri="coaps://..."}, {@code </>;lwm2m=1.1}, and the
     * {@code lwm2m="1.0"} without brackets of the first edition. What cannot be read is passed over.
     */
    public static Discovered parse(Extent extent, String links) {
        Optional<String> version = Optional.empty();
        Map<Integer, SortedSet<Integer>> instances = new TreeMap<>();
        Map<Integer, Integer> ids = new TreeMap<>();
        int count = 0;
        for (String link : LinkFormat.split(links, ',')) {
            if (++count > MOST_LINKS) {
                break;
            }
            var parts = LinkFormat.split(link, ';');
            String target = parts.get(0).strip();
            Map<String, String> attributes = LinkFormat.attributes(parts);
            if (version.isEmpty()) {
                version = Optional.ofNullable(attributes.get("lwm2m")).filter(v -> v.matches("\\d{1,2}\\.\\d{1,2}"));
            }
            int[] path = LinkFormat.path(target);
            if (path.length == 0) {
                continue;
            }
            SortedSet<Integer> numbers = instances.computeIfAbsent(path[0], object -> new TreeSet<>());
            if (path.length > 1) {
                numbers.add(path[1]);
                int key = key(path[0], path[1]);
                LinkFormat.number(attributes.get("ssid")).ifPresent(id -> ids.put(key, id));
            }
        }
        return new Discovered(extent, version, instances, ids);
    }

    /** Both answers together, where a device is asked object by object. */
    Discovered and(Discovered other) {
        Map<Integer, SortedSet<Integer>> both = new TreeMap<>(instances);
        both.putAll(other.instances);
        Map<Integer, Integer> ids = new TreeMap<>(shortServerIds);
        ids.putAll(other.shortServerIds);
        return new Discovered(extent, version.or(() -> other.version), both, ids);
    }

    /** The same with short server ids that were read from Server instances. */
    Discovered withServerIds(Map<Integer, Integer> byInstance) {
        Map<Integer, Integer> ids = new TreeMap<>(shortServerIds);
        byInstance.forEach((instance, id) -> ids.put(key(ObjectId.SERVER, instance), id));
        return new Discovered(extent, version, instances, ids);
    }

    public Set<Integer> objects() {
        return instances.keySet();
    }

    /** In rising order; empty if the object is not there or has none. */
    public SortedSet<Integer> instancesOf(int object) {
        return instances.getOrDefault(object, new TreeSet<>());
    }

    OptionalInt shortServerId(int object, int instance) {
        Integer id = shortServerIds.get(key(object, instance));
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Security instances without a short server id: the bootstrap account, which survives every Delete. */
    SortedSet<Integer> bootstrapAccounts() {
        SortedSet<Integer> without = new TreeSet<>(instancesOf(ObjectId.SECURITY));
        without.removeIf(instance -> shortServerId(ObjectId.SECURITY, instance).isPresent());
        return without;
    }

    private static int key(int object, int instance) {
        return object << 16 | instance;
    }
}
