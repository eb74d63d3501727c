package wavegate.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import wavegate.bootstrap.Admission.Verdict;

class AdmissionTest {
    private static final long SECOND = 1_000_000_000L;

    private static Admission of(int all, int device, int open) {
        return new Admission(new BootstrapSettings.Limits(
                all, device, open, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ZERO));
    }

    @Test
    void a_device_that_hammers_is_refused_and_let_in_again_later() {
        Admission admission = of(1_000, 6, 10);
        long now = -5 * SECOND;
        for (int i = 0; i < 6; i++) {
            assertThat(admission.ask("a", 0, now)).isEqualTo(Verdict.ADMITTED);
        }
        assertThat(admission.ask("a", 0, now)).isEqualTo(Verdict.DEVICE_TOO_OFTEN);
        assertThat(admission.ask("b", 0, now)).isEqualTo(Verdict.ADMITTED);
        assertThat(admission.ask("a", 0, now + 9 * SECOND)).isEqualTo(Verdict.DEVICE_TOO_OFTEN);
        assertThat(admission.ask("a", 0, now + 10 * SECOND)).isEqualTo(Verdict.ADMITTED);
    }

    @Test
    void a_thousand_devices_in_a_minute_pass_the_defaults_and_more_than_the_limit_do_not() {
        Admission admission = new Admission(BootstrapSettings.Limits.DEFAULT);
        int admitted = 0;
        for (int i = 0; i < 5_000; i++) {
            if (admission.ask("d" + i, 0, 0) == Verdict.ADMITTED) {
                admitted++;
            }
        }
        assertThat(admitted).isEqualTo(3_000);
        assertThat(admission.ask("late", 0, 0)).isEqualTo(Verdict.TOO_MANY);
        assertThat(admission.ask("later", 0, SECOND)).isEqualTo(Verdict.ADMITTED);
    }

    @Test
    void open_sessions_are_bounded() {
        Admission admission = of(100, 6, 2);

        assertThat(admission.ask("a", 2, 0)).isEqualTo(Verdict.TOO_MANY_OPEN);
        assertThat(admission.ask("a", 1, 0)).isEqualTo(Verdict.ADMITTED);
    }
}
