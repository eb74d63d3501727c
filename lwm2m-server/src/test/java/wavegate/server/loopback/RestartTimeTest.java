package wavegate.server.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.bench.UpdateCourse;

/** How long a server that knows 100,000 devices, each with an update that ran its whole course, takes to answer again. */
@EnabledIfSystemProperty(named = "wavegate.test.full", matches = "true")
class RestartTimeTest {
    private static final int DEVICES = 100_000;
    private static final int CANARIES = 1000;

    @TempDir
    private Path data;

    @Test
    void a_server_with_a_hundred_thousand_devices_in_its_ledger_starts_within_minutes() throws Exception {
        long facts = new LargeFleet(data.resolve("data"), DEVICES, CANARIES, UpdateCourse.WHOLE_ROAD).write();
        long bytes = 0;
        try (var files = Files.list(data.resolve("data/ledger"))) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }

        Duration rebuilding = start();
        Duration reusing = start();
        System.out.printf(
                "restart: %,d devices with one whole update each, ledger of %,d facts and %,d MiB; start with the view"
                        + " rebuilt %d ms, with the view as it was closed %d ms%n",
                DEVICES, facts, bytes >> 20, rebuilding.toMillis(), reusing.toMillis());
        assertThat(rebuilding).isLessThan(Duration.ofMinutes(5));
        assertThat(reusing).isLessThan(rebuilding);
    }

    private Duration start() throws IOException {
        long before = System.nanoTime();
        try (WholeServer server = new WholeServer(data)) {
            Duration took = Duration.ofNanos(System.nanoTime() - before);
            assertThat(server.server.view().deviceCount()).isEqualTo(DEVICES);
            assertThat(server.status().phases().get(1)).isEqualTo(Map.of(UpdatePhase.SUCCESS, DEVICES - CANARIES));
            return took;
        }
    }
}
