/**
 * Health reports from an MQTT 5 broker. The client's own threads take messages and hand them to the intake, which never waits; one thread of this
 * package connects, and connects again.
 */
@NullMarked
package wavegate.server.mqtt;

import org.jspecify.annotations.NullMarked;
