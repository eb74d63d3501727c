package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientTraits;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.UpdatePolicy;

class PollsTest {
    private static final Endpoint DEVICE = new Endpoint("pump-17");

    private final Polls polls = new Polls();

    private Duration next() {
        return polls.next(DEVICE, UpdatePolicy.DEFAULT, ClientProfile.CAREFUL, ClientTraits.NONE);
    }

    private void newsByPoll() {
        polls.due(DEVICE);
        polls.read(DEVICE, true);
        polls.startAnew(DEVICE);
    }

    @Test
    void a_device_whose_news_only_the_watchdog_brings_is_read_more_often() {
        newsByPoll();
        assertThat(next()).isEqualTo(Duration.ofSeconds(30));

        newsByPoll();

        assertThat(next()).isEqualTo(Duration.ofSeconds(10));
        polls.due(DEVICE);
        polls.read(DEVICE, false);
        assertThat(next()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void a_notification_before_the_answer_takes_the_credit() {
        for (int i = 0; i < 5; i++) {
            polls.due(DEVICE);
            polls.heard(DEVICE);
            polls.read(DEVICE, true);
        }

        assertThat(next()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void a_device_whose_update_ended_is_forgotten() {
        newsByPoll();
        newsByPoll();

        polls.forget(DEVICE);

        assertThat(next()).isEqualTo(Duration.ofSeconds(30));
    }
}
