package wavegate.server.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.rollout.LedgerFailure;

/**
 * What is read when a ledger is opened: the newest snapshot that is whole, and every record after it. A damaged snapshot costs time, not facts: the
 * one before it serves, or the whole ledger.
 *
 * @param scan empty if there is no ledger yet
 */
record OpenedLedger(Optional<SnapshotFile> snapshot, Optional<LedgerScan.Result> scan) {
    private static final Logger log = LoggerFactory.getLogger(OpenedLedger.class);

    static OpenedLedger read(LedgerFiles files, List<Checkpoint.Witness> witnesses) throws IOException {
        for (Path path : Snapshots.files(files.directory())) {
            SnapshotFile snapshot;
            try {
                snapshot = SnapshotFile.open(path);
            } catch (SnapshotFile.Damaged e) {
                log.warn(
                        "ledger snapshot cannot be used, an older one or the whole ledger is read: {}", e.getMessage());
                continue;
            }
            return of(files, Optional.of(snapshot), witnesses);
        }
        return of(files, Optional.empty(), witnesses);
    }

    private static OpenedLedger of(
            LedgerFiles files, Optional<SnapshotFile> snapshot, List<Checkpoint.Witness> witnesses) throws IOException {
        Optional<LedgerScan.Result> scan =
                LedgerScan.of(files, new LedgerScan.Against(snapshot, witnesses), Optional.empty());
        if (scan.isPresent()) {
            if (snapshot.isPresent()
                    && !snapshot.get().chain().equals(scan.get().chain())) {
                throw new LedgerFailure("ledger refused: " + files + " is of chain "
                        + scan.get().chain() + ", but " + snapshot.get().path() + " of "
                        + snapshot.get().chain());
            }
            snapshot.ifPresent(from -> warnOfEarlier(from, witnesses));
            snapshot.ifPresent(from -> log.info(
                    "ledger opened snapshot={} facts={} tail={}",
                    from.position().sequence(),
                    from.facts(),
                    scan.get().lastSequence() - from.position().sequence()));
        }
        return new OpenedLedger(snapshot, scan);
    }

    private static void warnOfEarlier(SnapshotFile snapshot, List<Checkpoint.Witness> witnesses) {
        for (Checkpoint.Witness witness : witnesses) {
            if (witness.checkpoint().size() < snapshot.position().sequence()) {
                log.warn(
                        "ledger was not measured against {}: what lies before snapshot={} is not read at a start; ledger verify --checkpoint reads it",
                        witness,
                        snapshot.position().sequence());
            }
        }
    }
}
