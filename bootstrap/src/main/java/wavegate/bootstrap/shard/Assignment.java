package wavegate.bootstrap.shard;

import java.util.Optional;

/**
 * Where a device belongs, and why.
 *
 * @param reason whether an operator named the shard or the ring chose it
 */
public record Assignment(Shard shard, Reason reason) {
    public enum Reason {
        RING,
        OVERRIDE
    }

    /**
     * The shard an operator names for the device, else the one the ring puts it in. An override that names a shard which is gone is passed
     * over, so that its device is not left without a server.
     *
     * @param override name of a shard, if an operator gave one
     * @return empty if no shard has any weight and no override holds
     */
    public static Optional<Assignment> of(ShardRing ring, Optional<String> override, String endpoint) {
        return override.flatMap(ring::named)
                .map(shard -> new Assignment(shard, Reason.OVERRIDE))
                .or(() -> ring.shardOf(endpoint).map(shard -> new Assignment(shard, Reason.RING)));
    }
}
