package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecentAnswersTest {
    private static final byte[] ANSWER = {1, 2, 3};

    private final RecentAnswers answers = new RecentAnswers(4);

    @Test
    void an_answer_is_known_to_its_own_device_for_as_long_as_a_request_may_come_again() {
        answers.add(1, 0, 77, ANSWER, 1000);

        assertThat(answers.answerTo(1, 0, 77, 248_000)).contains(ANSWER);
        assertThat(answers.answerTo(1, 0, 77, 248_001)).isEmpty();
        assertThat(answers.answerTo(2, 0, 77, 1000)).isEmpty();
        assertThat(answers.answerTo(1, 0, 78, 1000)).isEmpty();
    }

    @Test
    void a_device_forgets_with_its_power() {
        answers.add(1, 3, 77, ANSWER, 1000);

        assertThat(answers.answerTo(1, 4, 77, 1000)).isEmpty();
    }

    @Test
    void only_the_latest_are_kept_whatever_comes() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 10_000; i++) {
            answers.add(random.nextInt(4), 0, random.nextInt(65_536), new byte[] {(byte) i}, i);
        }
        for (int i = 0; i < 16; i++) {
            answers.add(2, 1, i, new byte[] {(byte) i}, 20_000);
        }

        for (int i = 0; i < 16; i++) {
            assertThat(answers.answerTo(2, 1, i, 20_000)).contains(new byte[] {(byte) i});
        }
        for (int mid = 0; mid < 65_536; mid++) {
            assertThat(answers.answerTo(0, 0, mid, 20_000)).isEmpty();
        }
    }
}
