package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SmallRandomTest {
    @Test
    void it_draws_what_the_algorithm_of_the_platform_draws() {
        SmallRandom random = new SmallRandom(42);
        SplittableRandom same = new SplittableRandom(42);

        IntStream.range(0, 1000).forEach(i -> assertThat(random.nextLong()).isEqualTo(same.nextLong()));
    }

    @Test
    void its_mean_is_that_of_its_distribution() {
        SmallRandom random = new SmallRandom(1);

        double mean = IntStream.range(0, 100_000)
                .mapToDouble(i -> random.nextExponential())
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(1, within(0.02));
    }
}
