/** Java processes of this program's own, spoken to a line at a time over their standard streams. Used by commands that need a server beside them. */
@NullMarked
package wavegate.server.child;

import org.jspecify.annotations.NullMarked;
