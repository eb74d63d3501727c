/** Virtual modules for load and failure tests: the entry point and the fleet. */
@NullMarked
package wavegate.sim;

import org.jspecify.annotations.NullMarked;
