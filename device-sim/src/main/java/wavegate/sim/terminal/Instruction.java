package wavegate.sim.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;

/** What a version server answered. */
record Instruction(String what, long afterSeconds, String token, long sizeBytes, Optional<Sha256> sha256, String uri) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Empty for what cannot be followed. */
    static Optional<Instruction> read(byte[] answer) {
        try {
            JsonNode node = JSON.readTree(answer);
            String digest = node.path("sha256").asText();
            return Optional.of(new Instruction(
                    node.path("do").asText(),
                    Math.max(1, node.path("after").asLong(60)),
                    node.path("token").asText(),
                    node.path("size").asLong(),
                    digest.isEmpty() ? Optional.empty() : Optional.of(new Sha256(digest)),
                    node.path("uri").asText()));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
