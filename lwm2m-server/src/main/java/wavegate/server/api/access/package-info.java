/**
 * Who may call the API: tokens of this server, kept as digests, and tokens of an identity provider. Knows nothing of HTTP. Checks may come from
 * any thread; what changes the tokens or may fetch keys waits for a disk or a network and belongs on a worker.
 */
@NullMarked
package wavegate.server.api.access;

import org.jspecify.annotations.NullMarked;
