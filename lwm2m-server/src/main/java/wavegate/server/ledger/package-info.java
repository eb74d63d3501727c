/**
 * The ledger on disk: append-only segments of hash-chained records, the encoding of facts in them, and the reading tools. Written on
 * {@code rollout-0} alone; {@link wavegate.server.ledger.FileLedger#lastSequence}, {@link wavegate.server.ledger.FileLedger#replay} and the
 * verifier may be called from any thread.
 */
@NullMarked
package wavegate.server.ledger;

import org.jspecify.annotations.NullMarked;
