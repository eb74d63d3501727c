package wavegate.server.rollout;

import java.util.List;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;

/** Port: raw telemetry, bounded per device, newest kept. Not in the ledger; losing it loses samples and nothing else. Any thread. */
public interface TelemetryStore {
    void append(HealthReport report);

    /** Newest first, at most {@code limit}. */
    List<HealthReport> latest(Endpoint endpoint, int limit);
}
