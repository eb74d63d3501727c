package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.UpdatePolicy;

class WavePlannerTest {
    private static final double DEMO_RATE = -Math.log(0.9) / 24;

    @Test
    void the_demo_fleet_is_cut_as_the_demo_says() {
        Plan plan = plan(fleet(2000, 4, 1), spec(10));

        assertThat(plan.eligible()).isEqualTo(2000);
        assertThat(plan.canaryRegion()).isEqualTo("region-0");
        assertThat(sizes(plan)).containsExactly(25, 75, 300, 600, 1000);
        assertThat(controlSizes(plan)).containsExactly(225, 675, 1600, 1000, 0);
        assertThat(plan.ratioMet()).isTrue();
        assertThat(plan.detectableRatio()).isBetween(5.0, 5.2);
        assertThat(plan.notes()).isEmpty();
    }

    @Test
    void the_canary_grows_until_it_can_find_the_ratio_asked_for() {
        Plan plan = plan(fleet(4000, 4, 1), spec(3));

        // 7.4 expected crashes at a tenth per soak.
        assertThat(sizes(plan).get(0)).isEqualTo(74);
        assertThat(plan.detectableRatio()).isLessThanOrEqualTo(3.0);
        assertThat(plan.ratioMet()).isTrue();
    }

    @Test
    void a_canary_too_small_for_its_ratio_is_said_to_be() {
        Plan plan = plan(fleet(800, 4, 1), spec(2));

        assertThat(sizes(plan).get(0)).isEqualTo(40);
        assertThat(plan.ratioMet()).isFalse();
        assertThat(plan.notes())
                .containsExactly(
                        "40 canaries instead of the 250 the ratio needs: the limit is 5 % of 800 devices",
                        "a canary of 40 with 160 controls finds a ratio of 4.4 or more in a soak of PT24H at 0.00439 expected crashes per device and hour; the gate asks for 2 and will be HELD for approval");
    }

    @Test
    void a_region_leaves_room_for_as_many_controls_as_canaries() {
        List<Device> fleet = new ArrayList<>(fleet(2000, 1, 1));
        for (int i = 0; i < 30; i++) {
            fleet.add(device("island-" + i, "island", "carrier-0", "1.0"));
        }
        Plan plan = plan(fleet, spec(10, waves("island", List.of(0.05, 0.2, 0.5, 1.0))));

        assertThat(sizes(plan).get(0)).isEqualTo(15);
        assertThat(controlSizes(plan).get(0)).isEqualTo(15);
        assertThat(plan.membership().waves().get(0).members())
                .allMatch(e -> e.name().startsWith("island"));
        assertThat(plan.membership().waves().get(0).control())
                .allMatch(e -> e.name().startsWith("island"));
        assertThat(plan.notes().get(0))
                .isEqualTo(
                        "15 canaries instead of the 25 asked for: the limit is half of the 30 devices of the region, so that as many are left to compare with");
    }

    @Test
    void a_fleet_smaller_than_its_canary_is_one_wave() {
        Plan plan = plan(fleet(24, 2, 1), spec(10));

        assertThat(sizes(plan)).containsExactly(24);
        assertThat(controlSizes(plan)).containsExactly(0);
        assertThat(plan.ratioMet()).isFalse();
        assertThat(plan.notes()).hasSize(1);
        assertThat(plan.notes().get(0)).startsWith("24 eligible devices are fewer than the 25 canaries asked for");
    }

    @Test
    void a_canary_too_small_for_the_battery_test_is_said_to_be() {
        assertThat(plan(fleet(200, 2, 1), spec(10)).notes())
                .contains("the battery test needs 15 devices per arm and gets 10: the gate will be HELD for approval");
    }

    @Test
    void devices_the_package_is_not_for_are_left_out_and_counted_by_reason() {
        List<Device> fleet = List.of(
                device("fits", "north", "a", "1.0"),
                device("fits-too", "north", "b", "1.5"),
                device("there", "north", "a", "2.0"),
                device("other-carrier", "north", "x", "1.0"),
                device("no-carrier", "north", "", "1.0"),
                device("other-region", "south", "a", "1.0"),
                device("too-old", "north", "a", "0.9"));
        FirmwarePackage plain = pkg(false);
        FirmwarePackage asking = new FirmwarePackage(
                plain.id(),
                plain.manifest()
                        .requiring(new Requirements(
                                new TreeSet<>(List.of("a", "b")),
                                new TreeSet<>(List.of("north")),
                                Optional.of(FirmwareVersion.of("1.0")),
                                Optional.of(FirmwareVersion.of("1.9")),
                                new TreeSet<>(),
                                Optional.of(512L))),
                "key",
                Instant.EPOCH,
                false);

        Plan plan = WavePlanner.plan(fleet, asking, spec(10), Surroundings.NONE);

        assertThat(plan.eligible()).isEqualTo(2);
        assertThat(plan.excluded())
                .isEqualTo(Map.of("wrong-carrier", 2, "wrong-region", 1, "wrong-version", 1, "already-there", 1));
    }

    @Test
    void no_eligible_device_is_refused() {
        List<Device> fleet = List.of(device("pump-1", "north", "", "2.0"));

        assertThatThrownBy(() -> plan(fleet, spec(10)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eligible devices: 0 of 1, excluded {already-there=1} (expected: at least 1)");
        assertThatThrownBy(() -> plan(List.of(), spec(10))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_unknown_canary_region_is_refused() {
        assertThatThrownBy(() -> plan(fleet(100, 2, 1), spec(10, waves("nowhere", List.of(1.0)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "canary region: \"nowhere\" has no eligible device (expected: one of [region-0, region-1])");
    }

    @Test
    void every_excluded_device_is_counted_once_by_its_first_reason() {
        List<Device> fleet = new ArrayList<>(fleet(100, 1, 1));
        Instant now = Instant.EPOCH;
        fleet.add(Device.firstSeen(new Endpoint("mute"), Labels.NONE, now));
        fleet.add(device("other-maker", "region-0", "", "1.0")
                .running(new DeviceIdentity("Other", "M1", "rev-a"), FirmwareVersion.of("1.0")));
        fleet.add(device("other-model", "region-0", "", "1.0")
                .running(new DeviceIdentity("Wavegate", "M2", "rev-a"), FirmwareVersion.of("1.0")));
        fleet.add(device("other-hardware", "region-0", "", "1.0")
                .running(new DeviceIdentity("Wavegate", "M1", "rev-z"), FirmwareVersion.of("1.0")));
        fleet.add(device("there", "region-0", "", "v2"));
        fleet.add(device("filtered", "region-9", "", "1.0"));
        DeviceFilter filter = DeviceFilter.of(Set.of("region-0", ""), Set.of(), Set.of());
        CampaignSpec spec = spec(10, WavePlan.DEFAULT, filter, 1);

        Plan plan = WavePlanner.plan(fleet, pkg(false), spec, Surroundings.NONE);

        assertThat(plan.excluded())
                .isEqualTo(new TreeMap<>(Map.of(
                        "unknown-identity", 1,
                        "wrong-manufacturer", 1,
                        "wrong-model", 1,
                        "wrong-hardware", 1,
                        "already-there", 1,
                        "filter", 1)));
        assertThat(plan.eligible()).isEqualTo(100);
        assertThatThrownBy(() -> WavePlanner.plan(fleet, pkg(true), spec, Surroundings.NONE))
                .hasMessageContaining("package-revoked=105");
    }

    @Test
    void a_device_that_another_campaign_watches_comes_in_the_last_wave_and_is_compared_with_nobody() {
        List<Device> fleet = fleet(500, 1, 1);
        Set<Endpoint> bound = new TreeSet<>();
        fleet.subList(0, 100).forEach(device -> bound.add(device.endpoint()));
        Surroundings others = Surroundings.NONE.boundElsewhere(device -> bound.contains(device.endpoint()));

        Plan plan = WavePlanner.plan(fleet, pkg(false), spec(10), others);

        List<Membership.WaveMembers> waves = plan.membership().waves();
        assertThat(plan.eligible()).isEqualTo(500);
        for (Membership.WaveMembers wave : waves.subList(0, waves.size() - 1)) {
            assertThat(wave.members()).doesNotContainAnyElementsOf(bound);
            assertThat(wave.control()).doesNotContainAnyElementsOf(bound);
        }
        assertThat(waves.get(waves.size() - 1).members()).containsAll(bound);
        assertThat(plan.notes()).anyMatch(note -> note.startsWith("100 devices are under way"));
        assertThatThrownBy(() ->
                        WavePlanner.plan(fleet, pkg(false), spec(10), Surroundings.NONE.boundElsewhere(device -> true)))
                .hasMessageContaining("busy=500");
    }

    @Test
    void a_device_that_another_campaign_is_about_to_bring_to_the_version_that_is_needed_is_eligible() {
        List<Device> fleet = new ArrayList<>(fleet(100, 1, 1));
        FirmwarePackage plain = pkg(false);
        Requirements later = new Requirements(
                new TreeSet<>(),
                new TreeSet<>(),
                Optional.of(FirmwareVersion.of("1.9")),
                Optional.empty(),
                new TreeSet<>(),
                Optional.empty());
        FirmwarePackage next =
                new FirmwarePackage(plain.id(), plain.manifest().requiring(later), "key", Instant.EPOCH, false);
        Surroundings chain = new Surroundings(device -> true, device -> false, device -> true);

        assertThatThrownBy(() -> WavePlanner.plan(fleet, next, spec(10), Surroundings.NONE))
                .hasMessageContaining("wrong-version=100");
        assertThat(WavePlanner.plan(fleet, next, spec(10), chain).eligible()).isEqualTo(100);
    }

    @Test
    void a_device_whose_boot_stage_would_refuse_the_image_is_left_out_and_counted() {
        List<Device> fleet = fleet(100, 1, 1);
        FirmwareVersion runs = fleet.get(0).firmware();
        Surroundings guarded = new Surroundings(device -> true, device -> false, device -> false, Set.of(runs));
        Surroundings other =
                new Surroundings(device -> true, device -> false, device -> false, Set.of(FirmwareVersion.of("77.0")));

        int running = (int)
                fleet.stream().filter(device -> device.firmware().equals(runs)).count();
        assertThat(running).isBetween(1, 99);
        assertThat(WavePlanner.plan(fleet, pkg(false), spec(10), guarded).excluded())
                .isEqualTo(Map.of("security-counter", running));
        assertThat(WavePlanner.plan(fleet, pkg(false), spec(10), other).excluded())
                .isEmpty();
        assertThat(WavePlanner.exclusion(fleet.get(0), pkg(false), spec(10), guarded))
                .contains("security-counter");
    }

    @Test
    void a_query_leaves_devices_out_as_the_filter_does() {
        List<Device> fleet = fleet(100, 1, 1);
        Surroundings query = new Surroundings(
                device -> !device.endpoint().equals(fleet.get(0).endpoint()), device -> false, device -> false);

        assertThat(WavePlanner.plan(fleet, pkg(false), spec(10), query).excluded())
                .isEqualTo(Map.of("filter", 1));
    }

    @Test
    void a_share_that_adds_nobody_makes_no_wave() {
        Plan plan = plan(fleet(500, 1, 1), spec(10, waves("", List.of(0.01, 0.05, 0.5, 1.0))));

        assertThat(sizes(plan)).containsExactly(25, 225, 250);
    }

    @Test
    void every_device_is_in_exactly_one_wave_and_controls_are_not_yet_updated() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            List<Device> fleet = fleet(30 + random.nextInt(3000), 1 + random.nextInt(6), seed);
            Plan plan = plan(fleet, spec(10, WavePlan.DEFAULT, DeviceFilter.ALL, random.nextLong()));

            Set<Endpoint> updated = new HashSet<>();
            List<Membership.WaveMembers> waves = plan.membership().waves();
            for (Membership.WaveMembers wave : waves) {
                assertThat(wave.members()).isNotEmpty();
                for (Endpoint member : wave.members()) {
                    assertThat(updated.add(member))
                            .as("seed %d: %s twice", seed, member)
                            .isTrue();
                }
                assertThat(wave.control()).doesNotHaveDuplicates().noneMatch(updated::contains);
                boolean last = updated.size() == fleet.size();
                int left = fleet.size() - updated.size();
                assertThat(wave.control().size())
                        .as("seed %d", seed)
                        .isGreaterThanOrEqualTo(
                                last ? 0 : Math.min(wave.members().size(), left) / 2);
                assertThat(wave.control().isEmpty()).isEqualTo(last);
            }
            assertThat(updated).hasSize(fleet.size());
            assertThat(plan.eligible()).isEqualTo(fleet.size());
        }
    }

    @Test
    void the_order_of_the_fleet_does_not_matter_and_the_seed_does() {
        List<Device> fleet = fleet(1500, 3, 5);
        Plan plan = plan(fleet, spec(10));
        Collections.shuffle(fleet, new Random(3));

        assertThat(plan(fleet, spec(10))).isEqualTo(plan);
        assertThat(plan(fleet, spec(10, WavePlan.DEFAULT, DeviceFilter.ALL, 99)).membership())
                .isNotEqualTo(plan.membership());
    }

    @Test
    void a_larger_share_only_adds() {
        for (int seed = 0; seed < 8; seed++) {
            List<Device> fleet = fleet(700 + 37 * seed, 4, seed);
            Set<Endpoint> before = Set.of();
            for (double share = 0.06; share < 1; share += 0.023) {
                Plan plan = plan(fleet, spec(10, waves("", List.of(share, 1.0))));
                List<Membership.WaveMembers> waves = plan.membership().waves();
                Set<Endpoint> now = new HashSet<>(waves.get(0).members());
                now.addAll(waves.get(1).members());

                assertThat(now).as("seed %d share %f", seed, share).containsAll(before);
                assertThat(now).hasSize((int) Math.ceil(share * fleet.size() - 1e-9));
                before = now;
            }
        }
    }

    @Test
    void intermediate_waves_do_not_change_who_is_in_a_share() {
        List<Device> fleet = fleet(2000, 4, 2);
        Set<Endpoint> direct = upTo(plan(fleet, spec(10, waves("", List.of(0.5, 1.0)))), 2);
        Set<Endpoint> stepwise = upTo(plan(fleet, spec(10, waves("", List.of(0.05, 0.2, 0.5, 1.0)))), 4);

        assertThat(stepwise).isEqualTo(direct);
    }

    private static Set<Endpoint> upTo(Plan plan, int waves) {
        return plan.membership().waves().subList(0, waves).stream()
                .flatMap(wave -> wave.members().stream())
                .collect(Collectors.toSet());
    }

    @Test
    void a_wave_takes_its_share_of_every_stratum_and_its_control_has_the_same_mix() {
        List<Device> fleet = fleet(8000, 4, 11);
        Map<Endpoint, String> strata = fleet.stream()
                .collect(Collectors.toMap(Device::endpoint, WavePlannerTest::stratum, (a, b) -> a, HashMap::new));
        Map<String, Long> whole = count(strata.keySet(), strata::get);
        Plan plan = plan(fleet, spec(10));

        Set<Endpoint> half = upTo(plan, 4);
        count(half, strata::get).forEach((stratum, n) -> assertThat((double) n)
                .as(stratum)
                .isBetween(whole.get(stratum) * 0.5 - 12, whole.get(stratum) * 0.5 + 12));
        Membership.WaveMembers second = plan.membership().waves().get(1);
        double controlPerMember =
                (double) second.control().size() / second.members().size();
        Map<String, Long> control = count(second.control(), strata::get);
        count(second.members(), strata::get)
                .forEach((stratum, n) -> assertThat((double) control.getOrDefault(stratum, 0L))
                        .as(stratum)
                        .isBetween(n * controlPerMember - 1, n * controlPerMember + 1));
    }

    @Test
    void small_strata_are_drawn_by_lot_not_by_name() {
        List<Device> fleet = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            fleet.add(device("pump-" + i, "north", "carrier-" + i, "1.0"));
        }
        List<Endpoint> firstHalf = new ArrayList<>(upTo(plan(fleet, spec(10)), 4));

        long lowNames = firstHalf.stream()
                .filter(e -> Integer.parseInt(e.name().substring(5)) < 1000)
                .count();
        assertThat(lowNames).isBetween(430L, 570L);
    }

    @Test
    void two_spellings_of_one_version_are_one_stratum() {
        List<Device> fleet = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            fleet.add(device("pump-" + i, "north", "c", i % 2 == 0 ? "1.0" : "v1.0.0"));
        }
        List<Device> oneSpelling = fleet.stream()
                .map(device -> device.running(device.identity(), FirmwareVersion.of("1.0")))
                .toList();

        assertThat(plan(fleet, spec(10)).membership())
                .isEqualTo(plan(oneSpelling, spec(10)).membership());
    }

    @Test
    void a_large_fleet_is_planned_whole() {
        Plan plan = plan(fleet(200_000, 8, 1), spec(3));

        assertThat(plan.membership().size()).isEqualTo(200_000);
        assertThat(sizes(plan)).containsExactly(250, 9750, 30_000, 60_000, 100_000);
        assertThat(controlSizes(plan)).containsExactly(2250, 9750, 30_000, 60_000, 0);
    }

    private static <K> Map<String, Long> count(Collection<K> items, Function<K, String> key) {
        return items.stream().collect(Collectors.groupingBy(key, Collectors.counting()));
    }

    private static List<Integer> sizes(Plan plan) {
        return plan.membership().waves().stream()
                .map(wave -> wave.members().size())
                .toList();
    }

    private static List<Integer> controlSizes(Plan plan) {
        return plan.membership().waves().stream()
                .map(wave -> wave.control().size())
                .toList();
    }

    private static String stratum(Device device) {
        return device.labels().region() + "/" + device.labels().carrier() + "/" + device.firmware();
    }

    private static Plan plan(Collection<Device> fleet, CampaignSpec spec) {
        return WavePlanner.plan(fleet, pkg(false), spec, Surroundings.NONE);
    }

    /** Devices in regions of about equal size, region-0 the largest, with two carriers of unequal size and two versions. */
    private static List<Device> fleet(int size, int regions, int seed) {
        Random random = new Random(seed);
        return IntStream.range(0, size)
                .mapToObj(i -> device(
                        "pump-" + i,
                        "region-" + i % regions,
                        "carrier-" + (random.nextInt(10) < 7 ? 0 : 1),
                        random.nextInt(10) < 9 ? "1.0" : "0.9"))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static Device device(String endpoint, String region, String carrier, String version) {
        return Device.firstSeen(new Endpoint(endpoint), new Labels(region, carrier, new TreeSet<>()), Instant.EPOCH)
                .running(new DeviceIdentity("Wavegate", "M1", "rev-a"), FirmwareVersion.of(version));
    }

    private static WavePlan waves(String region, List<Double> shares) {
        return new WavePlan(region, 0.01, 25, 0.05, shares, 9, 5000, 0.9, Duration.ofHours(24));
    }

    private static CampaignSpec spec(double maxRatio) {
        return spec(maxRatio, WavePlan.DEFAULT);
    }

    private static CampaignSpec spec(double maxRatio, WavePlan waves) {
        return spec(maxRatio, waves, DeviceFilter.ALL, 1);
    }

    private static CampaignSpec spec(double maxRatio, WavePlan waves, DeviceFilter filter, long seed) {
        GatePolicy gate = new GatePolicy(
                Duration.ofHours(24),
                Duration.ofHours(24),
                Duration.ofHours(72),
                Duration.ofMinutes(30),
                0.9,
                maxRatio,
                0.01,
                0.01,
                0.002,
                0.15,
                4,
                15,
                0.05,
                0.01,
                false);
        return new CampaignSpec(
                "test", pkg(false).id(), filter, waves, gate, UpdatePolicy.DEFAULT, DEMO_RATE, 100, seed);
    }

    private static FirmwarePackage pkg(boolean revoked) {
        Manifest manifest = new Manifest(
                "modem", FirmwareVersion.of("2.0"), "Wavegate", "M1", "rev-a", 1024, Sha256.of(new byte[] {1}), 1);
        return new FirmwarePackage(new PackageId("0123456789abcdef"), manifest, "key", Instant.EPOCH, revoked);
    }
}
