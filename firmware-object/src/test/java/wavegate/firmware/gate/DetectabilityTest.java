package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DetectabilityTest {
    private static final Duration DAY = Duration.ofDays(1);

    @Test
    void the_table_is_given_back_where_it_was_simulated() {
        assertThat(Detectability.eventsNeeded(2, 9, 0.01)).isCloseTo(25, within(1e-9));
        assertThat(Detectability.eventsNeeded(3, 9, 0.01)).isCloseTo(7.4, within(1e-9));
        assertThat(Detectability.eventsNeeded(5, 9, 0.01)).isCloseTo(2.6, within(1e-9));
        assertThat(Detectability.eventsNeeded(10, 9, 0.01)).isCloseTo(0.8, within(1e-9));
    }

    @Test
    void smaller_ratios_fewer_controls_and_stricter_alphas_need_more() {
        for (double ratio = 1.2; ratio < 40; ratio *= 1.1) {
            double needed = Detectability.eventsNeeded(ratio, 9, 0.01);
            assertThat(Detectability.eventsNeeded(ratio * 1.1, 9, 0.01)).isLessThan(needed);
            assertThat(Detectability.eventsNeeded(ratio, 1, 0.01)).isGreaterThan(needed);
            assertThat(Detectability.eventsNeeded(ratio, 9, 0.002)).isGreaterThan(needed);
        }
    }

    @Test
    void a_canary_as_large_as_was_asked_for_finds_the_ratio_it_was_asked_for() {
        for (double ratio : new double[] {1.5, 2, 3, 4, 5, 7, 10, 20}) {
            int canaries = Detectability.canariesNeeded(ratio, 9, DAY, 0.01, 0.01);
            assertThat(Detectability.smallestRatio(canaries, 9 * canaries, DAY, 0.01, 0.01))
                    .isLessThanOrEqualTo(ratio);
            assertThat(Detectability.smallestRatio(canaries - 1, 9 * (canaries - 1), DAY, 0.01, 0.01))
                    .isGreaterThan(ratio);
        }
    }

    @Test
    void the_demo_needs_eight_canaries_for_its_ratio_of_ten() {
        double rate = -Math.log(0.9) / 24;

        assertThat(Detectability.canariesNeeded(10, 9, DAY, rate, 0.01)).isEqualTo(8);
        assertThat(Detectability.smallestRatio(25, 225, DAY, rate, 0.01)).isBetween(5.0, 5.2);
    }

    @Test
    void firmware_that_never_crashes_shows_no_ratio() {
        assertThat(Detectability.smallestRatio(1000, 9000, DAY, 0, 0.01)).isInfinite();
        assertThat(Detectability.canariesNeeded(10, 9, DAY, 0, 0.01)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Detectability.smallestRatio(100, 0, DAY, 1, 0.01)).isInfinite();
        assertThat(Detectability.smallestRatio(0, 100, DAY, 1, 0.01)).isInfinite();
    }
}
