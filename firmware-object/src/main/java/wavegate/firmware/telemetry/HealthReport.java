package wavegate.firmware.telemetry;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import wavegate.firmware.device.Endpoint;

/** Numbers a device reported at one moment. {@code deviceTime} is the device's own clock where it sent one, else {@code receivedAt}, the server's. */
public record HealthReport(Endpoint endpoint, Instant deviceTime, Instant receivedAt, Map<Metric, Double> values) {
    public HealthReport {
        EnumMap<Metric, Double> copy = new EnumMap<>(Metric.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
    }

    public OptionalDouble value(Metric metric) {
        Double value = values.get(metric);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
