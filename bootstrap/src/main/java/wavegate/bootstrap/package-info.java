/** The LwM2M bootstrap server: a device comes with a key and leaves with its server account. */
@NullMarked
package wavegate.bootstrap;

import org.jspecify.annotations.NullMarked;
