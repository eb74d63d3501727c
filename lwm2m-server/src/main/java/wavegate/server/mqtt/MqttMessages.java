package wavegate.server.mqtt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.Endpoint;
import wavegate.server.ingest.TelemetryIntake;
import wavegate.server.ingest.TelemetryRow;

/**
 * What messages say. A payload is one report or a list of them, as for {@code POST /telemetry}; a topic that ends in an endpoint speaks for that one
 * alone. What cannot be used is counted and left. Never throws. Any thread.
 */
final class MqttMessages {
    static final int LONGEST_PAYLOAD = 64 * 1024;
    private static final int MOST_ROWS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(MqttMessages.class);

    private final ObjectMapper json = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxStringLength(1024)
                            .maxNumberLength(64)
                            .build())
                    .build())
            .build();
    private final String topic;
    private final TelemetryIntake intake;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong doubled = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** @param topic the one all reports come below */
    MqttMessages(String topic, TelemetryIntake intake) {
        this.topic = topic;
        this.intake = intake;
    }

    void take(String from, byte[] payload) {
        try {
            Optional<Endpoint> named = named(from);
            if (payload.length > LONGEST_PAYLOAD) {
                throw new IllegalArgumentException(
                        "payload: " + payload.length + " bytes (expected: at most " + LONGEST_PAYLOAD + ")");
            }
            JsonNode body = json.readTree(payload);
            if (!body.isArray()) {
                row(body, named);
            } else if (body.size() > MOST_ROWS) {
                throw new IllegalArgumentException(
                        "reports: " + body.size() + " (expected: at most " + MOST_ROWS + " in a message)");
            } else {
                body.forEach(row -> each(row, named));
            }
        } catch (IOException | RuntimeException e) {
            refuse(e);
        }
    }

    private Optional<Endpoint> named(String from) {
        if (from.equals(topic)) {
            return Optional.empty();
        }
        String name = from.startsWith(topic + "/") ? from.substring(topic.length() + 1) : "";
        if (!Endpoint.isValid(name)) {
            throw new IllegalArgumentException("topic: no endpoint at its end");
        }
        return Optional.of(new Endpoint(name));
    }

    private void each(JsonNode row, Optional<Endpoint> named) {
        try {
            row(row, named);
        } catch (RuntimeException e) {
            refuse(e);
        }
    }

    private void row(JsonNode body, Optional<Endpoint> named) {
        TelemetryIntake.Outcome outcome = intake.take(TelemetryRow.parse(body, named));
        switch (outcome) {
            case TAKEN -> taken.incrementAndGet();
            case DOUBLED -> doubled.incrementAndGet();
            case UNKNOWN_DEVICE, BUSY -> {
                refused.incrementAndGet();
                LOG.debug("report by mqtt not taken: {}", outcome);
            }
        }
    }

    private void refuse(Exception why) {
        refused.incrementAndGet();
        LOG.debug("message by mqtt not taken", why);
    }

    long taken() {
        return taken.get();
    }

    long doubled() {
        return doubled.get();
    }

    long refused() {
        return refused.get();
    }
}
