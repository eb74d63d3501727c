/**
 * Hands out images over HTTP/1.1 and HTTPS: the same secret paths, fence and checked artifacts as over CoAP, with ranges. Each listener has an event
 * loop of its own and a worker that reads disks.
 */
@NullMarked
package wavegate.server.delivery.http;

import org.jspecify.annotations.NullMarked;
