package wavegate.bootstrap.account;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import wavegate.bootstrap.shard.Shard;

/**
 * What a device is given.
 *
 * @param keys kind of the credential for its servers
 * @param servers its LwM2M servers, 1..8 with distinct short server ids
 * @param lifetimeSeconds registration lifetime it is to ask for
 * @param binding letters of U T S N Q
 * @param singleUse whether its bootstrap credential is revoked once it has what it came for
 * @param plain whether it may come over coap, without any proof; only for laboratories
 */
public record Terms(
        KeyKind keys, List<Place> servers, int lifetimeSeconds, String binding, boolean singleUse, boolean plain) {
    /** What is made for a server that asks for proof. */
    public enum KeyKind {
        /** A key of 16 random bytes and an identity of its own. */
        PSK,
        /** A key pair on P-256, and the server's public key. */
        RPK,
        /** Nothing: the device keeps the certificate it was made with, and is told its server's. */
        X509,
        /** A security context for OSCORE, and the server's address for that. */
        OSCORE
    }

    /**
     * One server of a device: a shard by name, a fixed address, or, with neither, the shard the device belongs to.
     *
     * @param shortServerId 1..65534
     * @param shard name of a shard; empty otherwise
     * @param uri a fixed address, whose credential must be in the store already; empty otherwise
     * @param owns objects whose instances this server may change
     */
    public record Place(int shortServerId, String shard, String uri, SortedSet<Integer> owns) {
        public Place {
            require(shortServerId >= 1 && shortServerId <= 65_534, "short-server-id", "" + shortServerId, "1 to 65534");
            require(shard.isEmpty() || uri.isEmpty(), "server", shard + " and " + uri, "shard or uri, not both");
            if (!uri.isEmpty()) {
                Shard.requireServerUri("server-uri", uri);
            }
            owns = new TreeSet<>(owns);
            require(
                    owns.stream().allMatch(object -> object > 1 && object < 65_535 && object != 21),
                    "owns",
                    owns.toString(),
                    "object ids of 2 to 65534, not 21");
        }

        /** The shard the device belongs to. */
        public static Place assigned(int shortServerId) {
            return new Place(shortServerId, "", "", new TreeSet<>());
        }

        public static Place at(int shortServerId, String uri) {
            return new Place(shortServerId, "", uri, new TreeSet<>());
        }

        public boolean isFixed() {
            return !uri.isEmpty();
        }
    }

    public static final int MOST_SERVERS = 8;
    public static final int DEFAULT_LIFETIME = 86_400;

    /** One server, the shard it belongs to, with a pre-shared key. */
    public static final Terms DEFAULT =
            new Terms(KeyKind.PSK, List.of(Place.assigned(1)), DEFAULT_LIFETIME, "U", false, false);

    public Terms {
        servers = List.copyOf(servers);
        require(
                !servers.isEmpty() && servers.size() <= MOST_SERVERS,
                "servers",
                servers.size() + "",
                "1 to " + MOST_SERVERS);
        Set<Integer> ids = new HashSet<>();
        servers.forEach(place -> require(
                ids.add(place.shortServerId()),
                "short-server-id",
                "" + place.shortServerId(),
                "another for each server"));
        require(lifetimeSeconds >= 1, "lifetime", "" + lifetimeSeconds, "1 s or more");
        require(binding.matches("[UTSNQ]{1,5}"), "binding", binding, "letters of U T S N Q");
    }

    static void require(boolean holds, String what, String value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
        }
    }
}
