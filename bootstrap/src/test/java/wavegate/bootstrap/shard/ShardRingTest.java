package wavegate.bootstrap.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardRingTest {
    private static final List<String> FLEET =
            IntStream.range(0, 50_000).mapToObj(i -> "urn:imei:35" + i).toList();

    private static List<Shard> shards(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Shard("s" + i, "coaps://s" + i + ".example:5684", 1))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static Map<String, String> placed(ShardRing ring) {
        return FLEET.stream()
                .collect(Collectors.toMap(
                        e -> e, e -> ring.shardOf(e).orElseThrow().name()));
    }

    @Test
    void each_shard_has_about_its_due_share() {
        Map<String, Long> sizes = placed(ShardRing.of(shards(8))).values().stream()
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));

        assertThat(sizes).hasSize(8);
        assertThat(sizes.values()).allSatisfy(size -> assertThat(size).isBetween(5_000L, 7_500L));
    }

    @Test
    void a_shard_that_comes_moves_about_one_nth_and_only_to_itself() {
        Map<String, String> before = placed(ShardRing.of(shards(8)));
        Map<String, String> after = placed(ShardRing.of(shards(9)));

        List<String> moved =
                FLEET.stream().filter(e -> !before.get(e).equals(after.get(e))).toList();

        // Due: 50,000 / 9 = 5,556. Hashing modulo the count would move eight of nine.
        assertThat(moved).hasSizeBetween(4_700, 6_400);
        assertThat(moved).allSatisfy(e -> assertThat(after.get(e)).isEqualTo("s8"));
    }

    @Test
    void a_shard_that_goes_moves_only_its_own_devices() {
        Map<String, String> before = placed(ShardRing.of(shards(8)));
        List<Shard> fewer = shards(8);
        fewer.remove(3);
        Map<String, String> after = placed(ShardRing.of(fewer));

        assertThat(FLEET).allSatisfy(e -> {
            if (!before.get(e).equals("s3")) {
                assertThat(after.get(e)).isEqualTo(before.get(e));
            }
        });
    }

    @Test
    void weight_is_a_share_and_none_takes_nobody() {
        ShardRing ring = ShardRing.of(List.of(
                new Shard("big", "coaps://a:5684", 3),
                new Shard("small", "coaps://b:5684", 1),
                new Shard("closed", "coaps://c:5684", 0)));
        Map<String, Long> sizes =
                placed(ring).values().stream().collect(Collectors.groupingBy(name -> name, Collectors.counting()));

        assertThat(sizes.keySet()).containsExactlyInAnyOrder("big", "small");
        assertThat(sizes.get("big")).isBetween(34_000L, 41_000L);
    }

    @Test
    void the_ring_is_the_same_in_every_release() {
        ShardRing ring = ShardRing.of(shards(4));

        assertThat(List.of("pump-17", "m-1", "urn:imei:350000000000001", "a").stream()
                        .map(e -> ring.shardOf(e).orElseThrow().name()))
                .containsExactly("s2", "s1", "s3", "s3");
    }

    @Test
    void an_operator_outranks_the_ring_unless_his_shard_is_gone() {
        ShardRing ring = ShardRing.of(shards(2));
        Shard byRing = ring.shardOf("m-1").orElseThrow();
        String other = byRing.name().equals("s0") ? "s1" : "s0";

        assertThat(Assignment.of(ring, Optional.of(other), "m-1").orElseThrow())
                .isEqualTo(new Assignment(ring.named(other).orElseThrow(), Assignment.Reason.OVERRIDE));
        assertThat(Assignment.of(ring, Optional.of("gone"), "m-1").orElseThrow())
                .isEqualTo(new Assignment(byRing, Assignment.Reason.RING));
        assertThat(Assignment.of(ShardRing.of(List.of()), Optional.empty(), "m-1"))
                .isEmpty();
    }

    @Test
    void two_shards_of_one_name_are_refused() {
        assertThatThrownBy(
                        () -> ShardRing.of(List.of(shards(1).get(0), shards(1).get(0))))
                .hasMessage("shard: s0 occurs twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://host:1",
                "coaps://",
                "coaps://host:5684/rd",
                "coaps://user@host:5684",
                "coaps://host:70000",
                "coaps://ho\nst",
                ""
            })
    void an_address_devices_cannot_use_is_refused(String uri) {
        assertThatThrownBy(() -> new Shard("s", uri, 1))
                .hasMessageStartingWith("uri of shard s: ")
                .hasMessageNotContaining("\n");
    }
}
