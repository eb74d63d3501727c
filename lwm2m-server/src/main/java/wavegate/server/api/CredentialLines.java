package wavegate.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wavegate.bootstrap.credential.Credential;

/**
 * Credentials, one a line: CSV {@code endpoint,psk-identity,key-in-hex}, or JSON objects as for one. Empty lines and those that begin with
 * {@code #} are passed over. No fault shows a key.
 */
public final class CredentialLines {
    /** @param fault why it is none; empty if it is one */
    public record Line(int number, Optional<Credential> credential, String fault) {}

    private CredentialLines() {}

    public static List<Line> parse(String text, boolean csv) {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String raw : text.split("\n", -1)) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                lines.add(new Line(number, Optional.of(csv ? ofCsv(line) : ofJson(line)), ""));
            } catch (IllegalArgumentException e) {
                lines.add(new Line(number, Optional.empty(), String.valueOf(e.getMessage())));
            } catch (Problem.Refusal e) {
                lines.add(new Line(number, Optional.empty(), e.problem().detail()));
            }
        }
        return lines;
    }

    private static Credential ofCsv(String line) {
        String[] fields = line.split(",", -1);
        if (fields.length != 3) {
            throw new IllegalArgumentException(fields.length + " fields (expected: endpoint,psk-identity,key-in-hex)");
        }
        return new Credential.Psk(fields[0].strip(), fields[1].strip(), CredentialJson.bytes(fields[2].strip()));
    }

    private static Credential ofJson(String line) {
        JsonNode json;
        try {
            json = ApiJson.parse(line.getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON (expected: an object)");
        }
        if (!json.isObject()) {
            throw new IllegalArgumentException("not an object (expected: one, like {\"endpoint\": ...})");
        }
        Fields fields = Fields.of(json);
        String endpoint = fields.text("endpoint");
        CredentialJson.Given given = CredentialJson.read(fields, endpoint, CredentialJson.NO_KEY);
        fields.orRefuse();
        return given.credential();
    }
}
