/**
 * Health that reaches the server by other roads than LwM2M: what one report looks like, and where it goes once it is believed. Used by the API and by
 * MQTT, on their threads.
 */
@NullMarked
package wavegate.server.ingest;

import org.jspecify.annotations.NullMarked;
