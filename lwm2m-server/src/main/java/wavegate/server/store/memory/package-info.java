/** The ports in memory: for simulation, for tests, and for a server that is to leave nothing behind. Threads as the ports say. */
@NullMarked
package wavegate.server.store.memory;

import org.jspecify.annotations.NullMarked;
