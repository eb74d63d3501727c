package wavegate.firmware.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareGuardrailTest {
    @ParameterizedTest
    @CsvSource({
        // harmed, counted, wave size, limit, fires
        "0, 0, 25, 0.05, false",
        "2, 2, 25, 0.05, false",
        "3, 3, 25, 0.05, false",
        "3, 5, 25, 0.05, false",
        "4, 4, 25, 0.05, true",
        "4, 6, 25, 0.05, false",
        "5, 6, 25, 0.05, true",
        "25, 25, 25, 0.05, true",
        "6, 25, 25, 0.05, false",
        "7, 25, 25, 0.05, true",
        "8, 21, 100, 0.05, false",
        "9, 21, 100, 0.05, true",
        "3, 5, 25, 0.01, true",
        "3, 25, 25, 0.01, false",
        "4, 25, 25, 0.01, true",
        "3, 3, 3, 0.05, true",
        "50, 1000, 1000, 0.05, false",
    })
    void it_fires_when_the_limit_could_hardly_give_so_many(
            int harmed, int counted, int size, double limit, boolean fires) {
        assertThat(ShareGuardrail.judge(harmed, counted, size, limit).fired()).isEqualTo(fires);
    }

    @ParameterizedTest
    @CsvSource({"0,5", "5,5", "6,10", "11,20", "21,50", "51,100", "100,100", "101,200", "201,500", "500001,1000000"})
    void sizes_are_planned_in_steps_of_one_two_five(int counted, int planned) {
        assertThat(ShareGuardrail.plannedSize(counted)).isEqualTo(planned);
    }

    @Test
    void the_chance_is_the_binomial_tail_at_the_planned_size() {
        assertThat(ShareGuardrail.judge(3, 4, 25, 0.05).p()).isCloseTo(0.001158125, within(1e-9));
        assertThat(ShareGuardrail.judge(7, 21, 25, 0.05).p()).isCloseTo(0.000168753150081585, within(1e-12));
    }

    @Test
    void all_of_a_canary_failing_at_once_fires_whatever_size_was_seen_last() {
        for (int n = 4; n <= 2000; n++) {
            assertThat(ShareGuardrail.judge(n, n, n, 0.05).fired())
                    .as("%d of %d", n, n)
                    .isTrue();
        }
    }

    @Test
    void a_wave_at_its_limit_is_rarely_stopped_though_asked_after_every_device() {
        int waves = 4000;
        int stopped = 0;
        for (int i = 0; i < waves; i++) {
            SplittableRandom random = new SplittableRandom(i);
            int harmed = 0;
            boolean fired = false;
            for (int n = 1; n <= 500 && !fired; n++) {
                harmed += random.nextDouble() < 0.05 ? 1 : 0;
                fired = ShareGuardrail.judge(harmed, n, 500, 0.05).fired();
            }
            stopped += fired ? 1 : 0;
        }
        System.out.printf("waves at the failure limit stopped: %.4f%n", stopped / (double) waves);

        assertThat(stopped / (double) waves).isBetween(0.0005, 0.007);
    }
}
