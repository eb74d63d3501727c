/**
 * The log as a part that devices must not be able to fill, forge or hide in. Named in {@code logback.xml}; runs on whatever thread logs.
 */
@NullMarked
package wavegate.server.log;

import org.jspecify.annotations.NullMarked;
