/** The server's LwM2M side against real devices over loopback: a Leshan client and hand-driven Californium endpoints. */
@NullMarked
package wavegate.server.loopback;

import org.jspecify.annotations.NullMarked;
