package wavegate.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;

class PacedReadsTest {
    private static Endpoint device(int number) {
        return new Endpoint("m-" + number);
    }

    private static int releasedAt(PacedReads reads, long millis) {
        int released = 0;
        while (reads.poll(millis).isPresent()) {
            released++;
        }
        return released;
    }

    @Test
    void reads_leave_at_the_pace_and_no_faster() {
        PacedReads reads = new PacedReads(200, 10_000, 0);
        for (int i = 0; i < 5000; i++) {
            reads.add(device(i), false);
        }

        int released = 0;
        for (long millis = 0; millis <= 10_000; millis += 20) {
            released += releasedAt(reads, millis);
        }

        assertThat(released).isBetween(1995, 2000);
    }

    @Test
    void an_urgent_read_goes_first_and_without_waiting() {
        PacedReads reads = new PacedReads(1, 10, 0);
        reads.add(device(1), false);
        reads.add(device(2), true);

        assertThat(reads.poll(0)).isEqualTo(Optional.of(device(2)));
        assertThat(reads.poll(0)).isEmpty();
    }

    @Test
    void a_device_waits_once_and_in_the_more_urgent_place() {
        PacedReads reads = new PacedReads(1, 10, 0);
        reads.add(device(1), false);
        reads.add(device(1), false);
        reads.add(device(1), true);
        reads.add(device(1), false);

        assertThat(reads.waiting()).isEqualTo(1);
        assertThat(reads.poll(0)).isEqualTo(Optional.of(device(1)));
    }

    @Test
    void what_finds_no_room_is_dropped_and_counted() {
        PacedReads reads = new PacedReads(1, 2, 0);
        for (int i = 0; i < 5; i++) {
            reads.add(device(i), false);
        }

        assertThat(reads.waiting()).isEqualTo(2);
        assertThat(reads.dropped()).isEqualTo(3);
    }

    @Test
    void a_device_that_did_not_answer_is_read_again_once_it_is_heard() {
        PacedReads reads = new PacedReads(10, 10, 0);
        reads.heard(device(1));
        assertThat(reads.waiting()).isZero();

        reads.failed(device(1));
        assertThat(reads.waiting()).isZero();
        reads.heard(device(1));
        reads.heard(device(1));
        assertThat(reads.waiting()).isEqualTo(1);

        reads.failed(device(2));
        reads.gone(device(2));
        reads.heard(device(2));
        assertThat(reads.waiting()).isEqualTo(1);
    }
}
