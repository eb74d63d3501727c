package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WakeQueueTest {
    @Test
    void the_next_is_always_the_earliest_whatever_was_changed() {
        SplittableRandom random = new SplittableRandom(1);
        long[] model = new long[50];
        Arrays.fill(model, Long.MAX_VALUE);
        WakeQueue queue = new WakeQueue(model.length);
        for (int i = 0; i < 20_000; i++) {
            int device = random.nextInt(model.length);
            model[device] = random.nextInt(10) == 0 ? Long.MAX_VALUE : random.nextLong(1000);

            queue.set(device, model[device]);

            assertThat(queue.nextAt()).isEqualTo(Arrays.stream(model).min().orElseThrow());
            assertThat(model[queue.next()]).isEqualTo(queue.nextAt());
        }
    }
}
