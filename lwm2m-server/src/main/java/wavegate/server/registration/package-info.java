/**
 * The LwM2M endpoints and who may register at them: sockets, credentials, checks of what a Register carries, and the live registrations. Its
 * listener runs on CoAP protocol threads, where it translates and offers to the inbox and does nothing else.
 */
@NullMarked
package wavegate.server.registration;

import org.jspecify.annotations.NullMarked;
