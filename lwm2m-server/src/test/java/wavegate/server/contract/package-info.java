/** One abstract test per port, run by every adapter, and the random facts they are fed with. */
@NullMarked
package wavegate.server.contract;

import org.jspecify.annotations.NullMarked;
