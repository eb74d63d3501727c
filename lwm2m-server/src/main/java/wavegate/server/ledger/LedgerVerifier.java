package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import wavegate.server.rollout.LedgerFailure;

/** Reads a ledger, of a running server too, without changing a byte of it or taking its lock. */
public final class LedgerVerifier {
    private LedgerVerifier() {}

    /**
     * Checks every record, the chain from the first to the last, and that every fact decodes.
     *
     * @throws IOException if the directory cannot be read
     */
    public static LedgerReport verify(Path directory) throws IOException {
        return verify(FileLedger.Options.of(directory));
    }

    /**
     * As {@link #verify(Path)}, with what was moved to an archive, and against checkpoints.
     *
     * @throws IOException if a directory cannot be read
     */
    public static LedgerReport verify(FileLedger.Options ledger) throws IOException {
        Path directory = ledger.directory();
        FactCodec codec = new FactCodec();
        LedgerScan.Against against = new LedgerScan.Against(Optional.empty(), ledger.witnesses());
        try {
            return LedgerScan.of(
                            ledger.files(),
                            against,
                            Optional.of((sequence, payload) -> decode(codec, sequence, payload)))
                    .map(LedgerVerifier::report)
                    .orElseGet(() -> LedgerReport.refused("no ledger in " + directory));
        } catch (LedgerFailure e) {
            return LedgerReport.refused(String.valueOf(e.getMessage()));
        }
    }

    /**
     * What a ledger is now, checked from its newest snapshot on.
     *
     * @throws LedgerFailure if there is none or it would be refused
     * @throws IOException if a directory cannot be read
     */
    public static Checkpoint checkpoint(Path directory, Optional<Path> archive, Instant now) throws IOException {
        Optional<SnapshotFile> snapshot =
                Snapshots.newest(directory, 1).whole().stream().findFirst();
        LedgerScan.Result scan = LedgerScan.of(
                        new LedgerFiles(directory, archive),
                        new LedgerScan.Against(snapshot, List.of()),
                        Optional.empty())
                .orElseThrow(() -> new LedgerFailure("no ledger in " + directory));
        return new Checkpoint(scan.chain(), scan.lastSequence(), scan.tree().root(), scan.lastHash(), now);
    }

    private static void decode(FactCodec codec, long sequence, byte[] payload) {
        try {
            codec.decode(payload);
        } catch (MalformedFact e) {
            throw new LedgerFailure("ledger refused: fact " + sequence + " does not decode: " + e.getMessage(), e);
        }
    }

    private static LedgerReport report(LedgerScan.Result scan) {
        return new LedgerReport(
                scan.chain().toString(),
                scan.lastSequence(),
                scan.batches(),
                scan.segments().size(),
                scan.batches() == 0 ? "" : HexFormat.of().formatHex(scan.lastHash()),
                scan.bytes(),
                scan.tornTail(),
                Optional.empty());
    }

    /**
     * Writes one line per fact: {@code {"seq":1,"v":1,"type":"DeviceChanged","at":...}}, which is the stored encoding with its sequence before
     * it. The whole chain is checked first, so that nothing of a ledger that would be refused is given out.
     *
     * @return how many facts were written
     * @throws LedgerFailure if the ledger would be refused
     * @throws IOException if reading or writing fails
     */
    public static long export(Path directory, Writer to) throws IOException {
        long last = LedgerScan.of(directory, Optional.empty())
                .map(LedgerScan.Result::lastSequence)
                .orElseThrow(() -> new LedgerFailure("no ledger in " + directory));
        try {
            LedgerScan.of(directory, Optional.of((sequence, payload) -> {
                if (sequence <= last) {
                    writeLine(to, sequence, payload);
                }
            }));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        to.flush();
        return last;
    }

    private static void writeLine(Writer to, long sequence, byte[] payload) {
        try {
            to.write("{\"seq\":" + sequence + ",");
            to.write(new String(payload, 1, payload.length - 1, UTF_8));
            to.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
