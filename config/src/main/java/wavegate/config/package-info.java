/** Typed settings: YAML and environment become records, checked as a whole before anything starts. */
@NullMarked
package wavegate.config;

import org.jspecify.annotations.NullMarked;
