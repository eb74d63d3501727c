package wavegate.server.delivery;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.update.DeviceStatus;
import wavegate.firmware.update.UpdateId;

/**
 * What each device under update can pull by: what it listed when it was read last, less what it has answered with result 9. Not kept over a
 * restart, after which a refused scheme costs one more try. Any thread.
 */
final class PullSchemes {
    private final ConcurrentHashMap<UpdateId, Known> known = new ConcurrentHashMap<>();

    private static final class Known {
        private Set<UpdateProtocol> listed = Set.of();
        private final Set<UpdateProtocol> refused = EnumSet.noneOf(UpdateProtocol.class);
        private Optional<UpdateProtocol> last = Optional.empty();

        synchronized void read(DeviceStatus status) {
            listed = status.protocols();
            if (status.firmware().result().equals(UpdateResult.UNSUPPORTED_PROTOCOL)) {
                last.ifPresent(refused::add);
            }
        }

        synchronized Optional<String> uri(PackageUris uris, boolean secure, String token) {
            last = uris.scheme(secure, listed, refused);
            return last.map(scheme -> uris.uri(scheme, token));
        }
    }

    void read(UpdateId update, DeviceStatus status) {
        of(update).read(status);
    }

    /** The URI to write; empty if no scheme is left. */
    Optional<String> uri(PackageUris uris, UpdateId update, boolean secure, String token) {
        return of(update).uri(uris, secure, token);
    }

    void forget(UpdateId update) {
        known.remove(update);
    }

    private Known of(UpdateId update) {
        return known.computeIfAbsent(update, key -> new Known());
    }
}
