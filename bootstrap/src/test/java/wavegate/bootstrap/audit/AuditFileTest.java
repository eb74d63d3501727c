package wavegate.bootstrap.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trail is whole or says that it is not. */
class AuditFileTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T09:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path temporary;

    private final List<Throwable> failures = new ArrayList<>();

    private Path folder() {
        return temporary.resolve("audit");
    }

    private AuditFile open(long longestFile) throws IOException {
        return AuditFile.open(folder(), CLOCK, failures::add, longestFile);
    }

    private static void write(AuditFile audit, String... subjects) {
        for (String subject : subjects) {
            audit.record("device", "bootstrap.session", subject, Map.of("outcome", "completed"));
        }
    }

    private List<String> subjects() throws IOException {
        List<String> subjects = new ArrayList<>();
        AuditFile.read(folder(), entry -> subjects.add(entry.path("subject").asText()));
        return subjects;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder())) {
            return all.sorted().toList();
        }
    }

    @Test
    void a_record_says_who_did_what_to_whom_and_when() throws IOException {
        try (AuditFile audit = open(1_000)) {
            audit.record("device", "bootstrap.session", "m-1", Map.of("reason", "a \"quote\"\nand a line"));
        }
        assertThat(Files.readString(files().get(0)))
                .isEqualTo(
                        """
                        {"n":1,"at":"2026-11-23T09:00:00Z","actor":"device","action":"bootstrap.session","subject":"m-1",\
                        "details":{"reason":"a \\"quote\\"\\nand a line"}}
                        """);
        assertThat(Files.getPosixFilePermissions(folder())).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void a_restart_goes_on_counting_and_a_long_file_is_followed_by_another() throws IOException {
        try (AuditFile audit = open(300)) {
            write(audit, "m-1", "m-2", "m-3");
        }
        try (AuditFile audit = open(300)) {
            write(audit, "m-4", "m-5");
        }
        assertThat(subjects()).containsExactly("m-1", "m-2", "m-3", "m-4", "m-5");
        assertThat(files()).hasSize(2);
        assertThat(files().get(1).getFileName()).hasToString("audit-000000000004.jsonl");
    }

    @Test
    void a_line_cut_short_is_left_out_and_its_number_given_again() throws IOException {
        try (AuditFile audit = open(1_000_000)) {
            write(audit, "m-1", "m-2");
        }
        Path file = files().get(0);
        byte[] whole = Files.readAllBytes(file);
        int first = new String(whole, java.nio.charset.StandardCharsets.UTF_8).indexOf('\n') + 1;
        for (int end = first; end < whole.length; end++) {
            Files.write(file, java.util.Arrays.copyOf(whole, end));
            assertThat(subjects()).as("read at %d bytes", end).startsWith("m-1");
            try (AuditFile audit = open(1_000_000)) {
                write(audit, "m-3");
            }
            assertThat(subjects()).as("cut at %d bytes", end).containsExactly("m-1", "m-3");
        }
    }

    @Test
    void a_line_damaged_before_the_end_and_a_missing_record_are_named() throws IOException {
        try (AuditFile audit = open(200)) {
            write(audit, "m-1", "m-2", "m-3", "m-4", "m-5", "m-6");
        }
        assertThat(files()).hasSize(3);
        Files.delete(files().get(1));
        assertThatThrownBy(this::subjects)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 1: record 5 (expected: record 3)");

        Path last = files().get(1);
        Files.writeString(last, Files.readString(last).replaceFirst("\"n\":5", "\"n\":7"));
        assertThatThrownBy(() -> open(200))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged where record 5 should be");
    }

    @Test
    void a_failed_write_is_told_once_and_nothing_is_written_after_it() throws IOException {
        try (AuditFile audit = open(1)) {
            write(audit, "m-1");
            // Where the next file should be.
            Files.createDirectory(folder().resolve("audit-000000000002.jsonl"));
            write(audit, "m-2", "m-3");

            assertThat(failures).hasSize(1);
        }
        Files.delete(folder().resolve("audit-000000000002.jsonl"));
        assertThat(subjects()).containsExactly("m-1");
        assertThat(Files.size(files().get(0))).isPositive();
        Files.writeString(files().get(0), "x\n", StandardOpenOption.APPEND);
        assertThat(subjects()).containsExactly("m-1");
    }

    @Test
    void a_whole_last_line_that_was_changed_is_named_and_not_cut() throws IOException {
        try (AuditFile audit = open(1_000_000)) {
            write(audit, "m-1", "m-2");
        }
        Path file = files().get(0);
        String changed = Files.readString(file).replace("\"n\":2", "\"n\":9");
        Files.writeString(file, changed);

        assertThatThrownBy(() -> open(1_000_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged where record 2 should be");
        assertThat(Files.readString(file)).isEqualTo(changed);
    }
}
