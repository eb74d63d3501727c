package wavegate.server.registration.oscore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {
    @Test
    void each_number_is_taken_once_in_any_order_within_the_window() {
        ReplayWindow window = new ReplayWindow(-1);
        Random random = new Random(7);
        Set<Integer> taken = new HashSet<>();
        int highest = -1;
        for (int i = 0; i < 100_000; i++) {
            int number = Math.max(0, highest - 80 + random.nextInt(90));
            boolean old = number <= highest - 64;
            assertThat(window.isReplay(number))
                    .as("%d after %d", number, highest)
                    .isEqualTo(old || taken.contains(number));
            if (!window.isReplay(number)) {
                window.accept(number);
                taken.add(number);
                highest = Math.max(highest, number);
            }
        }
        assertThat(window.highest()).isEqualTo(highest);
    }

    @Test
    void a_leap_forgets_nothing_that_was_seen_and_shuts_out_what_it_leapt_over() {
        ReplayWindow window = new ReplayWindow(-1);
        window.accept(3);
        window.accept(1_000);

        assertThat(window.isReplay(3)).isTrue();
        assertThat(window.isReplay(1_000)).isTrue();
        assertThat(window.isReplay(936)).isTrue();
        assertThat(window.isReplay(937)).isFalse();
        assertThat(window.isReplay(Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void after_a_restart_nothing_at_or_below_the_highest_is_taken() {
        ReplayWindow window = new ReplayWindow(41);

        assertThat(window.isReplay(41)).isTrue();
        assertThat(window.isReplay(40)).isTrue();
        assertThat(window.isReplay(42)).isFalse();
    }
}
