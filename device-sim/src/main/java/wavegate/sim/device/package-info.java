/**
 * One virtual module, pure: it is handed the time, the randomness and every datagram, and says what it sends and when it wants to be woken.
 * No threads, sockets or clocks; one thread at a time.
 */
@NullMarked
package wavegate.sim.device;

import org.jspecify.annotations.NullMarked;
