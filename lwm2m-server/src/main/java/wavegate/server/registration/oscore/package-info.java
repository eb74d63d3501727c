/**
 * OSCORE (RFC 8613) over plain UDP, around cf-oscore, whose encryption it uses and whose context store, replay window and trust in unprotected
 * answers it does not. Layers and contexts work on CoAP protocol threads.
 */
@NullMarked
package wavegate.server.registration.oscore;

import org.jspecify.annotations.NullMarked;
