package wavegate.server.store.memory;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.server.rollout.TelemetryStore;

/** The newest reports of each device, in memory. */
public final class MemoryTelemetryStore implements TelemetryStore {
    private final int keptPerDevice;
    private final Map<Endpoint, ArrayDeque<HealthReport>> reports = new HashMap<>();

    public MemoryTelemetryStore(int keptPerDevice) {
        if (keptPerDevice < 1) {
            throw new IllegalArgumentException("reports kept per device: " + keptPerDevice + " (expected: at least 1)");
        }
        this.keptPerDevice = keptPerDevice;
    }

    @Override
    public synchronized void append(HealthReport report) {
        ArrayDeque<HealthReport> kept = reports.computeIfAbsent(report.endpoint(), any -> new ArrayDeque<>());
        if (kept.size() == keptPerDevice) {
            kept.removeLast();
        }
        kept.addFirst(report);
    }

    @Override
    public synchronized List<HealthReport> latest(Endpoint endpoint, int limit) {
        return reports.getOrDefault(endpoint, new ArrayDeque<>()).stream()
                .limit(limit)
                .toList();
    }
}
