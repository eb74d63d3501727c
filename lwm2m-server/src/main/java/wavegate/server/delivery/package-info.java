/**
 * Moves bytes and orders to devices: one errand at a time for each device, a Block1 sender that holds one block, a Block2 resource that holds
 * nothing, and the fence as the last layer before the wire. Called on the rollout thread; answers arrive on CoAP protocol threads and go to the
 * inbox.
 */
@NullMarked
package wavegate.server.delivery;

import org.jspecify.annotations.NullMarked;
