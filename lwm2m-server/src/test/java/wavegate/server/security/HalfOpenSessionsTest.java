package wavegate.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Handshakes that are begun with a good cookie from thousands of addresses and never ended: so many are kept, the oldest gives way, and devices
 * get through. The long form is against the defaults, the short one against an eighth of them.
 */
class HalfOpenSessionsTest {
    private static final boolean FULL = Boolean.getBoolean("wavegate.test.full");
    private static final int LIMIT = FULL ? 4096 : 512;
    private static final int OF_A_SOURCE = LIMIT / 8;
    private static final int SOURCES = FULL ? 16_384 : 4096;
    private static final int DEVICES = FULL ? 50 : 8;
    private static final long HEAP_GROWTH = 64L << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void handshakes_left_open_are_bounded_and_honest_devices_get_in(boolean fragments) throws Exception {
        String limits = "limits: {handshakes: %d, source-handshakes: %d}".formatted(LIMIT, OF_A_SOURCE);
        try (Target target = new Target(directory, DEVICES + 1, limits)) {
            try (HonestDevice first = new HonestDevice(DEVICES)) {
                assertThat(first.register(target.coaps, Duration.ofSeconds(20))).isPresent();
            }
            long heap = target.number("heap");
            int inTime = 0;
            long slowest = 0;
            long most = 0;
            int begun;
            try (HalfOpenSessions sessions = new HalfOpenSessions(target.coaps, SOURCES, 1500, fragments)) {
                // First as many as are kept, so that each more pushes one out.
                await("handshakes begun").atMost(Duration.ofSeconds(60)).until(() -> sessions.begun.get() > LIMIT * 2);
                for (int i = 0; i < DEVICES; i++) {
                    try (HonestDevice device = new HonestDevice(i)) {
                        Optional<Duration> took = device.register(target.coaps, Duration.ofSeconds(5));
                        inTime += took.isPresent() ? 1 : 0;
                        slowest = Math.max(slowest, took.map(Duration::toMillis).orElse(5000L));
                    }
                    most = Math.max(most, target.number("connections"));
                }
                begun = sessions.begun.get();
                long growth = target.number("heap") - heap;
                System.out.printf(
                        Locale.ROOT,
                        "half-open fragments=%s begun=%d connections=%d registered-in-5s=%d/%d max=%dms heap-growth=%.1fMiB"
                                + " log=%dB%n",
                        fragments,
                        begun,
                        most,
                        inTime,
                        DEVICES,
                        slowest,
                        growth / 1048576.0,
                        target.logBytes());
                assertThat(growth).as("heap growth").isLessThan(HEAP_GROWTH);
            }

            assertThat(begun).as("handshakes begun").isGreaterThan(LIMIT * 2);
            assertThat(most).as("connections kept").isGreaterThan(LIMIT / 2);
            // Besides those under way: the devices', and those that gave way and wait for a thread to close them.
            assertThat(most).as("connections kept").isLessThanOrEqualTo(LIMIT * 3 / 2);
            assertThat(inTime).as("honest devices registered within 5 s").isGreaterThanOrEqualTo(DEVICES * 95 / 100);
            assertThat(target.ready(200)).isEqualTo(200);
            assertThat(target.logBytes()).as("bytes logged").isLessThan(256 * 1024);
        }
    }
}
