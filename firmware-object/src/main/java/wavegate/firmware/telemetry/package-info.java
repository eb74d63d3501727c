/** What devices say of their health, and what of it a gate may use: readings, first events, rates before and after. Pure. */
@NullMarked
package wavegate.firmware.telemetry;

import org.jspecify.annotations.NullMarked;
