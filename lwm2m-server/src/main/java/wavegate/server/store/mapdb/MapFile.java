package wavegate.server.store.mapdb;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.mapdb.BTreeMap;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One MapDB file with one sorted map of checksummed entries. Whatever goes wrong inside MapDB, or with a checksum, comes out as
 * {@link ViewCorrupt} and is remembered. One writer; any reader.
 */
final class MapFile implements Closeable {
    /** Takes the entries of a range. */
    interface Visitor {
        /** Whether to go on. */
        boolean visit(byte[] key, Entry entry);
    }

    private static final Logger log = LoggerFactory.getLogger(MapFile.class);
    /** Half of MapDB's own: a key is a few dozen bytes here, and every step down the tree decodes a whole node of them. */
    private static final int NODE_SIZE = 16;

    private static final long GROWTH = 16L << 20;

    private final Path path;
    private final DB db;
    private final BTreeMap<byte[], byte[]> map;
    private final AtomicBoolean corrupt = new AtomicBoolean();
    private final LongAdder faults = new LongAdder();

    /** @throws ViewCorrupt if MapDB does not open the file: it was not closed, or is damaged */
    MapFile(Path path) {
        this.path = path;
        db = guarded(() -> DBMaker.fileDB(path.toFile())
                .fileMmapEnable()
                .fileMmapPreclearDisable()
                .allocateStartSize(GROWTH)
                .allocateIncrement(GROWTH)
                .make());
        map = guarded(() -> db.treeMap("entries", Serializer.BYTE_ARRAY, Serializer.BYTE_ARRAY)
                .maxNodeSize(NODE_SIZE)
                .valuesOutsideNodesEnable()
                .createOrOpen());
    }

    /** Whether something was found that was not written. */
    boolean isCorrupt() {
        return corrupt.get();
    }

    /** How often. */
    long faults() {
        return faults.sum();
    }

    Optional<Entry> get(byte[] key) {
        return guarded(() -> Optional.ofNullable(map.get(key)).map(value -> Entry.decode(key, value)));
    }

    /** Whether the key is new. */
    boolean put(byte[] key, long sequence, byte[] payload) {
        byte[] value = Entry.encode(key, sequence, payload);
        return guarded(() -> map.put(key, value) == null);
    }

    /** Whether the key was there. */
    boolean remove(byte[] key) {
        return guarded(() -> map.remove(key) != null);
    }

    /** Visits the entries whose key begins with {@code prefix}, in order, from the first key after {@code after} on. */
    void scan(byte[] prefix, byte[] after, Visitor visitor) {
        byte[] end = prefix.clone();
        end[end.length - 1]++;
        Iterator<Map.Entry<byte[], byte[]>> entries = guarded(() -> map.entryIterator(after, false, end, false));
        Optional<Map.Entry<byte[], byte[]>> next = next(entries);
        while (next.isPresent()) {
            byte[] key = next.get().getKey();
            byte[] value = next.get().getValue();
            Entry entry = guarded(() -> Entry.decode(key, value));
            next = visitor.visit(key, entry) ? next(entries) : Optional.empty();
        }
    }

    private Optional<Map.Entry<byte[], byte[]>> next(Iterator<Map.Entry<byte[], byte[]>> entries) {
        return guarded(() -> entries.hasNext() ? Optional.of(entries.next()) : Optional.empty());
    }

    /** Reads everything, every checksum and the order of the keys, and shows each key. */
    void check(Consumer<byte[]> keys) {
        Iterator<Map.Entry<byte[], byte[]>> entries = guarded(map::entryIterator);
        byte[] last = new byte[0];
        for (Optional<Map.Entry<byte[], byte[]>> next = next(entries); next.isPresent(); next = next(entries)) {
            byte[] key = next.get().getKey();
            byte[] value = next.get().getValue();
            byte[] before = last;
            guarded(() -> {
                if (Arrays.compareUnsigned(before, key) >= 0) {
                    throw new ViewCorrupt("entry " + Keys.printable(key) + " out of order");
                }
                return Entry.decode(key, value);
            });
            last = key;
            keys.accept(key);
        }
    }

    /** What MapDB throws on a damaged file is not one family: its own exceptions, those of arrays and buffers, assertions, and faults of mapped memory. */
    <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException | AssertionError | InternalError e) {
            faults.increment();
            if (corrupt.compareAndSet(false, true)) {
                log.error("view file={} does not hold what was written; it is rebuilt at the next start", path, e);
            }
            throw e instanceof ViewCorrupt found ? found : new ViewCorrupt("view " + path + ": " + e, e);
        }
    }

    /** Closes, and forces what was mapped. */
    @Override
    public void close() throws IOException {
        guarded(() -> {
            db.close();
            return true;
        });
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
