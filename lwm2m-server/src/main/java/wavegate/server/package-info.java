/** Wiring: the one place where adapters are made and started. */
@NullMarked
package wavegate.server;

import org.jspecify.annotations.NullMarked;
