/**
 * What stands between a socket and the CoAP or DTLS stack: who is let in when more arrives than can be served, and what is kept of it. Buckets,
 * memories and gates are pure, their time is given in; the connectors call them on their receiving threads, before anything is parsed.
 */
@NullMarked
package wavegate.server.registration.limit;

import org.jspecify.annotations.NullMarked;
