package wavegate.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FleetRoomTest {
    @Test
    void what_is_resident_beside_the_heap_stays_and_modules_share_the_rest() {
        FleetRoom room = FleetRoom.of(50_000, 100_000_000, 292);

        assertThat(room.bytesEach()).isEqualTo(2000);
        // 512 MiB less the 206,184,192 bytes that are no heap.
        assertThat(room.modules()).isEqualTo((536_870_912 - 206_184_192) / 2000);
    }

    @Test
    void nothing_is_said_of_a_small_fleet_or_of_unknown_memory() {
        assertThat(FleetRoom.of(4999, new ProcessUse(200, 1))).isEmpty();
        assertThat(FleetRoom.of(50_000, new ProcessUse(-1, 1))).isEmpty();
    }

    @Test
    void a_fleet_that_takes_more_than_that_leaves_no_negative_room() {
        assertThat(FleetRoom.of(1_000_000, 100_000_000, 2000).modules()).isZero();
    }
}
