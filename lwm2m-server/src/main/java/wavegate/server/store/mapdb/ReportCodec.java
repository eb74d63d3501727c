package wavegate.server.store.mapdb;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;

/**
 * The kept reports of one device as bytes, newest first, each: number of values (1), device time and time of receipt (second 8, nano 4 each),
 * then per value the metric's place in {@link Metric} (1) and the number (8). The file is not kept over a change of that order: see
 * {@link MapDbTelemetryStore}.
 */
final class ReportCodec {
    private static final int HEAD = 25;
    private static final int VALUE = 9;
    private static final List<Metric> METRICS = List.of(Metric.values());

    private ReportCodec() {}

    static byte[] encode(List<HealthReport> reports) {
        int size = reports.stream()
                .mapToInt(report -> HEAD + VALUE * report.values().size())
                .sum();
        ByteBuffer buffer = ByteBuffer.allocate(size);
        for (HealthReport report : reports) {
            buffer.put((byte) report.values().size());
            put(buffer, report.deviceTime());
            put(buffer, report.receivedAt());
            report.values().forEach((metric, value) -> buffer.put((byte) METRICS.indexOf(metric))
                    .putDouble(value));
        }
        return buffer.array();
    }

    static List<HealthReport> decode(Endpoint endpoint, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        List<HealthReport> reports = new ArrayList<>();
        while (buffer.hasRemaining()) {
            int count = buffer.get();
            Instant deviceTime = instant(buffer);
            Instant receivedAt = instant(buffer);
            Map<Metric, Double> values = new EnumMap<>(Metric.class);
            for (int i = 0; i < count; i++) {
                values.put(METRICS.get(buffer.get()), buffer.getDouble());
            }
            reports.add(new HealthReport(endpoint, deviceTime, receivedAt, values));
        }
        return reports;
    }

    private static void put(ByteBuffer buffer, Instant at) {
        buffer.putLong(at.getEpochSecond()).putInt(at.getNano());
    }

    private static Instant instant(ByteBuffer buffer) {
        return Instant.ofEpochSecond(buffer.getLong(), buffer.getInt());
    }
}
