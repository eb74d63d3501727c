package wavegate.bootstrap.shard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Consistent hashing: each shard has points on a circle of 2^64, as many as its weight asks for, and a device belongs to the first point at or
 * behind the hash of its endpoint name. A shard that comes takes its share from all others alike and moves nobody else; one that goes leaves
 * its devices to the others. The same shards give the same ring on every machine and in every release. Immutable.
 */
public final class ShardRing {
    /** 256 points keep a shard within about a sixth of its due share. */
    private static final int POINTS_PER_WEIGHT = 256;

    private record Point(long at, Shard shard) {}

    private final List<Shard> shards;
    private final long[] places;
    private final Shard[] owners;

    private ShardRing(List<Shard> shards, List<Point> points) {
        this.shards = shards;
        this.places = points.stream().mapToLong(Point::at).toArray();
        this.owners = points.stream().map(Point::shard).toArray(Shard[]::new);
    }

    /** @throws IllegalArgumentException if two shards share a name */
    public static ShardRing of(Collection<Shard> shards) {
        List<Shard> byName =
                shards.stream().sorted(Comparator.comparing(Shard::name)).toList();
        for (int i = 1; i < byName.size(); i++) {
            if (byName.get(i).name().equals(byName.get(i - 1).name())) {
                throw new IllegalArgumentException("shard: " + byName.get(i).name() + " occurs twice");
            }
        }
        List<Point> points = byName.stream()
                .flatMap(shard -> java.util.stream.IntStream.range(0, shard.weight() * POINTS_PER_WEIGHT)
                        .mapToObj(i -> new Point(hash(shard.name() + "#" + i), shard)))
                .sorted((a, b) -> Long.compareUnsigned(a.at(), b.at()))
                .toList();
        return new ShardRing(byName, points);
    }

    /** By name. */
    public List<Shard> shards() {
        return shards;
    }

    public Optional<Shard> named(String name) {
        return shards.stream().filter(shard -> shard.name().equals(name)).findFirst();
    }

    /** The shard an endpoint falls to; empty if no shard has any weight. */
    public Optional<Shard> shardOf(String endpoint) {
        if (places.length == 0) {
            return Optional.empty();
        }
        return Optional.of(owners[firstAtOrBehind(hash(endpoint))]);
    }

    private int firstAtOrBehind(long place) {
        int low = 0;
        int high = places.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(places[middle], place) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == places.length ? 0 : low;
    }

    private static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "ShardRing" + Arrays.asList(shards.toArray());
    }
}
