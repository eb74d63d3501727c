package wavegate.server.store.mapdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wavegate.firmware.device.Endpoint;
import wavegate.server.contract.TelemetryStoreContract;
import wavegate.server.rollout.TelemetryStore;

class MapDbTelemetryStoreTest extends TelemetryStoreContract {
    private final List<MapDbTelemetryStore> opened = new ArrayList<>();

    @Override
    protected TelemetryStore store() {
        return open(10_000);
    }

    private MapDbTelemetryStore open(int queueLimit) {
        MapDbTelemetryStore store = MapDbTelemetryStore.open(file(), queueLimit);
        opened.add(store);
        return store;
    }

    private Path file() {
        return directory.resolve("telemetry.mapdb");
    }

    @AfterEach
    void close() {
        opened.forEach(MapDbTelemetryStore::close);
    }

    @Test
    void what_waits_is_written_at_close_and_there_after_reopening() {
        MapDbTelemetryStore store = open(10_000);
        for (int i = 0; i < 1000; i++) {
            store.append(report("dev-" + i % 50, i));
        }
        store.close();
        MapDbTelemetryStore again = open(10_000);
        for (int d = 0; d < 50; d++) {
            assertThat(again.latest(new Endpoint("dev-" + d), 100))
                    .hasSize(20)
                    .first()
                    .isEqualTo(report("dev-" + d, 950 + d));
        }
        assertThat(again.dropped()).isZero();
    }

    @Test
    void a_file_that_was_not_closed_is_begun_anew() throws IOException {
        MapDbTelemetryStore store = open(100);
        store.append(report("a", 1));
        store.close();
        Files.delete(CleanMarker.beside(file()));
        assertThat(open(100).latest(new Endpoint("a"), 10)).isEmpty();
    }

    @Test
    void a_writer_that_falls_behind_drops_the_oldest_and_counts() {
        MapDbTelemetryStore store = open(10);
        synchronized (store) {
            for (int i = 0; i < 25; i++) {
                store.append(report("dev-" + i, i));
            }
            assertThat(store.dropped()).isEqualTo(15);
            assertThat(store.latest(new Endpoint("dev-14"), 1)).isEmpty();
            assertThat(store.latest(new Endpoint("dev-15"), 1)).hasSize(1);
        }
    }
}
