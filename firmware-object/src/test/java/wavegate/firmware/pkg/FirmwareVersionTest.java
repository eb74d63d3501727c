package wavegate.firmware.pkg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FirmwareVersionTest {
    /** Rising; the spellings of one line are equal. */
    private static final List<List<String>> ORDER = List.of(
            List.of("0.9", "v0.9", "0.9.0"),
            List.of("1.0-alpha"),
            List.of("1.0-rc1"),
            List.of("1.0-rc2"),
            List.of("1.0-rc10"),
            List.of("1", "1.0", "1.0.0", "v1.0", "V1", "01.00", " 1.0 ", "1-0", "1_0_0"),
            List.of("1.0.1"),
            List.of("1.1.1", "v1.1.1", "1.1.01"),
            List.of("1.1.2"),
            List.of("1.1.10", "1.1.10.0"),
            List.of("1.1.100"),
            List.of("1.2"),
            List.of("1.10"),
            List.of("2"),
            List.of("10.0"),
            List.of("20300501", "020300501"),
            List.of("99999999999999999999999999"));

    private static FirmwareVersion v(String text) {
        return FirmwareVersion.of(text);
    }

    @Test
    void numbers_are_compared_as_numbers() {
        assertThat(v("1.1.1")).isLessThan(v("1.1.10"));
        assertThat(v("1.1.2")).isLessThan(v("1.1.10"));
        assertThat(v("1.1.1")).isNotEqualTo(v("1.1.10"));
        assertThat(v("1.1.10")).isNotEqualTo(v("1.1.100"));
    }

    @Test
    void versions_are_ordered_and_spellings_of_one_are_equal() {
        for (int i = 0; i < ORDER.size(); i++) {
            for (int j = 0; j < ORDER.size(); j++) {
                for (String a : ORDER.get(i)) {
                    for (String b : ORDER.get(j)) {
                        assertThat(Integer.signum(v(a).compareTo(v(b))))
                                .as(a + " against " + b)
                                .isEqualTo(Integer.compare(i, j));
                        assertThat(v(a).equals(v(b))).as(a + " equals " + b).isEqualTo(i == j);
                        if (i == j) {
                            assertThat(v(a)).hasSameHashCodeAs(v(b));
                            assertThat(v(a).canonicalText()).isEqualTo(v(b).canonicalText());
                        } else {
                            assertThat(v(a).canonicalText()).isNotEqualTo(v(b).canonicalText());
                        }
                    }
                }
            }
        }
    }

    @Test
    void a_pre_release_comes_before_its_release() {
        assertThat(v("2.0-rc1")).isLessThan(v("2.0"));
        assertThat(v("2.0-rc1")).isGreaterThan(v("1.9"));
    }

    @Test
    void the_spelling_is_kept() {
        assertThat(v(" v1.0 ").text()).isEqualTo("v1.0");
        assertThat(v("v1.0")).hasToString("v1.0");
    }

    @Test
    void nothing_said_is_the_unknown_version_and_no_other() {
        assertThat(v("")).isSameAs(FirmwareVersion.UNKNOWN);
        assertThat(v("  ")).isSameAs(FirmwareVersion.UNKNOWN);
        assertThat(FirmwareVersion.UNKNOWN.known()).isFalse();
        for (String text : new String[] {"0", "0.0", "-", ".", "v"}) {
            assertThat(v(text)).as(text).isNotEqualTo(FirmwareVersion.UNKNOWN);
            assertThat(FirmwareVersion.UNKNOWN).as(text).isNotEqualTo(v(text));
        }
    }

    @Test
    void a_version_too_long_or_with_control_characters_is_refused() {
        assertThat(v("1".repeat(255)).text()).hasSize(255);
        assertThatThrownBy(() -> v("1".repeat(256)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256 characters");
        assertThatThrownBy(() -> v("1.0\u0000.1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> v("1.0\n1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_order_of_any_texts_is_an_order() {
        String letters = "019.-_vVrRc \u0661\u00e9";
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<FirmwareVersion> versions = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                StringBuilder text = new StringBuilder();
                for (int n = random.nextInt(7); n > 0; n--) {
                    text.append(letters.charAt(random.nextInt(letters.length())));
                }
                versions.add(v(text.toString()));
            }
            for (FirmwareVersion a : versions) {
                for (FirmwareVersion b : versions) {
                    assertThat(Integer.signum(a.compareTo(b)))
                            .as("seed " + seed + ": \"" + a + "\" against \"" + b + "\"")
                            .isEqualTo(-Integer.signum(b.compareTo(a)));
                    if (a.equals(b)) {
                        assertThat(a).hasSameHashCodeAs(b);
                    }
                }
            }
            Collections.sort(versions);
            for (int i = 0; i < versions.size(); i++) {
                for (int j = i + 1; j < versions.size(); j++) {
                    assertThat(versions.get(i).compareTo(versions.get(j)))
                            .as("seed " + seed + ": \"" + versions.get(i) + "\" against \"" + versions.get(j) + "\"")
                            .isLessThanOrEqualTo(0);
                }
            }
        }
    }
}
