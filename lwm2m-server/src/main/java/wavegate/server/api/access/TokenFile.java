package wavegate.server.api.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;

/** The tokens in one file of JSON, readable by its owner alone. It is there as a whole or not at all, also after a crash. */
final class TokenFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    TokenFile(Path file) {
        this.file = file;
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** @throws IOException naming the file if it cannot be read or holds anything else */
    List<TokenEntry> read() throws IOException {
        try {
            List<TokenEntry> tokens = new ArrayList<>();
            for (JsonNode one : JSON.readTree(Files.readString(file)).required("tokens")) {
                tokens.add(token(one));
            }
            return tokens;
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw new IOException(
                    file + ": " + e.getMessage() + " (delete the file to have a new admin token made; all others end)",
                    e);
        }
    }

    void write(Collection<TokenEntry> tokens) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode all = json.putArray("tokens");
        for (TokenEntry token : tokens) {
            ObjectNode one = all.addObject();
            one.put("id", token.id());
            one.put("name", token.name());
            one.put("role", token.role().label());
            one.put("sha256", token.digest().hex());
            one.put("created", token.created().toString());
            one.put("rotated", token.rotated().toString());
            if (!token.expires().equals(Instant.MAX)) {
                one.put("expires", token.expires().toString());
            }
            if (!token.revoked().equals(Instant.MAX)) {
                one.put("revoked", token.revoked().toString());
            }
            token.previous().ifPresent(previous -> one.putObject("previous")
                    .put("sha256", previous.digest().hex())
                    .put("until", previous.until().toString()));
        }
        replace(json.toPrettyString());
    }

    private static TokenEntry token(JsonNode json) {
        return new TokenEntry(
                text(json, "id"),
                text(json, "name"),
                Role.of(text(json, "role"))
                        .orElseThrow(() -> new IllegalArgumentException(
                                "role: \"" + text(json, "role") + "\" (expected: one of " + Role.labels() + ")")),
                new Sha256(text(json, "sha256")),
                Instant.parse(text(json, "created")),
                Instant.parse(text(json, "rotated")),
                instant(json, "expires"),
                json.has("previous")
                        ? Optional.of(new TokenEntry.Previous(
                                new Sha256(text(json.get("previous"), "sha256")),
                                Instant.parse(text(json.get("previous"), "until"))))
                        : Optional.empty(),
                instant(json, "revoked"));
    }

    private static String text(JsonNode json, String name) {
        return json.required(name).asText();
    }

    private static Instant instant(JsonNode json, String name) {
        return json.has(name) ? Instant.parse(json.get(name).asText()) : Instant.MAX;
    }

    private void replace(String text) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(unfinished);
        try {
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (UnsupportedOperationException e) {
            Files.createFile(unfinished);
        }
        try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
