package wavegate.server.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.LedgerFailure;

/**
 * Makes a snapshot from the one before and the facts since, without the state that the rollout thread holds. It goes over those facts three times: for the
 * devices that were removed, for the latest of each key, and to write them. Memory is some 80 bytes per fact since the snapshot before.
 */
final class SnapshotFold {
    /** Asked to stop: nothing was made, nothing is wrong. */
    static final class Stopped extends IOException {
        Stopped() {
            super("stopped");
        }
    }

    private record Key(long high, long low) {}

    private static final int LOOK_EVERY = 256;
    private static final byte[] REMOVAL = "{\"v\":1,\"type\":\"DeviceRemoved\"".getBytes(StandardCharsets.UTF_8);

    private final Position from;
    private final BooleanSupplier stopping;
    private final FactCodec codec = new FactCodec();
    private final MessageDigest digest = Sha256.newDigest();

    private final LatestKeys latest;
    private final long[] keys;
    private final byte[] kinds;
    private final BitSet marked = new BitSet();
    private final BitSet marking = new BitSet();
    /** Keys whose latest fact leaves a mark. */
    private final Set<Key> marksNext = new HashSet<>();

    private final Set<Endpoint> removed = new HashSet<>();

    private SnapshotFold(Position from, long until, BooleanSupplier stopping) {
        this.from = from;
        this.stopping = stopping;
        int facts = Math.toIntExact(until - from.sequence());
        latest = new LatestKeys(facts);
        keys = new long[2 * facts];
        kinds = new byte[facts];
    }

    /**
     * @param until sequence of the last fact of a batch, after the snapshot before
     * @param stopping asked now and then
     * @throws Stopped if it said so
     * @throws LedgerFailure if the facts do not follow the snapshot before
     */
    static Path fold(
            Disk disk,
            Path directory,
            LedgerFiles files,
            UUID chain,
            Optional<SnapshotFile> before,
            long until,
            BooleanSupplier stopping)
            throws IOException {
        Position from = before.map(SnapshotFile::position).orElse(Position.BEGINNING);
        SnapshotFold fold = new SnapshotFold(from, until, stopping);
        if (before.isPresent()) {
            before.get().read(item -> {
                if (item.hasKey() && item.is(SnapshotFormat.MARKS_NEXT)) {
                    fold.marksNext.add(new Key(item.keyHigh(), item.keyLow()));
                }
            });
        }
        SegmentWalk.walk(files, from, until, (reader, hash) -> fold.findRemoval(reader));
        Position end = SegmentWalk.walk(files, from, until, (reader, hash) -> fold.learn(reader));
        try (SnapshotWriter writer = new SnapshotWriter(disk, directory, until, chain)) {
            if (before.isPresent()) {
                before.get().read(item -> fold.carry(item, writer));
            }
            SegmentWalk.walk(files, from, until, (reader, hash) -> fold.write(reader, writer));
            return writer.finish(end);
        }
    }

    private int index(long sequence) throws Stopped {
        int index = (int) (sequence - from.sequence() - 1);
        lookUp(index);
        return index;
    }

    private void lookUp(int index) throws Stopped {
        if (index % LOOK_EVERY == 0 && stopping.getAsBoolean()) {
            throw new Stopped();
        }
    }

    private void findRemoval(SegmentReader reader) throws IOException {
        index(reader.sequence());
        if (reader.payloadBegins(REMOVAL)
                && decode(reader.sequence(), reader.payload()) instanceof Fact.DeviceRemoved fact) {
            removed.add(fact.endpoint());
        }
    }

    private Fact decode(long sequence, byte[] payload) {
        try {
            return codec.decode(payload);
        } catch (MalformedFact e) {
            throw new LedgerFailure("ledger fact " + sequence + " does not decode: " + e.getMessage(), e);
        }
    }

    private boolean isOfRemoved(Fact fact) {
        return FactKeys.about(fact).filter(removed::contains).isPresent();
    }

    private void learn(SegmentReader reader) throws IOException {
        int index = index(reader.sequence());
        Fact fact = decode(reader.sequence(), reader.payload());
        Optional<String> name = FactKeys.key(fact);
        if (name.isEmpty()) {
            kinds[index] = (byte) FactKeys.kind(fact, false);
            return;
        }
        ByteBuffer hashed = ByteBuffer.wrap(digest.digest(name.get().getBytes(StandardCharsets.UTF_8)));
        Key key = new Key(hashed.getLong(), hashed.getLong());
        keys[2 * index] = key.high();
        keys[2 * index + 1] = key.low();
        latest.put(key.high(), key.low(), reader.sequence());
        boolean follows = marksNext.remove(key);
        boolean marks = FactKeys.leavesMark(fact, follows);
        if (marks) {
            marksNext.add(key);
        }
        kinds[index] = (byte) FactKeys.kind(fact, follows);
        marked.set(index, marks || follows || isOfRemoved(fact));
        marking.set(index, marks);
    }

    private void carry(SnapshotFormat.Item item, SnapshotWriter writer) throws IOException {
        lookUp((int) item.sequence() & Integer.MAX_VALUE);
        boolean keep = item.is(SnapshotFormat.MARKED)
                || (!removed.isEmpty() && item.hasKey() && isOfRemoved(decode(item.sequence(), item.payload())));
        if (!item.hasKey() || latest.get(item.keyHigh(), item.keyLow()) == 0) {
            writer.put(keep ? item.marked() : item);
        } else if (keep) {
            writer.put(item.hidden());
        }
    }

    private void write(SegmentReader reader, SnapshotWriter writer) throws IOException {
        int index = index(reader.sequence());
        long high = keys[2 * index];
        long low = keys[2 * index + 1];
        int flags =
                (marked.get(index) ? SnapshotFormat.MARKED : 0) | (marking.get(index) ? SnapshotFormat.MARKS_NEXT : 0);
        boolean keyed = high != 0 || low != 0;
        if (!keyed || latest.get(high, low) == reader.sequence()) {
            writer.put(new SnapshotFormat.Item(kinds[index], reader.sequence(), flags, high, low, reader.payload()));
        } else if (marked.get(index)) {
            writer.put(new SnapshotFormat.Item(kinds[index], reader.sequence(), flags, 0, 0, reader.payload()));
        }
    }
}
