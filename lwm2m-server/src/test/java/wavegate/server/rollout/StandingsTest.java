package wavegate.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.store.memory.MemoryTelemetryStore;

/** What queries are told of devices that say odd things. */
class StandingsTest {
    private static final Instant NOW = Instant.parse("2030-05-01T12:00:00Z");

    private final MemoryTelemetryStore telemetry = new MemoryTelemetryStore(8);
    private final Device device = Device.firstSeen(new Endpoint("pump-1"), new Labels("eu", "", new TreeSet<>()), NOW);
    private final Standings standings = new Standings(
            () -> {
                throw new IllegalStateException("nobody asked for a session");
            },
            telemetry,
            ClientProfiles.NONE,
            name -> false);

    private void crashedAt(double seconds) {
        telemetry.append(
                new HealthReport(device.endpoint(), NOW, NOW, Map.of(Metric.LAST_CRASH_EPOCH_SECONDS, seconds)));
    }

    @Test
    void a_crash_is_known_by_its_time() {
        crashedAt(1_900_000_000);

        assertThat(standings.apply(device).lastCrash()).contains(Instant.ofEpochSecond(1_900_000_000));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 1e17, 1e300, Double.POSITIVE_INFINITY, Double.NaN})
    void a_time_that_there_is_not_is_no_crash(double seconds) {
        crashedAt(seconds);

        assertThat(standings.apply(device).lastCrash()).isEmpty();
    }
}
