package wavegate.bootstrap.account;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small values by key in a text file, one change a line with its checksum in front; the last line of a key counts. Each change is forced to the
 * disk before it is acknowledged. What follows the last good line at the end of the file was never acknowledged: it is cut. After a failed write
 * every later one is refused. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SPARE_LINES = 1_000;
    private static final long SPARE_BYTES = 1 << 20;

    private final Path file;
    private FileChannel channel;
    private long size;
    private long compactAt;
    private boolean failed;

    private Journal(Path file) throws IOException {
        this.file = file;
        this.channel = append(file);
        measure();
    }

    private static FileChannel append(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private void measure() throws IOException {
        size = channel.size();
        compactAt = 2 * size + SPARE_BYTES;
    }

    public record Opened(Journal journal, Map<String, JsonNode> values) {}

    /** @throws IOException if it cannot be read or written, or is damaged before its end; the message names the line */
    public static Opened open(Path file) throws IOException {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        int lines = read(file, values);
        if (lines > 2 * values.size() + SPARE_LINES) {
            rewrite(file, values);
        }
        return new Opened(new Journal(file), values);
    }

    /** Takes over what counts, and cuts the end if it was never acknowledged. @return good lines */
    private static int read(Path file, Map<String, JsonNode> values) throws IOException {
        int lines = 0;
        if (Files.exists(file)) {
            byte[] bytes = Files.readAllBytes(file);
            int end = 0;
            int from = 0;
            while (from < bytes.length) {
                int newline = from;
                while (newline < bytes.length && bytes[newline] != '\n') {
                    newline++;
                }
                boolean whole = newline < bytes.length
                        && apply(new String(bytes, from, newline - from, StandardCharsets.UTF_8), values);
                if (!whole && newline + 1 < bytes.length) {
                    throw new IOException(file + ", line " + (lines + 1) + ": damaged");
                }
                from = newline + 1;
                if (whole) {
                    lines++;
                    end = from;
                }
            }
            if (end < bytes.length) {
                LOG.warn("{}: cut {} bytes that were never acknowledged", file, bytes.length - end);
                truncate(file, end);
            }
        }
        return lines;
    }

    public synchronized void put(String key, JsonNode value) throws IOException {
        write(line(key, value));
    }

    public synchronized void remove(String key) throws IOException {
        write(line(key, JSON.nullNode()));
    }

    /** Several at once, with one force. */
    public synchronized void putAll(Map<String, ? extends JsonNode> values) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, ? extends JsonNode> entry : values.entrySet()) {
            text.append(line(entry.getKey(), entry.getValue()));
        }
        write(text.toString());
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }

    private void write(String text) throws IOException {
        if (failed) {
            throw new IOException(file + ": an earlier write failed");
        }
        // A write that was cut short must not be followed by another.
        failed = true;
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        size += bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(false);
        failed = false;
        if (size > compactAt) {
            compact();
        }
    }

    /** What was written is safe either way, so a failure only puts it off. */
    private void compact() {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        compactAt = 2 * size + SPARE_BYTES;
        try {
            read(file, values);
            rewrite(file, values);
        } catch (IOException e) {
            LOG.warn("{}: could not be made shorter", file, e);
            return;
        }
        // From here on the old channel writes to a file that has no name any more.
        failed = true;
        try (FileChannel old = channel) {
            channel = append(file);
            measure();
            failed = false;
        } catch (IOException e) {
            LOG.error("{}: cannot be opened again, nothing is written to it any more", file, e);
        }
    }

    private static String line(String key, JsonNode value) {
        ObjectNode node = JSON.createObjectNode();
        node.put("key", key).set("value", value);
        String text = node.toString();
        return checksum(text) + " " + text + "\n";
    }

    private static boolean apply(String line, Map<String, JsonNode> values) {
        if (line.length() < 10 || !line.substring(0, 8).equals(checksum(line.substring(9)))) {
            return false;
        }
        try {
            JsonNode node = JSON.readTree(line.substring(9));
            String key = node.path("key").asText();
            JsonNode value = node.path("value");
            if (value.isNull()) {
                values.remove(key);
            } else {
                values.put(key, value);
            }
            return true;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private static void truncate(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
            channel.force(true);
        }
    }

    private static void rewrite(Path file, Map<String, JsonNode> values) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        StringBuilder text = new StringBuilder();
        values.forEach((key, value) -> text.append(line(key, value)));
        try (FileChannel channel = FileChannel.open(
                fresh,
                List.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)
                        .toArray(StandardOpenOption[]::new))) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
