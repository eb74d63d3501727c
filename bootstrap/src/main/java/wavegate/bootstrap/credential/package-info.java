/**
 * Who may speak, and with what: the credentials of devices, kept sealed with a key that lies elsewhere. Lookups answer from memory on any
 * thread, handshake threads above all; changes are durable when they return.
 */
@NullMarked
package wavegate.bootstrap.credential;

import org.jspecify.annotations.NullMarked;
