/**
 * The view and the raw telemetry in MapDB files. Neither is the truth: a file that was not closed cleanly, or does not pass its checks, is
 * deleted, and the view is rebuilt from the ledger. The view is written on {@code rollout-0}, telemetry on {@code telemetry-0}; reads come
 * from any thread.
 */
@NullMarked
package wavegate.server.store.mapdb;

import org.jspecify.annotations.NullMarked;
