package wavegate.firmware.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import wavegate.firmware.device.Endpoint;

/** Numbers a device reported at one moment. {@code deviceTime} is the device's own clock where it sent one, else {@code receivedAt}, the server's. */
public record HealthReport(Endpoint endpoint, Instant deviceTime, Instant receivedAt, Map<Metric, Double> values) {
    /** A device clock further than this from the server's is not believed. A constant: clocks do not drift faster because a gate is shorter. */
    public static final Duration MAX_SKEW = Duration.ofMinutes(5);

    public HealthReport {
        EnumMap<Metric, Double> copy = new EnumMap<>(Metric.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
    }

    /** When this was measured, epoch milliseconds: by the device's clock if that is within {@link #MAX_SKEW} of the server's, else when it arrived. */
    public long measuredAt() {
        Duration skew = Duration.between(deviceTime, receivedAt).abs();
        return (skew.compareTo(MAX_SKEW) < 0 ? deviceTime : receivedAt).toEpochMilli();
    }

    public OptionalDouble value(Metric metric) {
        Double value = values.get(metric);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
