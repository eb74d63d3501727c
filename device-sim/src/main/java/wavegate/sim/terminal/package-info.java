/**
 * Virtual terminals: devices without an LwM2M client that ask a version server for themselves, download into flash, restart and tell how it
 * went. Stepped by one thread of their own, beside the modules.
 */
@NullMarked
package wavegate.sim.terminal;

import org.jspecify.annotations.NullMarked;
