package wavegate.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.rollout.TelemetryStore;

/** What every telemetry store keeps: 64 reports per device in these tests. */
public abstract class TelemetryStoreContract {
    @TempDir
    protected Path directory;

    /** An empty store. */
    protected abstract TelemetryStore store();

    @Test
    void a_device_that_never_reported_has_no_reports() {
        assertThat(store().latest(new Endpoint("a"), 10)).isEmpty();
    }

    @Test
    void a_report_is_read_back_as_soon_as_it_was_appended_newest_first() {
        TelemetryStore store = store();
        for (int i = 0; i < 200; i++) {
            store.append(report("a", i));
            assertThat(store.latest(new Endpoint("a"), 3)).isEqualTo(reports("a", i, Math.max(-1, i - 3)));
        }
    }

    @Test
    void the_newest_sixty_four_are_kept_per_device() {
        TelemetryStore store = store();
        for (int i = 0; i < 100; i++) {
            store.append(report("a", i));
            store.append(report("b", i));
        }
        assertThat(store.latest(new Endpoint("a"), 1000)).isEqualTo(reports("a", 99, 35));
        assertThat(store.latest(new Endpoint("b"), 2)).isEqualTo(reports("b", 99, 97));
    }

    protected static List<HealthReport> reports(String endpoint, int newest, int before) {
        return IntStream.iterate(newest, i -> i > before, i -> i - 1)
                .mapToObj(i -> report(endpoint, i))
                .toList();
    }

    protected static HealthReport report(String endpoint, int i) {
        return new HealthReport(
                new Endpoint(endpoint),
                Instant.ofEpochSecond(i, 123_456_789),
                Instant.ofEpochSecond(i + 1, i),
                i % 3 == 0 ? Map.of() : Map.of(Metric.CRASH_COUNT, (double) i, Metric.ERROR_CODE, Double.NaN));
    }
}
