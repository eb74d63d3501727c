package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientProfile.Listening;
import wavegate.firmware.device.ClientTraits;

class PollPlanTest {
    private static List<Long> seconds(ClientProfile profile, ClientTraits traits, boolean silent) {
        return IntStream.range(0, 5)
                .mapToObj(polls -> PollPlan.next(UpdatePolicy.DEFAULT, profile, traits, silent, polls)
                        .toSeconds())
                .toList();
    }

    private static ClientProfile listening(Listening listening) {
        ClientProfile d = ClientProfile.CAREFUL;
        return new ClientProfile("mine", d.reset(), d.object5(), d.delivery(), d.version(), listening);
    }

    @Test
    void a_device_that_notifies_is_read_by_the_watchdog_alone() {
        assertThat(seconds(ClientProfile.CAREFUL, ClientTraits.NONE, false)).containsExactly(30L, 30L, 30L, 30L, 30L);
    }

    @Test
    void one_that_refuses_to_be_observed_or_is_silent_is_polled_from_ten_seconds_up_to_sixty() {
        List<Long> polled = List.of(10L, 20L, 40L, 60L, 60L);

        assertThat(seconds(ClientProfile.CAREFUL, ClientTraits.NONE.with(ClientBehaviour.OBSERVE_REFUSED), false))
                .isEqualTo(polled);
        assertThat(seconds(ClientProfile.CAREFUL, ClientTraits.NONE, true)).isEqualTo(polled);
        assertThat(seconds(
                        listening(new Listening(Optional.empty(), false, Optional.empty(), Optional.empty())),
                        ClientTraits.NONE,
                        false))
                .isEqualTo(polled);
    }

    @Test
    void a_profile_may_have_its_own_waits() {
        Listening own = new Listening(
                Optional.empty(), false, Optional.of(Duration.ofSeconds(3)), Optional.of(Duration.ofSeconds(7)));

        assertThat(seconds(listening(own), ClientTraits.NONE, false)).containsExactly(3L, 6L, 7L, 7L, 7L);
    }

    @Test
    void many_polls_overflow_nothing() {
        assertThat(PollPlan.next(
                        UpdatePolicy.DEFAULT, ClientProfile.CAREFUL, ClientTraits.NONE, true, Integer.MAX_VALUE))
                .isEqualTo(Duration.ofSeconds(60));
    }
}
