package wavegate.firmware.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import wavegate.firmware.pkg.FirmwareVersion;

class DeviceFilterTest {
    private static final Device DEVICE = Device.firstSeen(
                    new Endpoint("pump-17"),
                    new Labels("eu", "red", new TreeSet<>(List.of("indoor", "pilot"))),
                    Instant.parse("2030-05-01T12:00:00Z"))
            .running(new DeviceIdentity("Acme", "P100", "rev-b"), FirmwareVersion.of("1.1.1"));

    private static SortedSet<String> set(String... values) {
        return new TreeSet<>(List.of(values));
    }

    private static final SortedSet<String> ANY = set();

    @Test
    void an_empty_filter_matches_every_device() {
        assertThat(DeviceFilter.ALL.matches(DEVICE)).isTrue();
        assertThat(DeviceFilter.ALL.matches(Device.firstSeen(new Endpoint("x"), Labels.NONE, Instant.EPOCH)))
                .isTrue();
    }

    @Test
    void each_part_admits_the_values_it_names_and_no_others() {
        assertThat(new DeviceFilter(set("eu", "us"), ANY, ANY, ANY, ANY, ANY, ANY).matches(DEVICE))
                .isTrue();
        assertThat(new DeviceFilter(set("us"), ANY, ANY, ANY, ANY, ANY, ANY).matches(DEVICE))
                .isFalse();
        assertThat(new DeviceFilter(ANY, set("red"), ANY, ANY, ANY, ANY, ANY).matches(DEVICE))
                .isTrue();
        assertThat(new DeviceFilter(ANY, set("blue"), ANY, ANY, ANY, ANY, ANY).matches(DEVICE))
                .isFalse();
        assertThat(new DeviceFilter(ANY, ANY, ANY, set("Acme"), ANY, ANY, ANY).matches(DEVICE))
                .isTrue();
        assertThat(new DeviceFilter(ANY, ANY, ANY, set("acme"), ANY, ANY, ANY).matches(DEVICE))
                .isFalse();
        assertThat(new DeviceFilter(ANY, ANY, ANY, ANY, set("P100"), ANY, ANY).matches(DEVICE))
                .isTrue();
        assertThat(new DeviceFilter(ANY, ANY, ANY, ANY, set("P10"), ANY, ANY).matches(DEVICE))
                .isFalse();
        assertThat(new DeviceFilter(ANY, ANY, ANY, ANY, ANY, set("rev-b"), ANY).matches(DEVICE))
                .isTrue();
        assertThat(new DeviceFilter(ANY, ANY, ANY, ANY, ANY, set("rev-a"), ANY).matches(DEVICE))
                .isFalse();
    }

    @Test
    void every_tag_named_must_be_on_the_device() {
        assertThat(new DeviceFilter(ANY, ANY, set("pilot", "indoor"), ANY, ANY, ANY, ANY).matches(DEVICE))
                .isTrue();
        assertThat(new DeviceFilter(ANY, ANY, set("pilot", "outdoor"), ANY, ANY, ANY, ANY).matches(DEVICE))
                .isFalse();
    }

    @Test
    void every_part_must_match() {
        assertThat(DeviceFilter.of(Set.of("eu"), Set.of("P100"), Set.of("1.1.1"))
                        .matches(DEVICE))
                .isTrue();
        assertThat(DeviceFilter.of(Set.of("us"), Set.of("P100"), Set.of("1.1.1"))
                        .matches(DEVICE))
                .isFalse();
        assertThat(DeviceFilter.of(Set.of("eu"), Set.of("P200"), Set.of("1.1.1"))
                        .matches(DEVICE))
                .isFalse();
        assertThat(DeviceFilter.of(Set.of("eu"), Set.of("P100"), Set.of("1.1.10"))
                        .matches(DEVICE))
                .isFalse();
    }

    @Test
    void versions_match_in_any_spelling_and_not_by_prefix() {
        assertThat(DeviceFilter.of(Set.of(), Set.of(), Set.of("v1.1.1.0")).matches(DEVICE))
                .isTrue();
        assertThat(DeviceFilter.of(Set.of(), Set.of(), Set.of("1.1.10", "1.1", "1.1.11"))
                        .matches(DEVICE))
                .isFalse();
    }

    @Test
    void an_operators_region_is_the_one_that_is_matched() {
        Device moved = DEVICE.withOperatorLabels(new Labels("us", "", new TreeSet<>()));

        assertThat(DeviceFilter.of(Set.of("us"), Set.of(), Set.of()).matches(moved))
                .isTrue();
        assertThat(DeviceFilter.of(Set.of("eu"), Set.of(), Set.of()).matches(moved))
                .isFalse();
    }

    @Test
    void a_device_that_has_not_said_matches_no_part_that_asks() {
        Device silent = Device.firstSeen(new Endpoint("x"), Labels.NONE, Instant.EPOCH);

        assertThat(DeviceFilter.of(Set.of("eu"), Set.of(), Set.of()).matches(silent))
                .isFalse();
        assertThat(DeviceFilter.of(Set.of(), Set.of("P100"), Set.of()).matches(silent))
                .isFalse();
        assertThat(DeviceFilter.of(Set.of(), Set.of(), Set.of("0")).matches(silent))
                .isFalse();
    }
}
