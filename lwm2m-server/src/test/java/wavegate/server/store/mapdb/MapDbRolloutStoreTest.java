package wavegate.server.store.mapdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wavegate.firmware.event.Fact;
import wavegate.server.contract.RandomFacts;
import wavegate.server.contract.RolloutStoreContract;
import wavegate.server.ledger.FactCodec;
import wavegate.server.ledger.FileLedger;
import wavegate.server.ledger.Snapshotter;
import wavegate.server.rollout.Ledger;
import wavegate.server.rollout.Recorded;
import wavegate.server.rollout.RolloutStore;
import wavegate.server.store.memory.MemoryLedger;
import wavegate.server.store.memory.MemoryRolloutStore;

class MapDbRolloutStoreTest extends RolloutStoreContract {
    private static final int DEVICES = 30;
    private static final String CHAIN = "chain-1";

    private final FactCodec codec = new FactCodec();
    private MemoryLedger ledger = new MemoryLedger(codec::encode, MemoryLedger.Weather.fair());

    @Override
    protected RolloutStore store(Path where) {
        return open(where, new MemoryLedger()).store();
    }

    private MapDbRolloutStore.Opened open(Path where, MemoryLedger from) {
        return MapDbRolloutStore.open(view(where), from, CHAIN, codec::decode, (done, all, elapsed) -> {});
    }

    private MapDbRolloutStore.Opened open() {
        return open(directory.resolve("second"), ledger);
    }

    private Path view(Path where) {
        try {
            return Files.createDirectories(where).resolve("view.mapdb");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path view() {
        return view(directory.resolve("second"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void random_facts_read_the_same_as_in_memory_over_reopening_and_rebuilding(long seed) throws IOException {
        RandomFacts facts = new RandomFacts(seed, DEVICES);
        SplittableRandom random = new SplittableRandom(seed);
        MemoryRolloutStore model = new MemoryRolloutStore();
        MapDbRolloutStore store = open().store();
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < 20; i++) {
                List<Recorded> batch = ledger.commit(facts.next(1 + random.nextInt(8)));
                model.apply(batch);
                store.apply(batch);
            }
            assertThat(everything(store, DEVICES)).isEqualTo(everything(model, DEVICES));
            for (int c = 0; c < 20; c++) {
                var id = facts.updateId();
                assertThat(store.annotations(id, 3)).isEqualTo(model.annotations(id, 3));
            }
            store.close();
            boolean delete = random.nextBoolean();
            if (delete) {
                Files.delete(view());
            }
            MapDbRolloutStore.Opened opened = open();
            assertThat(opened.reason()).isEqualTo(delete ? "there is none" : "");
            assertThat(opened.replayed()).isEqualTo(delete ? ledger.lastSequence() : 0);
            store = opened.store();
            assertThat(everything(store, DEVICES)).isEqualTo(everything(model, DEVICES));
        }
        store.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void a_view_rebuilt_from_a_snapshot_and_what_follows_reads_the_same(long seed) throws IOException {
        RandomFacts facts = new RandomFacts(seed, DEVICES);
        MemoryRolloutStore model = new MemoryRolloutStore();
        Path where = directory.resolve("ledger");
        for (int round = 0; round < 3; round++) {
            try (FileLedger written = FileLedger.open(where, new SplittableRandom(seed));
                    Snapshotter snapshotter = new Snapshotter(written, 0)) {
                model.apply(written.commit(facts.next(300)));
                snapshotter.fold();
                model.apply(written.commit(facts.next(40)));
            }
            try (FileLedger read = FileLedger.open(where, new SplittableRandom(seed))) {
                Files.deleteIfExists(view());
                MapDbRolloutStore.Opened opened = MapDbRolloutStore.open(
                        view(), read, read.chainId().toString(), codec::decode, (done, all, elapsed) -> {});
                assertThat(opened.replayed()).isEqualTo(read.rebuildFacts()).isLessThan(read.lastSequence());
                assertThat(everything(opened.store(), DEVICES)).isEqualTo(everything(model, DEVICES));
                opened.store().close();
                Files.delete(CleanMarker.beside(view()));
            }
        }
    }

    @Test
    void facts_committed_since_it_was_closed_are_replayed_from_the_marker() {
        RandomFacts facts = new RandomFacts(9, DEVICES);
        MapDbRolloutStore store = open().store();
        store.apply(ledger.commit(facts.next(100)));
        store.close();
        ledger.commit(facts.next(17));
        MapDbRolloutStore.Opened opened = open();
        assertThat(opened.reason()).isEmpty();
        assertThat(opened.replayed()).isEqualTo(17);
        assertSameAsRebuilt(opened.store());
        opened.store().close();
    }

    @Test
    void a_view_that_was_not_closed_is_rebuilt() throws IOException {
        MapDbRolloutStore store = open().store();
        store.apply(ledger.commit(new RandomFacts(9, DEVICES).next(100)));
        byte[] asKilled = Files.readAllBytes(view());
        store.close();
        Files.write(view(), asKilled);
        Files.delete(CleanMarker.beside(view()));
        rebuiltBecause("it was not closed cleanly");
    }

    @Test
    void the_marker_is_gone_while_the_view_is_open() {
        MapDbRolloutStore store = open().store();
        store.close();
        assertThat(CleanMarker.beside(view())).exists();
        MapDbRolloutStore again = open().store();
        assertThat(CleanMarker.beside(view())).doesNotExist();
        again.close();
    }

    @Test
    void a_view_of_another_chain_or_a_longer_or_other_ledger_is_rebuilt() {
        RandomFacts facts = new RandomFacts(9, DEVICES);
        MapDbRolloutStore store = open().store();
        store.apply(ledger.commit(facts.next(50)));
        store.close();
        MapDbRolloutStore.Opened other =
                MapDbRolloutStore.open(view(), ledger, "chain-2", codec::decode, (done, all, elapsed) -> {});
        assertThat(other.reason()).isEqualTo("it is of chain chain-1, the ledger of chain-2");
        other.store().close();
        open().store().close();

        ledger = new MemoryLedger(codec::encode, MemoryLedger.Weather.fair());
        ledger.commit(facts.next(49));
        rebuiltBecause("it reaches sequence 50, the ledger only 49");
        ledger = new MemoryLedger(codec::encode, MemoryLedger.Weather.fair());
        ledger.commit(facts.next(60));
        rebuiltBecause("the ledger has another fact 49");
    }

    /** One flipped bit anywhere in what the entries occupy: the view is rebuilt, or it was in a place nobody reads. */
    @Test
    void a_flipped_bit_in_a_closed_view_never_changes_an_answer() throws IOException {
        MapDbRolloutStore store = open().store();
        store.apply(ledger.commit(new RandomFacts(9, DEVICES).next(200)));
        store.close();
        byte[] whole = Files.readAllBytes(view());
        byte[] marker = Files.readAllBytes(CleanMarker.beside(view()));
        SplittableRandom random = new SplittableRandom(3);
        int[] used = IntStream.range(0, whole.length).filter(i -> whole[i] != 0).toArray();
        int rebuilt = 0;
        for (int i = 0; i < 200; i++) {
            byte[] flipped = whole.clone();
            flipped[used[random.nextInt(used.length)]] ^= (byte) (1 << random.nextInt(8));
            Files.write(view(), flipped);
            Files.write(CleanMarker.beside(view()), marker);
            MapDbRolloutStore.Opened opened = open();
            rebuilt += opened.reason().isEmpty() ? 0 : 1;
            assertSameAsRebuilt(opened.store());
            opened.store().close();
        }
        assertThat(rebuilt).isGreaterThan(50);
    }

    @Test
    void a_value_changed_under_an_open_view_is_not_answered_from_and_the_view_is_rebuilt() throws IOException {
        MapDbRolloutStore store = open().store();
        Fact.DeviceChanged fact = new RandomFacts(9, DEVICES).deviceChanged();
        store.apply(ledger.commit(List.of(fact)));
        byte[] bytes = Files.readAllBytes(view());
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\"type\":\"DeviceChanged\"");
        assertThat(at).isPositive();
        try (RandomAccessFile file = new RandomAccessFile(view().toFile(), "rw")) {
            file.seek(at + 30);
            file.write(bytes[at + 30] ^ 4);
        }
        assertThatThrownBy(() -> store.device(fact.device().endpoint())).isInstanceOf(ViewCorrupt.class);
        assertThat(store.faults()).isEqualTo(1);
        store.close();
        rebuiltBecause("it was not closed cleanly");
    }

    private void rebuiltBecause(String reason) {
        MapDbRolloutStore.Opened opened = open();
        assertThat(opened.reason()).isEqualTo(reason);
        assertThat(opened.replayed()).isEqualTo(ledger.lastSequence());
        assertSameAsRebuilt(opened.store());
        opened.store().close();
    }

    private void assertSameAsRebuilt(MapDbRolloutStore store) {
        MemoryRolloutStore model = new MemoryRolloutStore();
        ledger.batches().forEach(model::apply);
        assertThat(everything(store, DEVICES)).isEqualTo(everything(model, DEVICES));
    }

    @Test
    void a_view_older_than_what_the_ledger_still_holds_is_rebuilt() throws IOException {
        Path where = directory.resolve("ledger");
        RandomFacts facts = new RandomFacts(9, DEVICES);
        MemoryRolloutStore model = new MemoryRolloutStore();
        try (FileLedger whole = FileLedger.open(where, new SplittableRandom(1))) {
            model.apply(whole.commit(facts.next(100)));
            MapDbRolloutStore.open(view(), whole, CHAIN, codec::decode, (done, all, elapsed) -> {})
                    .store()
                    .close();
            model.apply(whole.commit(facts.next(100)));
            MapDbRolloutStore.Opened opened = MapDbRolloutStore.open(
                    view(), new WithoutItsBeginning(whole, 150), CHAIN, codec::decode, (done, all, elapsed) -> {});
            assertThat(opened.reason()).contains("fact 151");
            assertThat(everything(opened.store(), DEVICES)).isEqualTo(everything(model, DEVICES));
            opened.store().close();
        }
    }

    /** Older segments were moved away; a snapshot stands for them. */
    private record WithoutItsBeginning(FileLedger whole, long gone) implements Ledger {
        @Override
        public List<Recorded> commit(List<Fact> facts) {
            return whole.commit(facts);
        }

        @Override
        public long lastSequence() {
            return whole.lastSequence();
        }

        @Override
        public void replay(long afterSequence, Consumer<Recorded> consumer) {
            whole.replay(Math.max(gone, afterSequence), consumer);
        }

        @Override
        public void rebuild(Consumer<Recorded> consumer) {
            whole.replay(0, consumer);
        }

        @Override
        public void close() {
            whole.close();
        }
    }
}
