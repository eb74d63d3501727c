/**
 * The loop and its ports. One thread, {@code rollout-0}, takes inputs from a bounded inbox, asks the pure machines, commits a batch of turns
 * to the ledger, applies it to the view, and only then sends. Knows nothing of Leshan, MapDB or Vert.x.
 */
@NullMarked
package wavegate.server.rollout;

import org.jspecify.annotations.NullMarked;
