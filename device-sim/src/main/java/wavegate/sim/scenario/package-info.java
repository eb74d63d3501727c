/** What kind of fleet runs: scenarios as typed records, and the reader of their YAML files. */
@NullMarked
package wavegate.sim.scenario;

import org.jspecify.annotations.NullMarked;
