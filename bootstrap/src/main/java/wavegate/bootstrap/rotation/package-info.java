/**
 * Credential rotations: many devices are asked to bootstrap again, at a pace. What they are and who is in them is kept in a journal; how far they
 * are is read from the credential store, so a restart loses neither. Steps once a second on a timer's thread; reads from any.
 */
@NullMarked
package wavegate.bootstrap.rotation;

import org.jspecify.annotations.NullMarked;
