/**
 * What is said to a device in one bootstrap session: what it is asked, what its Discover means, and the Deletes and Writes that follow. Pure:
 * no sockets, clocks or threads; a {@link wavegate.bootstrap.plan.Dialogue} belongs to one session and whoever steps it holds its lock.
 */
@NullMarked
package wavegate.bootstrap.plan;

import org.jspecify.annotations.NullMarked;
