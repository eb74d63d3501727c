/** What networks do to datagrams: loss, duplication, delay and reordering, all from one seed. Used by the fleet's loop thread. */
@NullMarked
package wavegate.sim.fault;

import org.jspecify.annotations.NullMarked;
