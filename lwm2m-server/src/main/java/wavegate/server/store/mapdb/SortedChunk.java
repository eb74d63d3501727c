package wavegate.server.store.mapdb;

import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;

/** Collects entries in memory while the ledger is replayed: of many values of one key only the last reaches the file, and keys reach it in order. */
final class SortedChunk implements ViewWriter.Target {
    /** An entry to be, or the wish to remove one. */
    private record Change(long sequence, Optional<byte[]> payload) {}

    private static final int LIMIT = 100_000;
    /** Most payload bytes held: gate decisions carry whole waves of evidence. */
    private static final long BYTE_LIMIT = 128L << 20;

    private final ViewWriter.Target file;
    private final TreeMap<byte[], Change> changes = new TreeMap<>(Arrays::compareUnsigned);
    private long bytes;

    SortedChunk(ViewWriter.Target file) {
        this.file = file;
    }

    @Override
    public boolean put(byte[] key, long sequence, byte[] payload) {
        bytes += payload.length;
        return changes.put(key, new Change(sequence, Optional.of(payload))) == null;
    }

    @Override
    public void remove(byte[] key) {
        changes.put(key, new Change(0, Optional.empty()));
    }

    boolean isFull() {
        return changes.size() >= LIMIT || bytes >= BYTE_LIMIT;
    }

    void flush() {
        changes.forEach((key, change) -> change.payload()
                .ifPresentOrElse(payload -> file.put(key, change.sequence(), payload), () -> file.remove(key)));
        changes.clear();
        bytes = 0;
    }
}
