package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.server.contract.RandomFacts;
import wavegate.server.rollout.LedgerFailure;
import wavegate.server.rollout.Recorded;

class LedgerVerifierTest {
    @TempDir
    Path directory;

    private final List<Recorded> all = new ArrayList<>();

    private Path segment() {
        return directory.resolve(SegmentHeader.fileName(1));
    }

    private void commit(int batches) {
        RandomFacts facts = new RandomFacts(3, 10);
        try (FileLedger ledger = FileLedger.open(directory, new SplittableRandom(1))) {
            for (int i = 0; i < batches; i++) {
                all.addAll(ledger.commit(facts.next(4)));
            }
        }
    }

    @Test
    void a_sound_ledger_is_reported_with_its_figures() throws IOException {
        commit(5);
        LedgerReport report = LedgerVerifier.verify(directory);
        assertThat(report.sound()).isTrue();
        assertThat(report.records()).isEqualTo(20);
        assertThat(report.batches()).isEqualTo(5);
        assertThat(report.segments()).isEqualTo(1);
        assertThat(report.bytes()).isEqualTo(Files.size(segment()));
        assertThat(report.lastHash()).matches("[0-9a-f]{64}");
        assertThat(report.tornTail()).isEmpty();
    }

    @Test
    void an_open_ledger_is_verified_without_its_lock() throws IOException {
        RandomFacts facts = new RandomFacts(3, 10);
        try (FileLedger ledger = FileLedger.open(directory, new SplittableRandom(1))) {
            ledger.commit(facts.next(4));
            assertThat(LedgerVerifier.verify(directory).records()).isEqualTo(4);
            ledger.commit(facts.next(1));
            assertThat(LedgerVerifier.verify(directory).chain())
                    .isEqualTo(ledger.chainId().toString());
        }
    }

    @Test
    void a_torn_tail_is_reported_and_left_as_it_is() throws IOException {
        commit(3);
        Files.write(segment(), new byte[77], StandardOpenOption.APPEND);
        byte[] before = Files.readAllBytes(segment());
        LedgerReport report = LedgerVerifier.verify(directory);
        assertThat(report.sound()).isTrue();
        assertThat(report.tornTail().orElseThrow().bytes()).isEqualTo(77);
        assertThat(report.tornTail().orElseThrow().firstSequence()).isEqualTo(13);
        assertThat(Files.readAllBytes(segment())).isEqualTo(before);
    }

    @Test
    void a_changed_byte_or_a_missing_ledger_is_a_fault_and_nothing_is_exported() throws IOException {
        assertThat(LedgerVerifier.verify(directory).fault()).contains("no ledger in " + directory);
        commit(3);
        byte[] bytes = Files.readAllBytes(segment());
        bytes[300] ^= 1;
        Files.write(segment(), bytes);
        assertThat(LedgerVerifier.verify(directory).fault().orElseThrow()).contains(segment() + " at offset ");
        StringWriter out = new StringWriter();
        assertThatThrownBy(() -> LedgerVerifier.export(directory, out)).isInstanceOf(LedgerFailure.class);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void an_export_has_one_line_per_fact_with_its_sequence_and_stored_encoding() throws IOException {
        commit(5);
        Files.write(segment(), new byte[10], StandardOpenOption.APPEND);
        StringWriter out = new StringWriter();
        assertThat(LedgerVerifier.export(directory, out)).isEqualTo(20);
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(20);
        FactCodec codec = new FactCodec();
        for (int i = 0; i < 20; i++) {
            String head = "{\"seq\":" + (i + 1) + ",";
            assertThat(lines.get(i)).startsWith(head + "\"v\":1,\"type\":");
            byte[] fact = ("{" + lines.get(i).substring(head.length())).getBytes(UTF_8);
            assertThat(codec.decode(fact)).isEqualTo(all.get(i).fact());
        }
    }
}
