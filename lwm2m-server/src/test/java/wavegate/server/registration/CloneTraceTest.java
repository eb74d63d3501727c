package wavegate.server.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import wavegate.server.registration.CloneTrace.Sighting;

class CloneTraceTest {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    /** Each sighting: session made at, host; one a minute unless {@code every} says otherwise. */
    private static boolean areOfTwo(Duration every, List<String> sightings) {
        CloneTrace trace = null;
        Instant at = START;
        for (String text : sightings) {
            String[] parts = text.split("@", -1);
            Sighting seen = new Sighting(parts[0], Long.parseLong(parts[0]), parts[1], at);
            trace = trace == null ? CloneTrace.first(seen) : trace.next(seen);
            at = at.plus(every);
        }
        return trace != null && trace.isOfTwo();
    }

    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void two_devices_that_keep_a_session_each_are_found() {
        assertThat(areOfTwo(MINUTE, List.of("1@a", "2@b", "1@a", "2@b", "1@a", "2@b", "1@a")))
                .isTrue();
    }

    @Test
    void two_devices_behind_one_address_are_found() {
        assertThat(areOfTwo(MINUTE, List.of("1@a", "2@a", "1@a", "2@a", "1@a", "2@a", "1@a")))
                .isTrue();
    }

    @Test
    void two_devices_that_make_a_session_for_every_message_are_found_by_their_addresses() {
        assertThat(areOfTwo(MINUTE, List.of("1@a", "2@b", "3@a", "4@b", "5@a", "6@b", "7@a", "8@b")))
                .isTrue();
    }

    @Test
    void one_device_is_not_two_whatever_its_network_does() {
        // A session for every message, from an address of its own each time.
        assertThat(areOfTwo(MINUTE, List.of("1@a", "2@b", "3@c", "4@d", "5@e", "6@f", "7@g", "8@h", "9@i")))
                .isFalse();
        // One session behind an address that goes to and fro: a connection id at work.
        assertThat(areOfTwo(MINUTE, List.of("1@a", "1@b", "1@a", "1@b", "1@a", "1@b", "1@a", "1@b", "1@a")))
                .isFalse();
        // New sessions from one address.
        assertThat(areOfTwo(MINUTE, List.of("1@a", "2@a", "3@a", "4@a", "5@a", "6@a", "7@a", "8@a")))
                .isFalse();
        // A late record of the session before, twice.
        assertThat(areOfTwo(MINUTE, List.of("1@a", "2@b", "1@a", "2@b", "3@a", "2@b", "3@a")))
                .isFalse();
        // Between two networks, every half hour.
        assertThat(areOfTwo(
                        Duration.ofMinutes(30),
                        List.of("1@a", "2@b", "3@a", "4@b", "5@a", "6@b", "7@a", "8@b", "9@a", "10@b")))
                .isFalse();
    }
}
