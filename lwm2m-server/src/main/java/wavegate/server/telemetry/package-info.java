/**
 * What devices say of their health, by Send or by notification, as health reports: stored, and offered to the loop where a gate waits for them.
 * Runs on CoAP protocol threads and never blocks there.
 */
@NullMarked
package wavegate.server.telemetry;

import org.jspecify.annotations.NullMarked;
