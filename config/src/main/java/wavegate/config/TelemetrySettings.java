package wavegate.config;

import java.time.Duration;

/**
 * Health reports.
 *
 * @param observe whether health is observed also on devices that can Send
 * @param period longest interval asked of an observed device
 * @param keepPerDevice newest reports kept of each device
 */
public record TelemetrySettings(boolean observe, Duration period, int keepPerDevice) {
    public static final TelemetrySettings DEFAULT = new TelemetrySettings(false, Duration.ofMinutes(15), 64);

    public TelemetrySettings {
        new Checks()
                .positive("period", period)
                .within("keep-per-device", keepPerDevice, 1, 10_000)
                .done();
    }
}
