package wavegate.server.rollout;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.ClientTraits;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.update.DeviceStatus;

/** What is known of the clients of devices: keeps what they show as facts, and says by which profile each is treated. Rollout thread only. */
final class Clients {
    private static final int MOST_KEPT = 10_000;

    private record Shown(Optional<String> wanted, DeviceIdentity identity, ClientTraits traits) {}

    private final RolloutEngine engine;
    /** A fleet has few kinds of clients; bounded all the same. */
    private final Map<Shown, ClientProfile> chosen = new HashMap<>();

    Clients(RolloutEngine engine) {
        this.engine = engine;
    }

    ClientProfile profile(Endpoint endpoint) {
        return engine.state().device(endpoint).map(this::profile).orElse(ClientProfile.CAREFUL);
    }

    private ClientProfile profile(Device device) {
        ClientProfiles profiles = engine.parts().settings().clients();
        if (profiles == ClientProfiles.NONE) {
            return ClientProfile.CAREFUL;
        }
        Shown shown = new Shown(
                device.labels().clientProfile(),
                device.identity(),
                device.client().orElse(ClientTraits.NONE));
        ClientProfile known = chosen.get(shown);
        if (known != null) {
            return known;
        }
        ClientProfile found = profiles.choose(device).profile();
        if (chosen.size() < MOST_KEPT) {
            chosen.put(shown, found);
        }
        return found;
    }

    ClientTraits traits(Endpoint endpoint) {
        return engine.state().device(endpoint).flatMap(Device::client).orElse(ClientTraits.NONE);
    }

    /** A status was read: the object's version, and whether there is a version to prove an update by. */
    void sawObject(Endpoint endpoint, DeviceStatus status) {
        ClientTraits before = traits(endpoint);
        ClientTraits after =
                status.hasObject5() ? before.withObjectVersion(status.details().objectVersion()) : before;
        keep(endpoint, status.version().known() ? after : after.with(ClientBehaviour.NO_VERSION));
    }

    void shown(Endpoint endpoint, ClientBehaviour behaviour) {
        keep(endpoint, traits(endpoint).with(behaviour));
    }

    private void keep(Endpoint endpoint, ClientTraits traits) {
        Optional<Device> device = engine.state().device(endpoint);
        if (device.isPresent()
                && !device.get().client().orElse(ClientTraits.NONE).equals(traits)) {
            engine.turn()
                    .record(new Fact.DeviceChanged(
                            engine.turn().now(), device.get().showing(traits)));
        }
    }

    /**
     * The version a device runs, after a read of its Device object. Where PkgVersion is believed, that is what waits in State 2 too, and such a read
     * does not show the State: what is known stays.
     */
    FirmwareVersion told(RolloutInput.DeviceRead read) {
        return switch (profile(read.endpoint()).version()) {
            case FIRMWARE_VERSION -> read.version();
            case PKG_VERSION ->
                engine.state()
                        .device(read.endpoint())
                        .map(Device::firmware)
                        .filter(FirmwareVersion::known)
                        .orElse(read.packageVersion());
            case NONE -> FirmwareVersion.UNKNOWN;
        };
    }
}
