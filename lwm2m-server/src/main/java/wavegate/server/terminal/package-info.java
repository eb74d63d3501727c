/**
 * The version server: terminals (data modems, hotspots, routers) that do not register but ask, after each start and then as often as they are
 * told, whether a newer version exists. A question carries what a burst of reads would bring, an answer what the writes would: the update machine
 * is the same as for modules. Questions come on CoAP and HTTP threads, commands on the rollout thread; what they share is thread-safe.
 */
@NullMarked
package wavegate.server.terminal;

import org.jspecify.annotations.NullMarked;
