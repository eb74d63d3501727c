package wavegate.server.ledger;

import java.util.Optional;

/**
 * What a check of a ledger found.
 *
 * @param chain id; empty if there is no ledger
 * @param records facts in whole batches
 * @param lastHash SHA-256 of the last commit record, 64 hex digits; empty if there is none
 * @param bytes of all segments, a torn tail left out
 * @param tornTail rest of a batch that was never acknowledged; will be cut at the next start
 * @param fault why the ledger is refused, with file and offset, or which fact does not decode; empty if it is sound. With a fault the figures are zero
 */
public record LedgerReport(
        String chain,
        long records,
        long batches,
        int segments,
        String lastHash,
        long bytes,
        Optional<TornTail> tornTail,
        Optional<String> fault) {

    public boolean sound() {
        return fault.isEmpty();
    }

    static LedgerReport refused(String fault) {
        return new LedgerReport("", 0, 0, 0, "", 0, Optional.empty(), Optional.of(fault));
    }
}
