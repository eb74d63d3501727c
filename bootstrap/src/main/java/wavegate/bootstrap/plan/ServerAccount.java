package wavegate.bootstrap.plan;

import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One LwM2M server a device is given.
 *
 * @param shortServerId 1..65534, one for each server of a device
 * @param uri {@code coaps://host:port} or {@code coap://host:port}
 * @param lifetimeSeconds registration lifetime the device is to ask for
 * @param binding letters of U T S N Q
 * @param owns objects whose instances this server may change; a device with several servers gets access control for them
 */
public record ServerAccount(
        int shortServerId,
        String uri,
        Keys keys,
        Optional<OscoreKeys> oscore,
        int lifetimeSeconds,
        String binding,
        SortedSet<Integer> owns) {
    public ServerAccount {
        if (shortServerId < 1 || shortServerId > 65_534) {
            throw new IllegalArgumentException("short server id: " + shortServerId + " (expected: 1..65534)");
        }
        if (lifetimeSeconds < 1) {
            throw new IllegalArgumentException("lifetime: " + lifetimeSeconds + " (expected: 1 s or more)");
        }
        owns = new TreeSet<>(owns);
    }

    /** Instance of object 21. Never shows the secret. */
    public record OscoreKeys(byte[] masterSecret, byte[] masterSalt, byte[] senderId, byte[] recipientId) {
        @Override
        public String toString() {
            return "OscoreKeys";
        }
    }
}
