package wavegate.server.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.Metric;

/**
 * A device's report as JSON: {@code {"endpoint": "pump-17", "at": "2026-05-01T12:00:00Z", "boot": 4, "seq": 17, "values": {"crash-count": 2}}}.
 * {@code at} is the device's own time, ISO 8601 or epoch milliseconds; {@code boot} and {@code seq} name a report, so that it counts once.
 *
 * @param serial {@code boot} and {@code seq} where both are there, else the time; empty if there is neither: then it is taken each time
 */
public record TelemetryRow(
        Endpoint endpoint, Optional<Instant> at, Optional<String> serial, Map<Metric, Double> values) {
    private static final Set<String> MEMBERS = Set.of("endpoint", "at", "boot", "seq", "values");
    private static final Map<String, Metric> METRICS =
            Arrays.stream(Metric.values()).collect(Collectors.toMap(Metric::label, metric -> metric));
    private static final long LAST_SECOND = 253_402_300_799L;

    public TelemetryRow {
        values = Map.copyOf(values);
    }

    /**
     * @param named by the road it came, such as the topic; then {@code endpoint} may be left out and may not differ
     * @throws IllegalArgumentException naming the first member that cannot be used
     */
    public static TelemetryRow parse(JsonNode json, Optional<Endpoint> named) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("report: " + json.getNodeType() + " (expected: an object)");
        }
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!MEMBERS.contains(name)) {
                throw new IllegalArgumentException(
                        shown(name) + ": unknown (expected: endpoint, at, boot, seq, values)");
            }
        }
        Endpoint endpoint = endpoint(json.path("endpoint"), named);
        Optional<Instant> at = json.hasNonNull("at") ? Optional.of(at(json.get("at"))) : Optional.empty();
        return new TelemetryRow(endpoint, at, serial(json, at), values(json.path("values")));
    }

    private static Endpoint endpoint(JsonNode json, Optional<Endpoint> named) {
        if (json.isMissingNode() && named.isPresent()) {
            return named.get();
        }
        if (!json.isTextual() || !Endpoint.isValid(json.textValue())) {
            throw new IllegalArgumentException("endpoint: " + shown(json.asText()) + " (expected: a device's name)");
        }
        Endpoint said = new Endpoint(json.textValue());
        if (named.isPresent() && !named.get().equals(said)) {
            throw new IllegalArgumentException(
                    "endpoint: " + said + " (expected: " + named.get() + ", as in the topic)");
        }
        return said;
    }

    private static Instant at(JsonNode json) {
        try {
            if (json.isIntegralNumber()
                    && json.canConvertToLong()
                    && Math.abs(json.longValue() / 1000) <= LAST_SECOND) {
                return Instant.ofEpochMilli(json.longValue());
            }
            if (json.isTextual()) {
                return Instant.parse(json.textValue());
            }
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "at: " + shown(json.asText()) + " (expected: ISO 8601 or epoch milliseconds)", e);
        }
        throw new IllegalArgumentException(
                "at: " + shown(json.asText()) + " (expected: ISO 8601 or epoch milliseconds)");
    }

    private static Optional<String> serial(JsonNode json, Optional<Instant> at) {
        if (json.hasNonNull("boot") || json.hasNonNull("seq")) {
            return Optional.of(whole(json, "boot") + "/" + whole(json, "seq"));
        }
        return at.map(instant -> "@" + instant.toEpochMilli());
    }

    private static long whole(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw new IllegalArgumentException(
                    name + ": " + shown(value.asText()) + " (expected: a whole number; boot and seq go together)");
        }
        return value.longValue();
    }

    private static Map<Metric, Double> values(JsonNode json) {
        if (!json.isObject() || json.isEmpty()) {
            throw new IllegalArgumentException("values: " + json.getNodeType() + " (expected: an object of numbers)");
        }
        EnumMap<Metric, Double> values = new EnumMap<>(Metric.class);
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            Metric metric = METRICS.get(field.getKey().toLowerCase(Locale.ROOT));
            if (metric == null) {
                throw new IllegalArgumentException("values." + shown(field.getKey()) + ": unknown (expected: "
                        + METRICS.keySet().stream().sorted().collect(Collectors.joining(", ")) + ")");
            }
            double value = field.getValue().isNumber() ? field.getValue().doubleValue() : Double.NaN;
            if (!Double.isFinite(value) || value < 0) {
                throw new IllegalArgumentException("values." + metric.label() + ": "
                        + shown(field.getValue().asText()) + " (expected: a number, 0 or more)");
            }
            values.put(metric, value);
        }
        return values;
    }

    private static String shown(String text) {
        String head = text.length() > 64 ? text.substring(0, 64) + "..." : text;
        return "\"" + head.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?") + "\"";
    }
}
