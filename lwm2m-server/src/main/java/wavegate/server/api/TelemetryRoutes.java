package wavegate.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import wavegate.server.ingest.TelemetryIntake;
import wavegate.server.ingest.TelemetryRow;

/** {@code POST /telemetry}: health of devices that tell it to somebody else. Each row for itself: a bad one takes no other with it, but a body without any report is refused. */
final class TelemetryRoutes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_FAULTS = 1000;

    private final TelemetryIntake intake;
    private final Answers answers;

    TelemetryRoutes(TelemetryIntake intake, Answers answers) {
        this.intake = intake;
        this.answers = answers;
    }

    void post(RoutingContext ctx) {
        Params unused = new Params(ctx);
        String type = Optional.ofNullable(ctx.request().getHeader("Content-Type"))
                .orElse("")
                .toLowerCase(Locale.ROOT);
        if (!type.matches("application/(json|x-ndjson)\\s*(;.*)?")) {
            throw new Problem(
                            415,
                            "unsupported-media-type",
                            "content type: \"" + Problem.clean(type)
                                    + "\" (expected: application/json or application/x-ndjson)")
                    .asException();
        }
        String text = Optional.ofNullable(ctx.body().buffer())
                .orElseGet(Buffer::buffer)
                .toString(StandardCharsets.UTF_8);
        boolean lines = type.startsWith("application/x-ndjson");
        answers.read(ctx, () -> lines ? lines(text) : array(text));
    }

    private ObjectNode array(String text) {
        JsonNode all;
        try {
            all = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new Problem(400, "invalid-body", "body: " + e.getOriginalMessage()).asException();
        }
        Tally tally = new Tally();
        if (all.isArray()) {
            all.forEach(tally::take);
        } else {
            tally.take(all);
        }
        return tally.result();
    }

    private ObjectNode lines(String text) {
        Tally tally = new Tally();
        text.lines().forEach(line -> {
            if (line.isBlank()) {
                tally.skip();
                return;
            }
            try {
                tally.take(JSON.readTree(line));
            } catch (JsonProcessingException e) {
                tally.fault(e.getOriginalMessage());
            }
        });
        return tally.result();
    }

    private final class Tally {
        private record Fault(int row, String fault) {}

        private final List<Fault> faults = new ArrayList<>();
        private int rows;
        private int taken;
        private int doubled;
        private int refused;
        private int reports;

        void skip() {
            rows++;
        }

        void take(JsonNode json) {
            try {
                TelemetryRow row = TelemetryRow.parse(json, Optional.empty());
                reports++;
                switch (intake.take(row)) {
                    case TAKEN -> {
                        rows++;
                        taken++;
                    }
                    case DOUBLED -> {
                        rows++;
                        doubled++;
                    }
                    case UNKNOWN_DEVICE ->
                        fault("endpoint: \"" + row.endpoint() + "\" (expected: a device that has been seen)");
                    case BUSY -> fault("the server is behind (send it again)");
                }
            } catch (IllegalArgumentException e) {
                fault(String.valueOf(e.getMessage()));
            }
        }

        void fault(String what) {
            rows++;
            refused++;
            if (faults.size() < MOST_FAULTS) {
                faults.add(new Fault(rows, what));
            }
        }

        /** @throws RuntimeException a problem, if there was nothing in the body that reads as a report */
        ObjectNode result() {
            if (reports == 0) {
                String first = faults.isEmpty()
                        ? ""
                        : ", row " + faults.get(0).row() + " is none because of "
                                + faults.get(0).fault();
                throw new Problem(
                                400,
                                "invalid-body",
                                Problem.clean("body: " + rows + " rows" + first + " (expected: one report or more)"))
                        .asException();
            }
            ObjectNode json = ApiJson.object();
            json.put("taken", taken).put("doubled", doubled).put("refused", refused);
            ArrayNode list = json.putArray("faults");
            faults.forEach(fault -> list.addObject().put("row", fault.row()).put("fault", fault.fault()));
            return json;
        }
    }
}
