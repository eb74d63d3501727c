package wavegate.server.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.Ledger;
import wavegate.server.rollout.LedgerFailure;
import wavegate.server.rollout.Recorded;

/**
 * The ledger as segments of 64 MiB in a directory, each named for its first sequence; {@link SegmentHeader} and {@link RecordFormat} say what
 * is in them. A batch is written in one loop and forced once, its commit record last. Opening reads and checks every record of the chain; see
 * {@link LedgerScan} for what is cut and what is refused. After a failed write or fsync nothing more is written: what reached the disk is found
 * out at the next start.
 */
public final class FileLedger implements Ledger {
    static final long SEGMENT_BYTES = 64L << 20;
    private static final int KEPT_BUFFER = 4 << 20;
    private static final int WRITE_SLICE = 1 << 20;
    private static final Logger log = LoggerFactory.getLogger(FileLedger.class);

    private final LedgerFiles files;
    private final Path directory;
    private final Disk disk;
    private final long segmentBytes;
    private final LedgerLock lock;
    private final UUID chain;
    private final Optional<TornTail> tornTail;
    private final Optional<SnapshotFile> snapshot;
    private final Watermark watermark;
    private final FactCodec codec = new FactCodec();
    private final MessageDigest digest = Sha256.newDigest();

    private Disk.OpenFile segment;
    private long position;
    private byte[] lastHash;
    private MerkleTree.Peaks peaks;
    private volatile long lastSequence;
    private byte[] buffer = new byte[1 << 16];
    private Optional<Throwable> failed = Optional.empty();

    private FileLedger(Options options, Disk disk, long segmentBytes, LedgerLock lock, RandomGenerator random)
            throws IOException {
        this.files = options.files();
        this.directory = files.directory();
        this.disk = disk;
        this.segmentBytes = segmentBytes;
        this.lock = lock;
        deleteUnfinishedSegments();
        OpenedLedger opened = OpenedLedger.read(files, options.witnesses());
        snapshot = opened.snapshot();
        Optional<LedgerScan.Result> found = opened.scan();
        if (found.isPresent()) {
            LedgerScan.Result scan = found.get();
            chain = scan.chain();
            tornTail = scan.tornTail();
            lastHash = scan.lastHash();
            peaks = scan.tree();
            lastSequence = scan.lastSequence();
            segment = disk.open(scan.segments().get(scan.segments().size() - 1), false);
            position = scan.end();
            if (tornTail.isPresent()) {
                cut(tornTail.get());
            }
        } else {
            chain = new UUID(random.nextLong(), random.nextLong());
            tornTail = Optional.empty();
            lastHash = new byte[RecordFormat.HASH];
            peaks = MerkleTree.Peaks.EMPTY;
            segment = create(1);
            position = SegmentHeader.SIZE;
        }
        watermark = Watermark.open(disk, directory, chain);
        // Both slots now, so that a commit never has to allocate disk space for its mark.
        watermark.write(lastSequence, lastHash);
        watermark.write(lastSequence, lastHash);
    }

    /**
     * Opens a ledger, or begins one where there is none.
     *
     * @param random gives the chain id of a new ledger
     * @throws LedgerFailure if it is open elsewhere, or holds anything but whole batches and a torn tail; says file, offset and reason
     */
    public static FileLedger open(Path directory, RandomGenerator random) {
        return open(Options.of(directory), random);
    }

    /** As {@link #open(Path, RandomGenerator)}, with an archive and with checkpoints that the ledger must agree with. */
    public static FileLedger open(Options options, RandomGenerator random) {
        return open(options, random, new FileDisk(), SEGMENT_BYTES);
    }

    static FileLedger open(Path directory, RandomGenerator random, Disk disk, long segmentBytes) {
        return open(Options.of(directory), random, disk, segmentBytes);
    }

    static FileLedger open(Options options, RandomGenerator random, Disk disk, long segmentBytes) {
        Path directory = options.files().directory();
        try {
            Files.createDirectories(directory);
            LedgerLock lock = LedgerLock.take(directory);
            try {
                return new FileLedger(options, disk, segmentBytes, lock, random);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new LedgerFailure("ledger " + directory + " cannot be opened: " + e, e);
        }
    }

    /**
     * Where a ledger is and what it must agree with.
     *
     * @param archive where older segments were moved to
     * @param witnesses checkpoints read back from where they are kept
     */
    public record Options(Path directory, Optional<Path> archive, List<Checkpoint.Witness> witnesses) {
        public Options {
            witnesses = List.copyOf(witnesses);
        }

        public static Options of(Path directory) {
            return new Options(directory, Optional.empty(), List.of());
        }

        LedgerFiles files() {
            return new LedgerFiles(directory, archive);
        }
    }

    /** Tells this ledger from every other, for those who keep something derived from it. */
    public UUID chainId() {
        return chain;
    }

    /** What was cut off when the ledger was opened. */
    public Optional<TornTail> tornTail() {
        return tornTail;
    }

    @Override
    public long lastSequence() {
        return lastSequence;
    }

    /** @throws IllegalArgumentException if the batch is larger than 16 MiB; nothing is written then and the ledger stays usable */
    @Override
    public synchronized List<Recorded> commit(List<Fact> facts) {
        if (failed.isPresent()) {
            throw new LedgerFailure("ledger " + directory + " takes no more commits: " + failed.get(), failed.get());
        }
        if (facts.isEmpty()) {
            return List.of();
        }
        List<Recorded> batch = encode(facts);
        int length = batchLength(batch);
        if (buffer.length < length) {
            buffer = new byte[length];
        }
        try {
            if (position + length > segmentBytes && position > SegmentHeader.SIZE) {
                roll();
            }
            MerkleTree tree = new MerkleTree(peaks);
            byte[] hash = frame(batch, tree);
            write(length);
            segment.force(false);
            watermark.write(lastSequence + batch.size(), hash);
            position += length;
            lastHash = hash;
            peaks = tree.peaks();
            lastSequence += batch.size();
        } catch (IOException | RuntimeException e) {
            failed = Optional.of(e);
            throw new LedgerFailure(
                    "ledger " + directory + ": commit of facts " + (lastSequence + 1) + " to "
                            + (lastSequence + batch.size()) + " failed: " + e,
                    e);
        }
        if (buffer.length > KEPT_BUFFER) {
            buffer = new byte[1 << 16];
        }
        return batch;
    }

    private List<Recorded> encode(List<Fact> facts) {
        List<Recorded> batch = new ArrayList<>(facts.size());
        for (Fact fact : facts) {
            batch.add(new Recorded(lastSequence + 1 + batch.size(), fact, codec.encode(fact)));
        }
        return List.copyOf(batch);
    }

    private static int batchLength(List<Recorded> batch) {
        long length = RecordFormat.COMMIT_RECORD;
        for (Recorded each : batch) {
            length += RecordFormat.PAYLOAD_AT + each.payload().length;
        }
        if (length > RecordFormat.MAX_BATCH) {
            throw new IllegalArgumentException("ledger batch of " + batch.size() + " facts, " + length
                    + " bytes (expected: at most " + RecordFormat.MAX_BATCH + ")");
        }
        return (int) length;
    }

    /** Lays the batch out in the buffer. Returns the hash of its commit record. */
    private byte[] frame(List<Recorded> batch, MerkleTree tree) {
        byte[] hash = lastHash;
        int at = 0;
        for (Recorded each : batch) {
            byte[] payload = each.payload();
            System.arraycopy(payload, 0, buffer, at + RecordFormat.PAYLOAD_AT, payload.length);
            int length = RecordFormat.frame(buffer, at, RecordFormat.FACT, each.sequence(), hash, payload.length);
            hash = hash(at, length);
            tree.append(hash);
            at += length;
        }
        ByteBuffer.wrap(buffer, at + RecordFormat.PAYLOAD_AT, RecordFormat.COMMIT_PAYLOAD)
                .putInt(batch.size())
                .putLong(lastSequence + 1);
        int length = RecordFormat.frame(
                buffer, at, RecordFormat.COMMIT, lastSequence + batch.size(), hash, RecordFormat.COMMIT_PAYLOAD);
        return hash(at, length);
    }

    private byte[] hash(int at, int length) {
        digest.update(buffer, at, length);
        byte[] hash = new byte[RecordFormat.HASH];
        try {
            digest.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 is 32 bytes", e);
        }
        return hash;
    }

    /** In slices: the JDK keeps a direct buffer of the largest size it was ever given, per thread. */
    private void write(int length) throws IOException {
        for (int at = 0; at < length; at += WRITE_SLICE) {
            segment.writeFully(ByteBuffer.wrap(buffer, at, Math.min(WRITE_SLICE, length - at)), position + at);
        }
    }

    private void roll() throws IOException {
        Disk.OpenFile next = create(lastSequence + 1);
        segment.close();
        segment = next;
        position = SegmentHeader.SIZE;
        log.info("ledger segment={} opened", SegmentHeader.fileName(lastSequence + 1));
    }

    /** Under another name until its header is durable: a segment that has its name has a whole header. */
    private Disk.OpenFile create(long firstSequence) throws IOException {
        Path path = directory.resolve(SegmentHeader.fileName(firstSequence));
        Path unfinished = directory.resolve(path.getFileName() + ".new");
        Disk.OpenFile file = disk.open(unfinished, true);
        file.writeFully(ByteBuffer.wrap(new SegmentHeader(chain, firstSequence, lastHash).bytes()), 0);
        file.force(true);
        disk.rename(unfinished, path);
        disk.forceDirectory(directory);
        return file;
    }

    private void deleteUnfinishedSegments() throws IOException {
        List<Path> unfinished;
        try (Stream<Path> files = Files.list(directory)) {
            unfinished = files.filter(file -> file.getFileName().toString().endsWith(".wgl.new"))
                    .toList();
        }
        for (Path file : unfinished) {
            disk.delete(file);
        }
    }

    private void cut(TornTail tail) throws IOException {
        segment.truncate(tail.offset());
        segment.force(true);
        log.warn("ledger torn tail cut, never acknowledged: {}", tail);
    }

    /** Where it ends: all that was committed so far. Any thread. */
    synchronized Position position() {
        return new Position(lastSequence, lastHash, peaks);
    }

    Disk disk() {
        return disk;
    }

    LedgerFiles files() {
        return files;
    }

    /** The snapshot it was opened from: of all that lies before it, the ledger itself was not read. */
    Optional<SnapshotFile> snapshot() {
        return snapshot;
    }

    @Override
    public long rebuildFacts() {
        return snapshot.map(
                        from -> from.facts() + lastSequence - from.position().sequence())
                .orElse(lastSequence);
    }

    @Override
    public void rebuild(Consumer<Recorded> consumer) {
        if (snapshot.isPresent()) {
            SnapshotFile from = snapshot.get();
            try {
                from.read(item -> consumer.accept(new Recorded(
                        item.sequence(), decode(from.path(), item.sequence(), item.payload()), item.payload())));
            } catch (IOException e) {
                throw new LedgerFailure("ledger " + directory + " cannot be read: " + e, e);
            }
        }
        replay(snapshot.map(from -> from.position().sequence()).orElse(0L), consumer);
    }

    @Override
    public void replay(long afterSequence, Consumer<Recorded> consumer) {
        long until = lastSequence;
        if (afterSequence >= until) {
            return;
        }
        try {
            for (Path each : files.from(afterSequence + 1)) {
                replay(each, afterSequence, until, consumer);
            }
        } catch (IOException e) {
            throw new LedgerFailure("ledger " + directory + " cannot be read: " + e, e);
        }
    }

    private void replay(Path path, long after, long until, Consumer<Recorded> consumer) throws IOException {
        if (LedgerFiles.firstSequence(path) > until) {
            return;
        }
        try (SegmentReader reader = new SegmentReader(path)) {
            reader.header();
            long sequence = 0;
            SegmentReader.Found found = SegmentReader.Found.RECORD;
            while (sequence < until && found == SegmentReader.Found.RECORD) {
                found = reader.next();
                if (found == SegmentReader.Found.RECORD && !reader.isCommit()) {
                    sequence = reader.sequence();
                    if (sequence > after && sequence <= until) {
                        byte[] payload = reader.payload();
                        consumer.accept(new Recorded(sequence, decode(path, sequence, payload), payload));
                    }
                }
            }
            if (found == SegmentReader.Found.BROKEN) {
                throw new LedgerFailure("ledger " + path + " at offset " + reader.offset() + ": " + reader.fault());
            }
        }
    }

    private Fact decode(Path path, long sequence, byte[] payload) {
        try {
            return codec.decode(payload);
        } catch (MalformedFact e) {
            throw new LedgerFailure("ledger " + path + ": fact " + sequence + ": " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        if (failed.isEmpty()) {
            failed = Optional.of(new IllegalStateException("closed"));
        }
        Disk.OpenFile open = segment;
        try (lock;
                watermark;
                open) {
            log.debug("ledger sequence={} closed", lastSequence);
        } catch (IOException e) {
            throw new LedgerFailure("ledger " + directory + " did not close: " + e, e);
        }
    }
}
