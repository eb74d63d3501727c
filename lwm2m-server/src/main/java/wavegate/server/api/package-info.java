/**
 * The management API and the live page on Vert.x. Event loops parse and answer; whatever may wait, the store and orders, runs on named worker
 * threads ({@code api}, {@code api-upload}, {@code api-stop}). Points only at {@code rollout} and the core.
 */
@NullMarked
package wavegate.server.api;

import org.jspecify.annotations.NullMarked;
