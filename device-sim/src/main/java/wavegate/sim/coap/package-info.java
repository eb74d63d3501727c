/**
 * Datagrams and their encoding: many local addresses behind one interface, and CoAP messages to and from bytes. Everything here is used by
 * the fleet's one loop thread; nothing is thread-safe.
 */
@NullMarked
package wavegate.sim.coap;

import org.jspecify.annotations.NullMarked;
