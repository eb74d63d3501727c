package wavegate.bootstrap.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.BootstrapAudit;
import wavegate.bootstrap.credential.OwnedFiles;

/**
 * An audit trail in files of JSON lines, {@code audit-N.jsonl}, N the number of the first record in it:
 *
 * <pre>
 * {"n":17,"at":"2026-11-23T09:00:00Z","actor":"device","action":"bootstrap.session","subject":"pump-17","details":{"outcome":"completed"}}
 * </pre>
 *
 * Records are numbered without a gap and forced to the disk before {@link #record} returns. A last line that was cut short was never acknowledged
 * and is cut off. Nothing is ever deleted or changed here; whole files but the last may be taken away. After a failed write nothing more is
 * written, and the owner is told, once. Thread-safe.
 */
public final class AuditFile implements BootstrapAudit, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditFile.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_FILE = 16 << 20;

    private final Path folder;
    private final InstantSource clock;
    private final Consumer<Throwable> onFailure;
    private final long longestFile;
    private FileChannel channel;
    private long next;
    private boolean failed;

    private AuditFile(
            Path folder, InstantSource clock, Consumer<Throwable> onFailure, long longestFile, Path last, long next)
            throws IOException {
        this.folder = folder;
        this.clock = clock;
        this.onFailure = onFailure;
        this.longestFile = longestFile;
        this.next = next;
        this.channel = append(last);
    }

    /**
     * @param onFailure told on the acting thread that a record could not be written
     * @throws IOException if it cannot be used, or a whole line of its newest file is damaged; says where
     */
    public static AuditFile open(Path folder, InstantSource clock, Consumer<Throwable> onFailure) throws IOException {
        return open(folder, clock, onFailure, LONGEST_FILE);
    }

    static AuditFile open(Path folder, InstantSource clock, Consumer<Throwable> onFailure, long longestFile)
            throws IOException {
        OwnedFiles.directory(folder);
        List<Path> files = files(folder);
        Path last = files.isEmpty() ? file(folder, 1) : files.get(files.size() - 1);
        return new AuditFile(
                folder, clock, onFailure, longestFile, last, files.isEmpty() ? 1 : afterCuttingTheTail(last));
    }

    @Override
    public synchronized void record(String actor, String action, String subject, Map<String, String> details) {
        if (failed) {
            return;
        }
        failed = true;
        try {
            if (channel.size() >= longestFile) {
                channel.close();
                channel = append(file(folder, next));
            }
            ObjectNode line = JSON.createObjectNode();
            line.put("n", next).put("at", clock.instant().toString());
            line.put("actor", actor).put("action", action).put("subject", subject);
            ObjectNode more = line.putObject("details");
            new TreeMap<>(details).forEach(more::put);
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
            next++;
            failed = false;
        } catch (IOException e) {
            LOG.error("audit cannot be written any more", e);
            onFailure.accept(e);
        }
    }

    /**
     * Reads all there is, oldest first, while it may be written to by another process.
     *
     * @throws IOException if it cannot be read, a line of it is none, or a record is missing; says where
     */
    public static void read(Path folder, Consumer<JsonNode> reader) throws IOException {
        long expected = -1;
        for (Path file : files(folder)) {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                int number = 0;
                String line = lines.readLine();
                while (line != null) {
                    String following = lines.readLine();
                    number++;
                    JsonNode record = parsed(line);
                    if (!record.isObject()) {
                        if (following == null) {
                            break;
                        }
                        throw new IOException(file + ", line " + number + ": damaged");
                    }
                    long n = record.path("n").asLong();
                    if (expected >= 0 && n != expected) {
                        throw new IOException(
                                file + ", line " + number + ": record " + n + " (expected: record " + expected + ")");
                    }
                    expected = n + 1;
                    reader.accept(record);
                    line = following;
                }
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        failed = true;
        channel.close();
    }

    private static FileChannel append(Path file) throws IOException {
        boolean fresh = !Files.exists(file);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        if (fresh) {
            OwnedFiles.forceDirectoryOf(file);
        }
        return channel;
    }

    /** @return number of the record to be written next */
    private static long afterCuttingTheTail(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        long number = Long.parseLong(file.getFileName().toString().replaceAll("\\D", ""));
        int good = 0;
        int from = 0;
        while (from < bytes.length) {
            int newline = from;
            while (newline < bytes.length && bytes[newline] != '\n') {
                newline++;
            }
            if (newline == bytes.length) {
                break;
            }
            JsonNode record = parsed(new String(bytes, from, newline - from, StandardCharsets.UTF_8));
            if (record.path("n").asLong() != number) {
                throw new IOException(file + ": damaged where record " + number + " should be");
            }
            number++;
            from = newline + 1;
            good = from;
        }
        if (good < bytes.length) {
            LOG.warn("{}: cut {} bytes that were never acknowledged", file, bytes.length - good);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(good);
                channel.force(true);
            }
        }
        return number;
    }

    private static JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }

    private static Path file(Path folder, long first) {
        return folder.resolve(String.format("audit-%012d.jsonl", first));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return new ArrayList<>(
                    all.filter(file -> file.getFileName().toString().matches("audit-\\d{12}\\.jsonl"))
                            .sorted()
                            .toList());
        }
    }
}
