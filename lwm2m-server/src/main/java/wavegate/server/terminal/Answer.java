package wavegate.server.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.Manifest;
import wavegate.server.rollout.VersionDesk.Format;

/** What a terminal is told to do, and in how many seconds to ask again. Fits one datagram. */
record Answer(ObjectNode fields) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper CBOR = new ObjectMapper(new CBORFactory());

    /** Nothing new: goes on as it is. */
    static Answer waits(long afterSeconds) {
        return doing("wait", afterSeconds);
    }

    /** What it holds or is fetching was called off, or is nobody's. */
    static Answer discards(String token, long afterSeconds) {
        Answer answer = doing("discard", afterSeconds);
        answer.fields.put("token", token);
        return answer;
    }

    /** Fetch, check, keep, and ask again at once; nothing is applied before it is told. */
    static Answer offers(Offer offer, long afterSeconds) {
        Manifest manifest = offer.firmwarePackage().manifest();
        Answer answer = doing("fetch", afterSeconds);
        answer.fields.put("token", offer.token());
        answer.fields.put("version", manifest.version().text());
        answer.fields.put("size", offer.sizeBytes());
        answer.fields.put("sha256", offer.artifact().hex());
        if (offer.isDelta()) {
            answer.fields.put("format", "delta");
        }
        answer.fields.put("uri", offer.uri());
        ObjectNode signed = answer.fields.putObject("signed");
        signed.put("package", offer.firmwarePackage().id().value());
        signed.put("key", offer.firmwarePackage().keyId());
        ObjectNode when = answer.fields.putObject("when");
        when.put("apply", "told");
        when.put("battery", offer.leastBatteryPercent());
        return answer;
    }

    /** Apply what was fetched, now; restart; ask after the start. */
    static Answer applies(String token, FirmwarePackage firmwarePackage, long afterSeconds) {
        Answer answer = doing("apply", afterSeconds);
        answer.fields.put("token", token);
        answer.fields.put("version", firmwarePackage.manifest().version().text());
        return answer;
    }

    private static Answer doing(String what, long afterSeconds) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        fields.put("do", what);
        fields.put("after", afterSeconds);
        return new Answer(fields);
    }

    byte[] bytes(Format format) {
        try {
            return (format == Format.CBOR ? CBOR : JSON).writeValueAsBytes(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that cannot be written", e);
        }
    }
}
