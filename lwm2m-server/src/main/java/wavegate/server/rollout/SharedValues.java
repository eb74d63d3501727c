package wavegate.server.rollout;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.device.ClientTraits;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * One object for equal values of many devices: a fleet has few models, versions and labels, and each device came with a copy of its own from
 * the wire or the ledger. Bounded, so that devices that all say something different only go unshared. Rollout thread only.
 */
final class SharedValues {
    private static final int MOST = 10_000;

    private final Map<DeviceIdentity, DeviceIdentity> identities = new HashMap<>();
    /** By spelling: two spellings of one version are equal, and each device keeps its own. */
    private final Map<String, FirmwareVersion> versions = new HashMap<>();

    private final Map<Labels, Labels> labels = new HashMap<>();

    private final Map<ClientTraits, ClientTraits> clients = new HashMap<>();

    private final Map<String, String> cells = new HashMap<>();

    /** @param endpoint an equal one that is kept already */
    Device share(Device device, Endpoint endpoint) {
        return new Device(
                endpoint,
                one(identities, device.identity(), device.identity()),
                one(versions, device.firmware().text(), device.firmware()),
                one(labels, device.operatorLabels(), device.operatorLabels()),
                one(labels, device.reportedLabels(), device.reportedLabels()),
                device.firstSeen(),
                device.client().map(traits -> one(clients, traits, traits)),
                device.cell().map(cell -> one(cells, cell, cell)));
    }

    private static <K, V> V one(Map<K, V> known, K key, V value) {
        V shared = known.get(key);
        if (shared == null && known.size() < MOST) {
            known.put(key, value);
        }
        return shared == null ? value : shared;
    }

    /** The same members, named by the endpoints of the devices that are known. */
    static Membership share(Membership membership, Map<Endpoint, Device> devices) {
        return new Membership(membership.waves().stream()
                .map(wave -> new Membership.WaveMembers(share(wave.members(), devices), share(wave.control(), devices)))
                .toList());
    }

    private static List<Endpoint> share(List<Endpoint> endpoints, Map<Endpoint, Device> devices) {
        return endpoints.stream()
                .map(endpoint -> {
                    Device device = devices.get(endpoint);
                    return device == null ? endpoint : device.endpoint();
                })
                .toList();
    }
}
