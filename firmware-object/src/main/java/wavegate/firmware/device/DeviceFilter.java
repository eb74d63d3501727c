package wavegate.firmware.device;

import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import wavegate.firmware.pkg.FirmwareVersion;

/** Which devices a campaign is for: each non-empty set must hold the device's value; every tag named must be on the device. All empty: every device. */
public record DeviceFilter(
        SortedSet<String> regions,
        SortedSet<String> carriers,
        SortedSet<String> tags,
        SortedSet<String> manufacturers,
        SortedSet<String> models,
        SortedSet<String> hardware,
        SortedSet<String> versions) {

    public static final DeviceFilter ALL = of(Set.of(), Set.of(), Set.of());

    public DeviceFilter {
        regions = copy(regions);
        carriers = copy(carriers);
        tags = copy(tags);
        manufacturers = copy(manufacturers);
        models = copy(models);
        hardware = copy(hardware);
        versions = copy(versions);
    }

    public static DeviceFilter of(Set<String> regions, Set<String> models, Set<String> versions) {
        return new DeviceFilter(
                new TreeSet<>(regions),
                new TreeSet<>(),
                new TreeSet<>(),
                new TreeSet<>(),
                new TreeSet<>(models),
                new TreeSet<>(),
                new TreeSet<>(versions));
    }

    private static SortedSet<String> copy(SortedSet<String> set) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(set));
    }

    public boolean matches(Device device) {
        Labels labels = device.labels();
        return admits(regions, labels.region())
                && admits(carriers, labels.carrier())
                && labels.tags().containsAll(tags)
                && admits(manufacturers, device.identity().manufacturer())
                && admits(models, device.identity().model())
                && admits(hardware, device.identity().hardware())
                && (versions.isEmpty()
                        || versions.stream().anyMatch(v -> FirmwareVersion.of(v).equals(device.firmware())));
    }

    private static boolean admits(Set<String> allowed, String value) {
        return allowed.isEmpty() || allowed.contains(value);
    }
}
