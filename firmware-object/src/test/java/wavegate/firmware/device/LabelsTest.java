package wavegate.firmware.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LabelsTest {
    private static final Instant NOW = Instant.parse("2030-05-01T12:00:00Z");

    private static Labels labels(String region, String carrier, String... tags) {
        return new Labels(region, carrier, new TreeSet<>(List.of(tags)));
    }

    @Test
    void an_operators_label_outranks_what_a_device_says_of_itself() {
        Device device = Device.firstSeen(new Endpoint("pump-17"), labels("us", "blue"), NOW)
                .withOperatorLabels(labels("eu", "red"));

        assertThat(device.labels()).isEqualTo(labels("eu", "red"));
        assertThat(device.withReportedLabels(labels("asia", "green")).labels()).isEqualTo(labels("eu", "red"));
    }

    @Test
    void where_the_operator_says_nothing_the_devices_word_counts() {
        Device device = Device.firstSeen(new Endpoint("pump-17"), labels("us", "blue"), NOW)
                .withOperatorLabels(labels("eu", ""));

        assertThat(device.labels()).isEqualTo(labels("eu", "blue"));
        assertThat(device.withOperatorLabels(Labels.NONE).labels()).isEqualTo(labels("us", "blue"));
    }

    @Test
    void tags_of_both_are_joined() {
        assertThat(labels("", "", "a", "b").over(labels("", "", "b", "c")).tags())
                .containsExactly("a", "b", "c");
    }

    @Test
    void labels_are_kept_apart_from_the_set_they_came_in() {
        TreeSet<String> tags = new TreeSet<>(List.of("a"));
        Labels labels = new Labels("", "", tags);
        tags.add("b");

        assertThat(labels.tags()).containsExactly("a");
        assertThatThrownBy(() -> labels.tags().add("c")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void a_label_that_could_break_a_page_or_a_line_is_refused() {
        for (String bad : new String[] {"a b", "a\nb", "<b>", "a>b", "a\"b", "caf\u00e9", "\u007f", "x".repeat(65)}) {
            assertThatThrownBy(() -> labels(bad, "")).as(bad).hasMessageStartingWith("region: \"");
            assertThatThrownBy(() -> labels("", bad)).as(bad).hasMessageStartingWith("carrier: \"");
            assertThatThrownBy(() -> labels("", "", "fine", bad)).as(bad).hasMessageStartingWith("tag: \"");
        }
        assertThat(labels("x".repeat(64), "a'&;").region()).hasSize(64);
    }
}
