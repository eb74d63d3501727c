package wavegate.config;

import java.time.Duration;

/**
 * Health reports.
 *
 * @param observe whether health is observed also on devices that can Send
 * @param period longest interval asked of an observed device
 */
public record TelemetrySettings(boolean observe, Duration period) {
    public static final TelemetrySettings DEFAULT = new TelemetrySettings(false, Duration.ofMinutes(15));

    public TelemetrySettings {
        new Checks().positive("period", period).done();
    }
}
