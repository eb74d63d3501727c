/** Object 5 (Firmware Update) as OMA writes it: resource ids, State, Update Result, and the legal transitions. Shared by server and simulator. */
@NullMarked
package wavegate.firmware.object;

import org.jspecify.annotations.NullMarked;
