package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.contract.RandomFacts;
import wavegate.server.rollout.LedgerFailure;

class CheckpointTest {
    private static final int SEGMENT = 64 << 10;

    @TempDir
    Path directory;

    private final RandomFacts facts = new RandomFacts(3, 12);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-05-01T00:00:00Z"));
    private Path data;
    private Path ledgerDir;
    private Path sink;
    private CheckpointKey key;

    @BeforeEach
    void keys() throws IOException {
        data = Files.createDirectory(directory.resolve("data"));
        ledgerDir = data.resolve("ledger");
        sink = directory.resolve("checkpoints");
        key = keyIn(data, "store.key");
    }

    private CheckpointKey keyIn(Path where, String store) throws IOException {
        SecureRandom random = new SecureRandom();
        return CheckpointKey.keptIn(where, StoreKey.open(directory.resolve(store), random), random);
    }

    private List<CheckpointSink> sinks() {
        return Checkpointer.sinks(sink.toString(), "");
    }

    private FileLedger open(Path where) {
        return FileLedger.open(
                new FileLedger.Options(where, Optional.empty(), Checkpointer.witnesses(sinks(), key.verifier())),
                new SplittableRandom(1),
                new FaultyDisk(FaultyDisk.Fault.NO_FORCE, 0),
                SEGMENT);
    }

    private static void commit(FileLedger ledger, List<Fact> all) {
        for (int from = 0; from < all.size(); from += 5) {
            ledger.commit(all.subList(from, from + 5));
        }
    }

    private Checkpointer checkpointer(FileLedger ledger) {
        return new Checkpointer(ledger, key, sinks(), now::get);
    }

    @Test
    void a_checkpoint_is_signed_after_ten_seconds_or_a_thousand_facts_and_only_when_the_ledger_grew()
            throws IOException {
        try (FileLedger ledger = open(ledgerDir);
                Checkpointer checkpointer = checkpointer(ledger)) {
            assertThat(checkpointer.signIfDue()).isFalse();
            ledger.commit(facts.next(5));
            assertThat(checkpointer.signIfDue()).isTrue();
            ledger.commit(facts.next(5));
            now.set(now.get().plusSeconds(9));
            assertThat(checkpointer.signIfDue()).isFalse();
            now.set(now.get().plusSeconds(1));
            assertThat(checkpointer.signIfDue()).isTrue();
            now.set(now.get().plusSeconds(60));
            assertThat(checkpointer.signIfDue()).isFalse();
            commit(ledger, facts.next(1000));
            assertThat(checkpointer.signIfDue()).isTrue();
        }
        List<Checkpoint> kept = CheckpointNote.signedBy(key.verifier(), Files.readString(sink));
        assertThat(kept).extracting(Checkpoint::size).containsExactly(5L, 10L, 1010L);
        try (FileLedger ledger = open(ledgerDir)) {
            assertThat(kept.get(2).root()).isEqualTo(ledger.position().tree().root());
            assertThat(kept.get(2).hash()).isEqualTo(ledger.position().hash());
        }
    }

    @Test
    void a_ledger_whose_tail_is_cut_behind_a_checkpoint_is_refused_and_the_checkpoint_named() throws IOException {
        List<Fact> all = facts.next(600);
        try (FileLedger ledger = open(ledgerDir);
                Checkpointer checkpointer = checkpointer(ledger)) {
            commit(ledger, all);
            checkpointer.signIfDue();
        }
        Files.delete(ledgerDir.resolve(Watermark.FILE));
        List<Path> segments = LedgerFiles.segments(ledgerDir);
        Files.delete(segments.get(segments.size() - 1));
        assertThatThrownBy(() -> open(ledgerDir))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining(
                        "contradicts the checkpoint of 2026-05-01T00:00:00Z over 600 facts kept in " + sink)
                .hasMessageContaining("cut off its end");
        LedgerReport report = LedgerVerifier.verify(
                new FileLedger.Options(ledgerDir, Optional.empty(), Checkpointer.witnesses(sinks(), key.verifier())));
        assertThat(report.fault().orElseThrow()).contains("over 600 facts");
        assertThat(LedgerVerifier.verify(ledgerDir).sound()).isTrue();
    }

    @Test
    void a_ledger_rewritten_with_correct_hashes_is_refused_and_the_checkpoint_named() throws IOException {
        List<Fact> all = facts.next(600);
        try (FileLedger ledger = open(ledgerDir);
                Checkpointer checkpointer = checkpointer(ledger)) {
            commit(ledger, all);
            checkpointer.signIfDue();
        }
        Path kept = directory.resolve("kept");
        Files.move(sink, kept);
        Path forged = directory.resolve("forged");
        List<Fact> changed = new ArrayList<>(all);
        changed.set(300, facts.next());
        try (FileLedger ledger = FileLedger.open(forged, new SplittableRandom(1), new FileDisk(), SEGMENT)) {
            commit(ledger, changed);
            commit(ledger, facts.next(60));
        }
        assertThat(LedgerVerifier.verify(forged).sound()).isTrue();
        Files.move(kept, sink);
        assertThatThrownBy(() -> open(forged))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("the first 600 facts contradict the checkpoint of 2026-05-01T00:00:00Z over 600")
                .hasMessageContaining("rewritten");
        open(ledgerDir).close();
    }

    @Test
    void a_ledger_that_is_gone_or_another_is_refused_where_a_checkpoint_knows_of_one() throws IOException {
        try (FileLedger ledger = open(ledgerDir);
                Checkpointer checkpointer = checkpointer(ledger)) {
            commit(ledger, facts.next(20));
            checkpointer.signIfDue();
        }
        assertThatThrownBy(() -> open(directory.resolve("empty")))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("over 20 facts");
        Path other = directory.resolve("other");
        FileLedger.open(other, new SplittableRandom(99)).close();
        assertThatThrownBy(() -> open(other)).isInstanceOf(LedgerFailure.class).hasMessageContaining("is of chain");
    }

    @Test
    void notes_of_another_key_are_refused_and_a_note_cut_short_is_passed_over() throws IOException {
        try (FileLedger ledger = open(ledgerDir);
                Checkpointer checkpointer = checkpointer(ledger)) {
            commit(ledger, facts.next(20));
            checkpointer.signIfDue();
            now.set(now.get().plus(Duration.ofMinutes(1)));
            commit(ledger, facts.next(20));
            checkpointer.signIfDue();
        }
        String notes = Files.readString(sink);
        Files.writeString(sink, notes.substring(0, notes.length() - 20));
        assertThat(Checkpointer.witnesses(sinks(), key.verifier()))
                .singleElement()
                .satisfies(witness -> assertThat(witness.checkpoint().size()).isEqualTo(20));
        CheckpointKey other = keyIn(Files.createDirectory(directory.resolve("elsewhere")), "other.key");
        assertThatThrownBy(() -> Checkpointer.witnesses(sinks(), other.verifier()))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("none that the key " + other.verifier().text());
    }

    @Test
    void every_changed_letter_of_a_note_is_found() throws IOException {
        String note = key.sign(new Checkpoint(
                new UUID(1, 2),
                7,
                Sha256.newDigest().digest(),
                Sha256.newDigest().digest(),
                now.get()));
        assertThat(CheckpointNote.signedBy(key.verifier(), note)).hasSize(1);
        for (int at = 0; at < note.length() - 1; at++) {
            char[] changed = note.toCharArray();
            changed[at] = changed[at] == 'A' ? 'B' : 'A';
            assertThat(CheckpointNote.signedBy(key.verifier(), new String(changed)))
                    .as("at %d", at)
                    .isEmpty();
        }
        assertThat(CheckpointVerifier.parse(Files.readString(data.resolve(CheckpointKey.PUBLIC_FILE)))
                        .text())
                .isEqualTo(key.verifier().text());
    }

    @Test
    void the_secret_key_lies_nowhere_in_the_clear() throws IOException {
        byte[] sealed = Files.readAllBytes(data.resolve(CheckpointKey.FILE));
        assertThat(HexFormat.of().formatHex(sealed)).doesNotContain("302e0201003005");
        assertThat(keyIn(data, "store.key").verifier().text())
                .isEqualTo(key.verifier().text());
        assertThatThrownBy(() -> keyIn(data, "another.key")).isInstanceOf(IOException.class);
        assertThat(key.toString()).isEqualTo("CheckpointKey[" + key.verifier().text() + "]");
    }

    @Test
    void an_http_address_takes_checkpoints_and_gives_them_back_and_may_fail_meanwhile() throws IOException {
        Queue<String> stored = new ConcurrentLinkedQueue<>();
        AtomicInteger status = new AtomicInteger(500);
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/notes", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            boolean post = exchange.getRequestMethod().equals("POST");
            if (post && status.get() == 200) {
                stored.add(body);
            }
            byte[] answer = post ? new byte[0] : String.join("\n", stored).getBytes(UTF_8);
            exchange.sendResponseHeaders(post ? status.get() : 200, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        http.start();
        try {
            List<CheckpointSink> urls = Checkpointer.sinks(
                    "", "http://127.0.0.1:" + http.getAddress().getPort() + "/notes");
            try (FileLedger ledger = FileLedger.open(ledgerDir, new SplittableRandom(1));
                    Checkpointer checkpointer = new Checkpointer(ledger, key, urls, now::get)) {
                commit(ledger, facts.next(20));
                assertThat(checkpointer.signIfDue()).isTrue();
                assertThat(stored).isEmpty();
                status.set(200);
                now.set(now.get().plusSeconds(10));
                checkpointer.signIfDue();
            }
            assertThat(Checkpointer.witnesses(urls, key.verifier()))
                    .singleElement()
                    .satisfies(
                            witness -> assertThat(witness.checkpoint().size()).isEqualTo(20));
        } finally {
            http.stop(0);
        }
    }

    @Test
    void a_full_disk_of_the_sink_stops_no_commit_and_the_next_checkpoint_arrives() throws IOException {
        for (FaultyDisk.Fault fault : List.of(FaultyDisk.Fault.NO_SPACE, FaultyDisk.Fault.FAILING_FORCE)) {
            Path file = directory.resolve("notes-" + fault);
            try (FileLedger ledger = FileLedger.open(directory.resolve("led-" + fault), new SplittableRandom(1))) {
                commit(ledger, facts.next(20));
                try (Checkpointer failing = new Checkpointer(
                        ledger, key, List.of(new CheckpointFile(new FaultyDisk(fault, 1), file)), now::get)) {
                    assertThat(failing.signIfDue()).isTrue();
                    commit(ledger, facts.next(20));
                }
                try (Checkpointer working =
                        new Checkpointer(ledger, key, List.of(new CheckpointFile(new FileDisk(), file)), now::get)) {
                    assertThat(working.signIfDue()).isTrue();
                }
            }
            List<Checkpoint> kept = CheckpointNote.signedBy(key.verifier(), Files.readString(file));
            assertThat(kept.get(kept.size() - 1).size()).isEqualTo(40);
        }
    }

    @Test
    void what_a_ledger_says_of_a_device_is_proven_and_no_bit_of_the_proof_can_be_changed() throws IOException {
        List<Fact> all = facts.next(403);
        try (FileLedger ledger = open(ledgerDir)) {
            ledger.commit(all);
        }
        Endpoint device = new Endpoint("urn:dev:3");
        String proof = DeviceProof.prove(ledgerDir, Optional.empty(), device, key, now.get());
        DeviceProof.Shown shown = DeviceProof.check(proof, key.verifier());
        List<Long> expected = Stream.iterate(0, i -> i + 1)
                .limit(all.size())
                .filter(i -> about(all.get(i), device))
                .map(i -> i + 1L)
                .toList();
        assertThat(expected).hasSizeGreaterThan(5);
        assertThat(shown.lines()).extracting(DeviceProof.Shown.Line::sequence).isEqualTo(expected);
        assertThat(shown.checkpoint().size()).isEqualTo(403);
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 300; i++) {
            StringBuilder changed = new StringBuilder(proof);
            int at = proof.indexOf("\"records\"")
                    + 20
                    + random.nextInt(proof.length() - proof.indexOf("\"records\"") - 40);
            char was = changed.charAt(at);
            if (!Character.isLetterOrDigit(was)) {
                continue;
            }
            changed.setCharAt(at, was == '7' ? '3' : '7');
            String bad = changed.toString();
            assertThat(showsAll(bad, expected)).as("at %d", at).isFalse();
        }
    }

    /** Base64 may spell one byte in several ways, and a changed name of a member leaves a record out: neither shows anything that is not so. */
    private boolean showsAll(String proof, List<Long> expected) {
        try {
            DeviceProof.Shown shown = DeviceProof.check(proof, key.verifier());
            return shown.lines().size() > expected.size()
                    || !expected.containsAll(shown.lines().stream()
                            .map(DeviceProof.Shown.Line::sequence)
                            .toList());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean about(Fact fact, Endpoint device) {
        return (fact instanceof Fact.DeviceChanged d && d.device().endpoint().equals(device))
                || (fact instanceof Fact.DeviceRemoved r && r.endpoint().equals(device))
                || (fact instanceof Fact.MembersJoined j && j.members().contains(device))
                || (fact instanceof Fact.ArtifactReopened a && a.endpoint().equals(device))
                || (fact instanceof Fact.UpdateChanged u
                        && u.update().endpoint().equals(device))
                || (fact instanceof Fact.EvidenceNoted e
                        && e.evidence().endpoint().equals(device))
                || (fact instanceof Fact.UpdateAnnotated n
                        && n.update().endpoint().equals(device));
    }

    @Test
    void every_leaf_of_trees_of_all_sizes_has_a_path_that_holds_at_its_place_only() {
        for (int size = 1; size <= 40; size++) {
            MerkleProofs proofs = new MerkleProofs();
            MerkleTree tree = new MerkleTree(MerkleTree.Peaks.EMPTY);
            for (int i = 0; i < size; i++) {
                byte[] entry = Sha256.newDigest().digest(new byte[] {(byte) i});
                proofs.append(entry, true);
                tree.append(entry);
            }
            byte[] root = tree.peaks().root();
            for (MerkleProofs.Path path : proofs.finish()) {
                byte[] entry = Sha256.newDigest().digest(new byte[] {(byte) path.index()});
                for (int place = 0; place < size; place++) {
                    assertThat(MerkleProofs.verifies(entry, place, size, path.hashes(), root))
                            .as("leaf %d at %d of %d", path.index(), place, size)
                            .isEqualTo(place == path.index());
                }
            }
        }
    }

    /** The roots that RFC 6962's own test vectors give for the entries "", 00, 10, 2021, 3031, 40414243, ... taken as entries here. */
    @Test
    void the_tree_is_that_of_rfc_6962() {
        List<String> entries = List.of(
                "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f");
        List<String> roots = List.of(
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
        MerkleTree tree = new MerkleTree(MerkleTree.Peaks.EMPTY);
        for (int i = 0; i < entries.size(); i++) {
            tree.append(HexFormat.of().parseHex(entries.get(i)));
            assertThat(Sha256.ofDigest(tree.peaks().root()).hex()).isEqualTo(roots.get(i));
        }
        assertThat(Sha256.ofDigest(MerkleTree.Peaks.EMPTY.root()).hex())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void an_older_checkpoint_that_is_added_again_hides_no_later_one() throws IOException {
        try (FileLedger ledger = open(ledgerDir);
                Checkpointer checkpointer = checkpointer(ledger)) {
            commit(ledger, facts.next(20));
            checkpointer.signIfDue();
            String older = Files.readString(sink);
            now.set(now.get().plus(Duration.ofMinutes(1)));
            commit(ledger, facts.next(20));
            checkpointer.signIfDue();
            Files.writeString(sink, Files.readString(sink) + older);
        }
        assertThat(Checkpointer.witnesses(sinks(), key.verifier()))
                .extracting(witness -> witness.checkpoint().size())
                .containsExactly(40L);
    }

    @Test
    void a_rewritten_ledger_is_refused_also_where_a_snapshot_has_the_root_of_what_it_was() throws IOException {
        List<Fact> all = facts.next(600);
        Position was;
        try (FileLedger ledger = open(ledgerDir);
                Checkpointer checkpointer = checkpointer(ledger)) {
            commit(ledger, all);
            checkpointer.signIfDue();
            was = ledger.position();
        }
        Path forged = directory.resolve("forged");
        List<Fact> changed = new ArrayList<>(all);
        changed.set(300, facts.next());
        try (FileLedger ledger = FileLedger.open(forged, new SplittableRandom(1), new FileDisk(), SEGMENT)) {
            commit(ledger, changed);
            snapshot(ledger, new Position(600, ledger.position().hash(), was.tree()));
        }
        assertThatThrownBy(() -> open(forged))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageContaining("the first 600 facts contradict the checkpoint");
    }

    private static void snapshot(FileLedger of, Position at) throws IOException {
        Path snapshots = Files.createDirectories(Snapshots.directory(of.files().directory()));
        try (SnapshotWriter writer = new SnapshotWriter(new FileDisk(), snapshots, at.sequence(), of.chainId())) {
            writer.finish(at);
        }
    }

    @Test
    void a_proof_is_of_the_records_that_were_read_and_not_of_what_a_snapshot_says_of_them() throws IOException {
        try (FileLedger ledger = open(ledgerDir)) {
            commit(ledger, facts.next(100));
            Position at = ledger.position();
            List<byte[]> wrong = at.tree().roots().stream()
                    .map(root -> Sha256.newDigest().digest(root))
                    .toList();
            snapshot(ledger, new Position(100, at.hash(), new MerkleTree.Peaks(100, wrong)));
        }
        String proof = DeviceProof.prove(ledgerDir, Optional.empty(), new Endpoint("urn:dev:3"), key, now.get());
        assertThat(DeviceProof.check(proof, key.verifier()).lines()).isNotEmpty();
    }

    @Test
    void an_address_that_stops_in_the_midst_of_its_answer_is_not_waited_for() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/notes", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        http.start();
        try {
            CheckpointUrl url = new CheckpointUrl(
                    URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/notes"), Duration.ofMillis(300));
            assertThat(CompletableFuture.supplyAsync(() -> failureOf(url)))
                    .succeedsWithin(Duration.ofSeconds(20), InstanceOfAssertFactories.STRING)
                    .contains("no whole answer within");
        } finally {
            over.countDown();
            http.stop(0);
        }
    }

    private static String failureOf(CheckpointUrl url) {
        try {
            return url.read();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
