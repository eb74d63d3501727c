package wavegate.server.terminal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.rollout.VersionDesk.Format;

/** Turns a question into values. Fields nobody knows are passed over; a value that is none refuses the whole, by name. Any thread. */
final class CheckInReader {
    private static final int LONGEST_TEXT = 255;
    private static final int MOST_TAGS = 16;
    private static final double LARGEST_NUMBER = 1L << 53;
    private static final Map<String, UpdateState> STATES = Map.of(
            "idle", UpdateState.IDLE,
            "downloading", UpdateState.DOWNLOADING,
            "downloaded", UpdateState.DOWNLOADED,
            "updating", UpdateState.UPDATING);
    private static final Map<String, Metric> HEALTH = health();

    private static final StreamReadConstraints SMALL = StreamReadConstraints.builder()
            .maxNestingDepth(8)
            .maxStringLength(1024)
            .maxNumberLength(40)
            .build();
    private static final ObjectMapper JSON =
            strict(JsonFactory.builder().streamReadConstraints(SMALL).build());
    private static final ObjectMapper CBOR =
            strict(CBORFactory.builder().streamReadConstraints(SMALL).build());

    /** Why a question is none: field, value, expectation. */
    static final class Malformed extends Exception {
        Malformed(String why) {
            super(why, null, false, false);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    private final JsonNode question;

    private CheckInReader(JsonNode question) {
        this.question = question;
    }

    private static ObjectMapper strict(JsonFactory factory) {
        return new ObjectMapper(factory)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    private static Map<String, Metric> health() {
        Map<String, Metric> fields = new LinkedHashMap<>();
        fields.put("crashes", Metric.CRASH_COUNT);
        fields.put("boots", Metric.BOOT_COUNT);
        fields.put("uptime", Metric.UPTIME_SECONDS);
        fields.put("energy", Metric.ENERGY_USED_MAH);
        fields.put("lastCrash", Metric.LAST_CRASH_EPOCH_SECONDS);
        fields.put("millivolts", Metric.BATTERY_MILLIVOLTS);
        fields.put("error", Metric.ERROR_CODE);
        return fields;
    }

    static CheckIn read(byte[] question, Format format) throws Malformed {
        JsonNode node;
        try {
            node = (format == Format.CBOR ? CBOR : JSON).readTree(question);
        } catch (IOException e) {
            throw new Malformed("question: unreadable (expected: one "
                    + (format == Format.CBOR ? "CBOR map" : "JSON object") + ", each field once)");
        }
        if (node == null || !node.isObject()) {
            throw new Malformed("question: no object (expected: an object with endpoint and version)");
        }
        return new CheckInReader(node).checkIn();
    }

    private CheckIn checkIn() throws Malformed {
        String endpoint = text("endpoint");
        if (!Endpoint.isValid(endpoint)) {
            throw bad("endpoint", "1 to 64 of A-Z a-z 0-9 : . _ -");
        }
        FirmwareVersion version = FirmwareVersion.of(text("version"));
        if (!version.known()) {
            throw bad("version", "the version that runs, 1 to 255 characters");
        }
        int battery = (int) whole("battery", 0, 100).orElse(-1);
        return new CheckIn(
                new Endpoint(endpoint),
                new DeviceIdentity(text("manufacturer"), text("model"), text("hardware")),
                version,
                labels(),
                fetches(),
                whole("free", 0, 1L << 53),
                battery,
                state(),
                new UpdateResult((int) whole("result", 0, 255).orElse(0)),
                token(),
                at(),
                healthWith(battery));
    }

    /** Empty if it is not there. No control characters, at most 255. */
    private String text(String field) throws Malformed {
        JsonNode node = question.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        String text = node.isTextual() ? node.textValue().strip() : "";
        if (!node.isTextual()
                || text.length() > LONGEST_TEXT
                || text.codePoints().anyMatch(Character::isISOControl)) {
            throw bad(field, "text of at most 255 characters, no control characters");
        }
        return text;
    }

    private Labels labels() throws Malformed {
        String region = label("region", question.path("region"));
        String carrier = label("carrier", question.path("carrier"));
        TreeSet<String> tags = new TreeSet<>();
        JsonNode list = question.path("tags");
        if (!list.isMissingNode() && (!list.isArray() || list.size() > MOST_TAGS)) {
            throw bad("tags", "a list of at most 16 labels");
        }
        for (JsonNode tag : list) {
            tags.add(label("tags", tag));
        }
        tags.remove("");
        return region.isEmpty() && carrier.isEmpty() && tags.isEmpty()
                ? Labels.NONE
                : new Labels(region, carrier, tags);
    }

    private String label(String field, JsonNode node) throws Malformed {
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        try {
            if (node.isTextual()) {
                return new Labels(node.textValue(), "", new TreeSet<>()).region();
            }
        } catch (IllegalArgumentException e) {
            throw bad(field, "at most 64 printable ASCII characters, no blanks");
        }
        throw bad(field, "text");
    }

    /** Schemes this server does not know are passed over: a terminal may be able to do more. */
    private Set<UpdateProtocol> fetches() throws Malformed {
        Set<UpdateProtocol> fetches = EnumSet.noneOf(UpdateProtocol.class);
        JsonNode list = question.path("fetch");
        if (list.isMissingNode() || list.isNull()) {
            return fetches;
        }
        if (!list.isArray() || list.isEmpty() || list.size() > MOST_TAGS) {
            throw bad("fetch", "a list of schemes like coap, coaps, http, https");
        }
        for (JsonNode scheme : list) {
            for (UpdateProtocol protocol : UpdateProtocol.values()) {
                if (scheme.isTextual() && protocol.scheme().equals(scheme.textValue())) {
                    fetches.add(protocol);
                }
            }
        }
        if (fetches.isEmpty()) {
            throw bad("fetch", "at least one of coap, coaps, http, https");
        }
        return fetches;
    }

    private UpdateState state() throws Malformed {
        String text = text("state");
        UpdateState state = text.isEmpty() ? UpdateState.IDLE : STATES.get(text);
        if (state == null) {
            throw bad("state", "idle, downloading, downloaded or updating");
        }
        return state;
    }

    private String token() throws Malformed {
        String token = text("token");
        if (!token.matches("([0-9a-f]{16})?")) {
            throw bad("token", "the 16 hex digits of the offer");
        }
        return token;
    }

    private Optional<Instant> at() throws Malformed {
        OptionalLong seconds = whole("time", 0, 1L << 33);
        return seconds.isEmpty() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds.getAsLong()));
    }

    private OptionalLong whole(String field, long least, long most) throws Malformed {
        JsonNode node = question.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return OptionalLong.empty();
        }
        if (!node.isNumber() || !node.canConvertToExactIntegral() || !node.canConvertToLong()) {
            throw bad(field, "a whole number");
        }
        long value = node.longValue();
        if (value < least || value > most) {
            throw bad(field, least + " to " + most);
        }
        return OptionalLong.of(value);
    }

    /** Crashes and watchdog resets are one counter, as in the Modem Health object. */
    private Map<Metric, Double> healthWith(int battery) throws Malformed {
        EnumMap<Metric, Double> health = new EnumMap<>(Metric.class);
        JsonNode section = question.path("health");
        if (!section.isMissingNode() && !section.isNull() && !section.isObject()) {
            throw bad("health", "an object of counters");
        }
        for (Map.Entry<String, Metric> field : HEALTH.entrySet()) {
            add(health, field.getValue(), number(section, field.getKey()));
        }
        add(health, Metric.CRASH_COUNT, number(section, "watchdogs"));
        if (battery >= 0) {
            health.put(Metric.BATTERY_PERCENT, (double) battery);
        }
        return health;
    }

    private static void add(Map<Metric, Double> health, Metric metric, double value) {
        if (!Double.isNaN(value)) {
            health.merge(metric, value, Double::sum);
        }
    }

    private double number(JsonNode section, String field) throws Malformed {
        JsonNode node = section.isObject() ? section.path(field) : MissingNode.getInstance();
        if (node.isMissingNode() || node.isNull()) {
            return Double.NaN;
        }
        double value = node.isNumber() ? node.doubleValue() : Double.NaN;
        if (!(value >= 0 && value <= LARGEST_NUMBER)) {
            throw malformed("health." + field, node, "a number of 0 or more");
        }
        return value;
    }

    private Malformed bad(String field, String expected) {
        return malformed(field, question.path(field), expected);
    }

    private static Malformed malformed(String field, JsonNode value, String expected) {
        String text = value.isMissingNode() ? "missing" : value.toString();
        String head = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        return new Malformed(
                field + ": " + head.replaceAll("[^\\x20-\\x7e]|[<>&]", "?") + " (expected: " + expected + ")");
    }
}
