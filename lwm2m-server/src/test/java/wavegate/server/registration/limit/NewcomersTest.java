package wavegate.server.registration.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import wavegate.config.LimitSettings;
import wavegate.config.SettingsReader;

/** How many devices that nobody has seen before are taken in. Time is a number here. */
class NewcomersTest {
    private static final LimitSettings LIMITS = SettingsReader.parse(
                    """
                    limits: {new-names-per-minute: 600, source-new-names-per-minute: 60, crowded-new-names-per-minute: 30}
                    """,
                    Map.of())
            .limits();
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ShedCounts socket = new ShedCounts("coap");
    private long now = 1;
    private final Newcomers newcomers = new Newcomers(LIMITS, List.of(socket), () -> now);

    private long comeFrom(int source, int names) throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(new byte[] {127, 30, (byte) source, 1});
        long taken = 0;
        for (int i = 0; i < names; i++) {
            taken += newcomers.mayCome(address) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void a_long_queue_alone_turns_nobody_away() throws Exception {
        socket.count(Admission.BACKLOG, now);

        assertThat(comeFrom(1, 60)).isEqualTo(60);
    }

    @Test
    void a_source_brings_so_many_at_once_and_so_many_a_minute() throws Exception {
        assertThat(comeFrom(1, 1_000)).isEqualTo(60);
        assertThat(comeFrom(2, 1_000)).isEqualTo(60);

        now += 10 * SECOND;

        assertThat(comeFrom(1, 1_000)).isEqualTo(10);
    }

    @Test
    void all_sources_together_bring_so_many() throws Exception {
        long taken = 0;
        for (int source = 0; source < 100; source++) {
            taken += comeFrom(source, 60);
        }

        assertThat(taken).isEqualTo(600);
    }

    @Test
    void while_load_is_shed_hardly_any_are_taken() throws Exception {
        long taken = 0;
        for (int second = 0; second < 30; second++) {
            socket.count(Admission.STRANGERS, now);
            taken += comeFrom(second, 50);
            now += SECOND;
        }

        assertThat(taken).as("3 at once, and one each 2 s").isBetween(17L, 18L);
        now += SECOND;
        assertThat(comeFrom(99, 50)).as("when it is over").isEqualTo(50);
    }

    @Test
    void the_fleets_of_the_simulator_come_in_at_once() throws Exception {
        Newcomers defaults = new Newcomers(LimitSettings.DEFAULT, List.of(socket), () -> now);

        for (int device = 0; device < 50_000; device++) {
            InetAddress address = InetAddress.getByAddress(new byte[] {127, 16, (byte) (device >> 8), (byte) device});
            assertThat(defaults.mayCome(address)).as("device %d", device).isTrue();
        }
    }
}
