/** A device as the fleet knows it: its endpoint, identity, labels and firmware, and filters over them. */
@NullMarked
package wavegate.firmware.device;

import org.jspecify.annotations.NullMarked;
