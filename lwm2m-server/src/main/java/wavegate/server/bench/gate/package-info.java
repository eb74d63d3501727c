/**
 * The test bench of the gate: whole waves of simulated devices, whose reports go through the same tracks, evidence book and gate as those of real
 * ones, beside the rules others gate by on the same reports. Pure but for the threads the campaigns are spread over.
 */
@NullMarked
package wavegate.server.bench.gate;

import org.jspecify.annotations.NullMarked;
