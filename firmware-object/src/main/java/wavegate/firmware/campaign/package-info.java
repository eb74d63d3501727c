/** A campaign, its waves and their membership, and the table that moves them. Pure; called on the rollout thread. */
@NullMarked
package wavegate.firmware.campaign;

import org.jspecify.annotations.NullMarked;
